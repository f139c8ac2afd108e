"""The thread as a line in time: what each body said, when, and what came of it."""

from dataclasses import dataclass
from datetime import datetime

from tamani.desk.pages.languages import plain as _
from tamani.desk.pages.languages import translations
from tamani.desk.pages.states import REASONS
from tamani.desk.pages.views import Viewer
from tamani.desk.rows import Notice
from tamani.desk.threads import Story
from tamani.desk.wire import page_path

FIRST = _("Première version")
NEXT = _("Nouvelle version")
CANCELLATION = _("Annulation")
OTHER = _("Autre avis")
SYSTEM = {
    "ack": _("Réponse"),
    "correction": _("Correction"),
    "withdrawal": _("Retrait"),
    "translation": _("Traduction"),
    "endorsement": _("Soutien"),
    "system.contest": _("Double contenu constaté"),
}
TONES = {"withdrawal": "stop", "ack": "good", "system.contest": "warn"}


@dataclass(frozen=True, slots=True)
class Step:
    """One notice of the thread. `word`, `note` are translated where they are shown."""

    word: str
    detail: str
    tone: str
    body: str
    when: str
    recorded: datetime
    href: str
    here: bool
    note: str


def make_steps(viewer: Viewer, here: Notice, story: Story) -> list[Step]:
    """Every notice of the thread that the reader may see, in the order of the archive."""
    return [_step(viewer, notice, story, here=notice.row.id == here.row.id) for notice in story.notices]


def _step(viewer: Viewer, notice: Notice, story: Story, *, here: bool) -> Step:
    row = notice.row
    word, tone = _word(notice, story)
    detail = _detail(viewer, notice)
    reason = story.state.no_effect.get(row.feed_index)
    return Step(
        word=word,
        detail="" if detail.casefold() == translations(viewer.labels.lang).gettext(word).casefold() else detail,
        tone="calm" if reason else tone,
        body=viewer.labels.body(row.source),
        when=viewer.dates.both(row.recordedtime),
        recorded=row.recordedtime,
        href=page_path(row.source, row.id),
        here=here,
        note=REASONS.get(reason, reason) if reason else "",
    )


def _word(notice: Notice, story: Story) -> tuple[str, str]:
    row, state = notice.row, story.state
    if row.type in SYSTEM:
        return SYSTEM[row.type], TONES.get(row.type, "calm")
    if row.feed_index not in state.history:
        return OTHER, "calm"
    if state.state == "cancelled" and story.is_current(notice):
        return CANCELLATION, "stop"
    return (FIRST if row.feed_index == state.history[0] else NEXT), ""


def _detail(viewer: Viewer, notice: Notice) -> str:
    """The word that says most: an answer's level, a version's own status."""
    data = notice.event.data
    for field in ("level", "into", "support", "reason", "msg_type", "status"):
        value = data.get(field)
        if isinstance(value, str) and not (field == "reason" and notice.row.type == "correction"):
            return viewer.labels.value(field, value)
    return str(data.get("reason") or "")
