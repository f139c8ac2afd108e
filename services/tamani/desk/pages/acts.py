"""What an officer may do on a notice, as its page offers it: their role, their body's rights, the state of the thread.

The list is that of `core.deeds`; nothing here knows a type by its name.
"""

from dataclasses import dataclass
from urllib.parse import quote

import uuid_utils

from tamani.core.catalogue import catalogue, words
from tamani.core.deeds import ENDORSEMENT, OWN, STEP, TRANSLATION, VERSION, Deed, deeds
from tamani.core.event import TLP
from tamani.core.policy import SEALED_ONLY
from tamani.core.rights import may_mark, may_post
from tamani.core.roles import Role
from tamani.desk.forms.following import layout_for
from tamani.desk.gate import Visitor
from tamani.desk.pages.copying import can_copy
from tamani.desk.pages.form_view import FormView, Shown
from tamani.desk.pages.from_notice import offers
from tamani.desk.pages.labels import Labels
from tamani.desk.pages.languages import plain as _
from tamani.desk.pages.languages import translations
from tamani.desk.rows import Notice
from tamani.desk.service import Desk
from tamani.desk.threads import Story
from tamani.desk.wire import page_path

UPDATE, FORWARD, COPY = _("Mettre à jour"), _("Faire avancer : %(country)s"), _("Dupliquer")
MOVE = _("Passer à : %(state)s")
# Said from a form of their own: answers to requests (`pages.exchanging`), what became of an action (`pages.follow_up`).
ELSEWHERE = frozenset({("exchange.answer", ""), ("ack", "suite")})
WORDS = {
    TRANSLATION: _("Traduire"),
    ENDORSEMENT: _("Soutenir"),
    "correction": _("Corriger"),
    "withdrawal": _("Retirer"),
}
# What stands apart: no word that the notice waits for, and no version.
ASIDE = (*OWN, TRANSLATION, ENDORSEMENT)


@dataclass(frozen=True, slots=True)
class Act:
    """One thing to do: a link, or the button of an answer with what it asks besides."""

    word: str
    href: str
    tone: str = ""
    inputs: tuple[Shown, ...] = ()


@dataclass(frozen=True, slots=True)
class ActsView:
    """What a notice's page offers. `quick` takes one click, `asking` a value; `given` is what we have answered."""

    quick: list[Act]
    asking: list[Act]
    buttons: list[Act]
    others: list[Act]
    given: str
    id: str
    seen: str


def may_do(desk: Desk, visitor: Visitor, notice: Notice, story: Story) -> tuple[Deed, ...]:
    """What this officer may do here and now; the node decides again."""
    who = visitor.officer
    if who is None or Role.POSTER not in who.roles or not desk.posting.there:
        return ()
    found = deeds(story.state, notice.event, who.source, hidden=story.hides(notice))
    # A translation would be of use to nobody but those who can read the original.
    found = tuple(one for one in found if not (notice.sealed and one.what == TRANSLATION))
    rights = may_post(desk.registry.current, who.source, desk.clock())
    return tuple(
        one
        for one in found
        if marks_of(desk, who.source, one, notice)
        and (catalogue()[one.kind].system or one.profile in rights.get(one.kind, ()))
    )


def marks_of(desk: Desk, source: str, deed: Deed, notice: Notice) -> tuple[str, ...]:
    """The labels for it. What speaks of a notice is marked no lower; what began in the open is not sealed later.

    In a sealed thread all is sealed, under its one label.
    """
    kind = catalogue()[deed.kind]
    if notice.sealed:
        return (notice.row.tlp,) if notice.row.tlp in may_mark(desk.registry.current, source, desk.clock()) else ()
    least = TLP.index(notice.row.tlp) if kind.joins else 0
    known = may_mark(desk.registry.current, source, desk.clock())
    return tuple(one for one in known if one in kind.tlps - SEALED_ONLY and TLP.index(one) >= least)


def acts_of(desk: Desk, labels: Labels, visitor: Visitor, notice: Notice, story: Story) -> ActsView | None:
    """What the page offers; nothing to whoever may do nothing."""
    found = may_do(desk, visitor, notice, story)
    if not found:
        return None
    page = page_path(notice.row.source, notice.row.id)
    view = ActsView([], [], [], [], _given(labels, visitor, story), str(uuid_utils.uuid7()), seen_of(story))
    for deed in (one for one in found if not {(one.what, ""), (one.what, one.profile)} & ELSEWHERE):
        act = Act(word_of(labels, deed, story), f"{page}/suite/{quote(deed.name)}", _tone(deed))
        if _is_answer(deed):
            form = FormView(layout_for(deed, notice.event), labels, {})
            asked = tuple(one for one in form.first if one.input.path != "note")
            (view.asking if asked else view.quick).append(Act(act.word, act.href, inputs=asked))
        else:
            (view.others if deed.what in ASIDE else view.buttons).append(act)
    view.others.extend(Act(word, href) for word, href in offers(desk, labels, visitor, notice, story))
    if not notice.sealed and can_copy(notice.row.type, notice.row.profile) and _may_copy(desk, visitor, notice):
        copy = f"/publier/{notice.row.type}?comme={quote(notice.row.source + '/' + notice.row.id)}"
        view.others.append(Act(translations(labels.lang).gettext(COPY), copy))
    return view


def word_of(labels: Labels, deed: Deed, story: Story) -> str:
    """What its button says."""
    say = translations(labels.lang).gettext
    if deed.what == STEP:
        return say(FORWARD) % {"country": labels.country(deed.word)}
    if deed.what == VERSION and deed.word in ("", story.state.status):
        return say(UPDATE)
    if deed.what in WORDS:
        return say(WORDS[deed.what])
    if f"move:{deed.word}" in words():
        return labels.value("move", deed.word)
    kind = catalogue()[deed.kind]
    if deed.what == VERSION:
        return say(MOVE) % {"state": labels.value(kind.status[-1], deed.word)}
    return labels.value(kind.says, deed.word)


def title_of(labels: Labels, deed: Deed, title: str) -> str:
    """The title of a notice that joins a thread; what is taken back is not named again."""
    kind = catalogue()[deed.kind]
    said = labels.value(kind.says, deed.word) if deed.word else labels.type(deed.kind)
    return said if deed.what == "withdrawal" else f"{said} : {title}"


def seen_of(story: Story) -> str:
    """What stands for the state in which an officer has seen a thread: its version in force, and its word."""
    current = story.state.current
    return f"{current.event.id} {story.state.status or ''}".strip() if current else ""


def _is_answer(deed: Deed) -> bool:
    """Whether it says a word on another's notice, and little more: a button will do."""
    return deed.what not in (VERSION, STEP, *ASIDE) and catalogue()[deed.kind].system


def _tone(deed: Deed) -> str:
    cycle = catalogue()[deed.kind].lifecycle_of(deed.profile)
    return "stop" if deed.what == VERSION and deed.word in cycle.cancelled.split() else ""


def _given(labels: Labels, visitor: Visitor, story: Story) -> str:
    """Our last answer."""
    level = next((word for body, word, _index in story.state.acks if body == visitor.reader.body), "")
    return labels.value("level", level) if level else ""


def _may_copy(desk: Desk, visitor: Visitor, notice: Notice) -> bool:
    rights = may_post(desk.registry.current, visitor.as_officer().source, desk.clock())
    return notice.row.profile in rights.get(notice.row.type, ())
