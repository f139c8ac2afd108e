"""What its author has corrected of a notice since, and which of two contents they say is theirs: told at its top."""

from dataclasses import dataclass

from tamani.desk.findings import contents_of
from tamani.desk.pages.languages import plain as _
from tamani.desk.pages.views import Viewer
from tamani.desk.rows import Notice
from tamani.desk.threads import Story
from tamani.desk.wire import page_path

STANDS = _("L'organisme a confirmé le contenu affiché ici : c'est lui qui fait foi.")
ANOTHER = _("L'organisme dit que le contenu affiché ici n'est pas le sien : l'autre, gardé à l'archive, fait foi.")


@dataclass(frozen=True, slots=True)
class CorrectionView:
    """One correction: why, what it should have said, when, and its own page."""

    reason: str
    text: str
    lang: str
    day: str
    href: str


def corrections_of(viewer: Viewer, story: Story, notice: Notice) -> list[CorrectionView]:
    """The corrections of this notice that count, the newest first."""
    row = notice.row
    found = [
        one
        for one in story.notices
        if one.row.feed_index in story.state.corrections
        and one.event.data["target"]["id"] == row.id
        and one.row.source == row.source
    ]
    return [_view(viewer, one) for one in reversed(found)]


def _view(viewer: Viewer, one: Notice) -> CorrectionView:
    data, row = one.event.data, one.row
    day = viewer.dates.short_day(viewer.dates.home(row.recordedtime).date())
    return CorrectionView(data["reason"], data.get("text") or "", row.lang, day, page_path(row.source, row.id))


def settled_of(story: Story, notice: Notice) -> tuple[str, str]:
    """A sentence and its tone on which of two contents stands; empty where nobody has said so."""
    content = dict(story.state.settled).get(notice.row.id)
    if content is None:
        return "", ""
    return (STANDS, "good") if content == contents_of(story, notice)[0] else (ANOTHER, "stop")
