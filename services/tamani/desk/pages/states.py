"""What became of a notice, as badges: a word, a tone, and the sentence that explains it. Never colour alone."""

from dataclasses import dataclass
from datetime import datetime

from tamani.core.trust.stands import SUSPECT
from tamani.desk.pages.languages import plain as _
from tamani.desk.rows import Notice
from tamani.desk.threads import Story


@dataclass(frozen=True, slots=True)
class Badge:
    """A state to show. `tone` is `stop`, `warn`, `good` or `calm`; texts are translated where they are shown."""

    word: str
    tone: str
    why: str


WITHDRAWN = Badge(_("Retiré"), "stop", _("L'organisme a retiré cet avis ; son contenu n'est plus montré."))
CANCELLED = Badge(_("Annulé"), "stop", _("L'organisme a annulé cet avis : ne vous y fiez plus."))
CONTESTED = Badge(
    _("Contesté"),
    "warn",
    _("Un autre contenu porte le même identifiant. Le premier reste affiché, en attendant une correction."),
)
REPLACED = Badge(_("Remplacé"), "warn", _("Une version plus récente de cet avis existe."))
EXPIRED = Badge(_("Expiré"), "calm", _("La durée de validité donnée par l'organisme est passée."))
CORRECTED = Badge(_("Corrigé"), "calm", _("L'organisme a publié une correction ; lisez-la dans l'historique."))
UPDATED = Badge(_("Mis à jour"), "calm", _("L'organisme a publié plusieurs versions ; vous lisez la dernière."))
HANDLED = Badge(_("Pris en main"), "good", _("Un organisme a répondu qu'il s'en occupe."))
NO_EFFECT = Badge(_("Sans effet"), "calm", _("Archivé, mais sans effet sur l'avis dont il parle."))
EXERCISE = Badge(_("Exercice"), "warn", _("Exercice : ce n'est pas une situation réelle."))
TEST = Badge(_("Essai"), "warn", _("Essai technique : ce n'est pas une situation réelle."))
LATE = Badge(_("Arrivé après expiration"), "warn", _("L'avis a été archivé après la fin de sa validité."))
AHEAD = Badge(
    _("Horloge en avance"), "warn", _("L'heure donnée par l'organisme est dans le futur ; celle de l'archive fait foi.")
)
SUSPECTED = Badge(
    _("Suspect"),
    "stop",
    _(
        "Rien ne prouve que cet avis existait avant la compromission de la clé qui l'a signé : "
        "vérifiez-le auprès de l'organisme."
    ),
)
STANDING = Badge(
    _("Antérieur"), "calm", _("Cet avis est antérieur à la compromission de la clé qui l'a signé : il fait foi.")
)
RENUMBERED = Badge(
    _("Numéro déjà pris"),
    "warn",
    _("Le numéro d'ordre de cet avis avait servi : un nœud restauré, ou quelqu'un qui a la clé de l'organisme."),
)
MARKS = {"late": LATE, "clock-ahead": AHEAD, "sequence-reused": RENUMBERED}
REASONS = {
    "not-the-originator": _("seul l'organisme qui a ouvert le fil peut le modifier"),
    "another-type": _("d'un autre type que l'avis qui a ouvert le fil"),
    "after-cancellation": _("le fil avait été annulé"),
    "nothing-to-withdraw": _("aucun avis à retirer"),
    "another-profile": _("d'une autre nature que l'avis qui a ouvert le fil"),
    "transition": _("ce changement n'était pas permis dans l'état où était le fil"),
    "not-expected": _("cet avis n'attendait pas une telle réponse"),
    "not-the-addressee": _("seul l'organisme à qui la demande est adressée peut y répondre"),
    "not-the-convener": _("seul l'organisme qui convoque peut en décider"),
    "own-words": _("nul ne soutient ses propres avis"),
    "no-such-action": _("le relevé ne charge cet organisme d'aucune action en ces termes"),
    "stage": _("cette étape ne suit pas la précédente, ou il lui manque une date ou une preuve"),
    "unknown-type": _("d'un type que ce site ne connaît pas encore"),
}


def badges(story: Story, notice: Notice, now: datetime) -> list[Badge]:
    """What to say of this notice, the gravest first."""
    state, index = story.state, notice.row.feed_index
    said = (
        (WITHDRAWN, story.hides(notice)),
        (SUSPECTED, SUSPECT in notice.row.marks),
        (CANCELLED, state.state == "cancelled" and not notice.row.system),
        (NO_EFFECT, index in state.no_effect),
        (REPLACED, index in state.history and not story.is_current(notice) and state.state != "withdrawn"),
        (CONTESTED, "contested" in notice.row.marks and state.contested),
        (EXERCISE, notice.event.data.get("status") == "Exercise"),
        (TEST, notice.event.data.get("status") == "Test"),
        (EXPIRED, notice.row.expirytime is not None and notice.row.expirytime <= now),
        (HANDLED, any(level == "handled" for _body, level, _index in state.acks) and story.is_current(notice)),
        (CORRECTED, bool(state.corrections) and story.is_current(notice)),
        (UPDATED, len(state.history) > 1 and story.is_current(notice)),
    )
    return [badge for badge, holds in said if holds] + [MARKS[m] for m in notice.row.marks if m in MARKS]
