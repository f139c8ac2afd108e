"""What a page says of the registry: that nobody has renewed it, and why, by whose decision, a key is suspect."""

from tamani.core.registry import KeyRow, Registry
from tamani.core.trust.standing import warning
from tamani.core.trust.stands import NOT_YET, stands
from tamani.desk.pages.languages import plain as _
from tamani.desk.pages.languages import translations
from tamani.desk.pages.views import Viewer
from tamani.desk.rows import Notice

OVER = _(
    "Le registre des organismes n'a pas été renouvelé depuis le %(when)s. "
    "Les avis circulent et sont vérifiés comme avant ; aucune nouvelle clé n'est inscrite. "
    "Prévenez les officiers du registre."
)
UNCONFIRMED = _("Personne n'a confirmé depuis le %(when)s que ce registre des organismes est le plus récent.")
SINCE = _("clé compromise depuis le %(when)s ; motif : %(reason)s ; décidé par : %(signers)s")
REPLY = _("réponse de l'organisme : « %(reply)s »")
BODY_ITSELF = _("l'organisme lui-même")


def registry_banner(viewer: Viewer) -> str:
    """The sentence on every page once the registry's date is past; nothing before."""
    registry, say = viewer.labels.registry, translations(viewer.labels.lang).gettext
    for date, words in ((registry.expires, OVER), (registry.fresh_until, UNCONFIRMED)):
        if date is not None and warning(date, viewer.now) == "over":
            return say(words) % {"when": viewer.dates.both(date)}
    return ""


def suspicion(viewer: Viewer, keyid: str) -> str:
    """Since when a key is compromised, why, who decided it, and what the body answered."""
    row = viewer.labels.registry.key(keyid)
    if row is None or row.compromised_since is None:
        return ""
    say = translations(viewer.labels.lang).gettext
    decision = row.decision
    words = say(SINCE) % {
        "when": viewer.dates.both(row.compromised_since),
        "reason": decision.reason if decision else "",
        "signers": ", ".join(_signers(viewer, row)),
    }
    return words + (" ; " + say(REPLY) % {"reply": row.reply} if row.reply else "")


def is_older(viewer: Viewer, notice: Notice) -> bool:
    """Whether a notice stands though its key was compromised since; by what this site itself has seen of it."""
    row = viewer.labels.registry.key(notice.envelope.keyid)
    if row is None or row.compromised_since is None:
        return False
    seen = viewer.standings.get(notice.row.feed_index)
    return stands(row, notice.row.recordedtime, (seen.at or NOT_YET) if seen else None)


def _signers(viewer: Viewer, row: KeyRow) -> list[str]:
    """Countries of the officers, and the body if it signed; each once."""
    registry: Registry = viewer.labels.registry
    found: dict[str, None] = {}
    for keyid in row.decision.by if row.decision else ():
        holder = registry.standing.holder(keyid) if registry.standing else None
        own = translations(viewer.labels.lang).gettext(BODY_ITSELF)
        found[viewer.labels.country(holder.country.value) if holder else own] = None
    return sorted(found)
