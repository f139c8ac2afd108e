"""The clock in words: how long is left, who has answered, who is late; for the home, the page of demands, a notice."""

from dataclasses import dataclass
from urllib.parse import urlencode

from tamani.desk.demands.asking import CONVOCATION
from tamani.desk.demands.sealed import SealedDue
from tamani.desk.demands.search import Due
from tamani.desk.demands.standing import Party
from tamani.desk.pages.languages import plain as _
from tamani.desk.pages.languages import translations
from tamani.desk.pages.views import Card, Viewer
from tamani.desk.rows import Row
from tamani.desk.wire import page_path

NO_DAY, TODAY, TOMORROW, YESTERDAY = _("sans échéance"), _("aujourd'hui"), _("demain"), _("en retard d'un jour")
PRESSING = 7
# What a body has said, in a word and a tone.
WORDS = {
    "answered": (_("A répondu"), "good"),
    "partial": (_("A répondu en partie"), "warn"),
    "declined": (_("A décliné"), "calm"),
    "will-attend": (_("Viendra"), "good"),
    "will-not-attend": (_("Ne viendra pas"), "calm"),
    "other-date": (_("Propose une autre date"), "warn"),
    "en-cours": (_("En cours"), "warn"),
    "fait": (_("Fait"), "good"),
    "abandonne": (_("Abandonné"), "calm"),
}


@dataclass(frozen=True, slots=True)
class DueView:
    """How long is left: words, a tone, and the day itself."""

    word: str
    tone: str
    day: str


@dataclass(frozen=True, slots=True)
class PartyView:
    """A body that is asked: its name, its word with a tone, its answer's page and id; the date that it proposes."""

    body: str
    word: str
    tone: str
    href: str
    proposed: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True)
class OwedView:
    """A line of what waits for an answer. `id` is that of the answer given on the spot to a convocation.

    `reply` is the address of the form of an answer; empty where it would not open. `what` is the action, of minutes.
    """

    card: Card
    row: Row
    due: DueView
    id: str
    convocation: bool
    reply: str
    what: str


@dataclass(frozen=True, slots=True)
class SealedView:
    """A line of a sealed notice that asks something: who says it, until when, how many answers lack; no word of it."""

    href: str
    tlp: str
    body: str
    due: DueView
    missing: int


def due_view(viewer: Viewer, one: Due | SealedDue) -> DueView:
    """The clock of one demand."""
    say = translations(viewer.labels.lang)
    day = viewer.dates.short_day(one.due) if one.due else ""
    match one.days:
        case None:
            return DueView(say.gettext(NO_DAY), "calm", day)
        case 0 | 1 | -1 as near:
            word = {0: TODAY, 1: TOMORROW, -1: YESTERDAY}[near]
            return DueView(say.gettext(word), "stop" if near < 0 else "warn", day)
        case days if days < 0:
            late = say.ngettext("en retard de %(num)s jour", "en retard de %(num)s jours", -days)
            return DueView(late % {"num": -days}, "stop", day)
        case days:
            left = say.ngettext("dans %(num)s jour", "dans %(num)s jours", days)
            return DueView(left % {"num": days}, "warn" if days <= PRESSING else "calm", day)


def party_view(viewer: Viewer, one: Due, party: Party) -> PartyView:
    """A body that is asked; one that has not answered says how long it has."""
    name, answer = viewer.labels.body(party.body), party.answer
    if party.word not in WORDS or answer is None:
        due = due_view(viewer, one)
        return PartyView(name, due.word, due.tone, "")
    word, tone = WORDS[party.word]
    said = translations(viewer.labels.lang).gettext(word)
    date = viewer.dates.written(str(answer.event.data.get("proposed") or "")) or ""
    return PartyView(name, said, tone, page_path(answer.row.source, answer.row.id), date, answer.row.id)


def owed_view(viewer: Viewer, one: Due, id_: str, *, may_reply: bool) -> OwedView:
    """A line of what waits for us; `may_reply`: the form of an answer opens for us."""
    row = one.notice.row
    return OwedView(
        card=viewer.card(one.notice, one.story),
        row=row,
        due=due_view(viewer, one),
        id=id_,
        convocation=row.type == CONVOCATION,
        reply=reply_path(one) if may_reply else "",
        what=one.demand.what,
    )


def reply_path(one: Due) -> str:
    """Where one answers this: a request in its thread, an action by what became of it."""
    page, what = page_path(one.notice.row.source, one.notice.row.id), one.demand.what
    return f"{page}/action?{urlencode({'d.action': what})}" if what else f"{page}/repondre"


def sealed_view(viewer: Viewer, one: SealedDue) -> SealedView:
    """A line that leads to where it is opened."""
    href = page_path(one.source, one.id) + "/ouvert"
    return SealedView(href, one.tlp, viewer.labels.body(one.source), due_view(viewer, one), one.missing)
