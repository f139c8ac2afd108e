"""What waits for an answer from a body: notices that name it and ask something, until its answer is archived.

Today these are convocations. An answer given to an earlier version stands as long as the hour has not changed since.
"""

from dataclasses import dataclass
from datetime import datetime

from tamani.core.event import parse_time
from tamani.core.policy import Reader
from tamani.desk.queries import Queries
from tamani.desk.rows import Notice
from tamani.desk.threads import Story, stories

CONVOCATION = "agenda.meeting"
ASKING = frozenset({"tentative", "confirmed", "postponed"})
ANSWERS = frozenset({"will-attend", "will-not-attend", "other-date"})
MOST = 200


@dataclass(frozen=True, slots=True)
class Waiting:
    """A notice that waits, with its thread, and when it is too late to answer."""

    notice: Notice
    story: Story
    until: datetime


async def waiting_for(queries: Queries, reader: Reader, now: datetime) -> list[Waiting]:
    """What waits for this body, the most pressing first."""
    if reader.body is None:
        return []
    named = await queries.naming(reader, CONVOCATION, MOST)
    told = stories(await queries.threads_of(reader, named))
    found = [_waiting(notice, told[notice.thread], reader.body, now) for notice in named]
    return sorted((one for one in found if one is not None), key=lambda one: one.until)


def _waiting(notice: Notice, story: Story, body: str, now: datetime) -> Waiting | None:
    start = parse_time(str(notice.event.data.get("start")))
    if start <= now or story.state.state != "open" or story.hides(notice) or not story.is_current(notice):
        return None
    if story.state.status not in ASKING or _answered(story, notice, body):
        return None
    return Waiting(notice, story, start)


def _answered(story: Story, notice: Notice, body: str) -> bool:
    """Whether the body's last answer was given to this hour, in this version or an earlier one."""
    given = [one for one in story.notices if one.row.type == "ack" and one.row.source == body]
    if not given or given[-1].event.data.get("level") not in ANSWERS:
        return False
    answered = str(given[-1].event.data["target"]["id"])
    hours = [one.event.data.get("start") for one in story.notices if one.row.id == answered]
    return hours == [notice.event.data.get("start")]
