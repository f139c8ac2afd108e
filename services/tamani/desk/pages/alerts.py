"""The alerts in force, the gravest first: what a reader must see before anything else."""

from tamani.core.policy import Reader
from tamani.desk.cursors import Cursor
from tamani.desk.filters import Filters
from tamani.desk.pages.views import Viewer
from tamani.desk.rows import Notice
from tamani.desk.service import Desk
from tamani.desk.threads import Story, stories

MOST_ALERTS = 20
SEVERITIES = ("Extreme", "Severe", "Moderate", "Minor", "Unknown")


async def standing_alerts(desk: Desk, viewer: Viewer, reader: Reader) -> list[tuple[Notice, Story]]:
    """Those that this reader may read, each with its thread."""
    asked = Filters(type=("monitor.alert",))
    notices = (await desk.queries.threads(reader, asked, Cursor(), MOST_ALERTS)).notices
    told = stories(await desk.queries.threads_of(reader, notices))
    standing = [notice for notice in notices if _in_force(viewer, notice, told[notice.thread])]
    standing.sort(key=lambda notice: SEVERITIES.index(notice.row.severity or "Unknown"))
    return [(notice, told[notice.thread]) for notice in standing]


def handled(story: Story) -> bool:
    """Whether a body has answered that it takes the matter in hand."""
    return any(level == "handled" for _body, level, _index in story.state.acks)


def _in_force(viewer: Viewer, notice: Notice, story: Story) -> bool:
    expiry = notice.row.expirytime
    return story.state.state == "open" and story.is_current(notice) and (expiry is None or expiry > viewer.now)
