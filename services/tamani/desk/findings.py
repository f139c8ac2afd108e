"""What the archive found out about a body and is still open: contested notices, numbers that lack, silences."""

from dataclasses import dataclass

from tamani.core.findings import ABSENCE, CONTEST
from tamani.core.policy import Reader
from tamani.desk.filters import Filters
from tamani.desk.queries import Queries
from tamani.desk.rows import Notice
from tamani.desk.threads import Story, stories

MOST = 500
MISSING = "missing"
CONTESTED = "contested"


@dataclass(frozen=True, slots=True)
class Alarm:
    """A notice to act on, with its thread: of the body itself, and contested; or what the archive says of an absence.

    `kind` is `contested`, or the profile of the absence.
    """

    notice: Notice
    story: Story
    kind: str


async def alarms_of(queries: Queries, reader: Reader) -> list[Alarm]:
    """What is open about the reader's body, the newest first."""
    if reader.body is None:
        return []
    contested = await queries.marked(reader, CONTESTED, MOST)
    absences = await queries.newest(reader, Filters(type=(ABSENCE,)), MOST)
    ours = [notice for notice in absences if notice.event.data["about"] == reader.body]
    return await _open(queries, reader, [*contested, *ours])


async def silent_others(queries: Queries, reader: Reader) -> list[Notice]:
    """The nodes of other bodies that give no sign of life: nobody should take their silence for calm."""
    if reader.body is None:
        return []
    said = await queries.newest(reader, Filters(type=(ABSENCE,), profile=("silence",)), MOST)
    others = [notice for notice in said if notice.event.data["about"] != reader.body]
    return [alarm.notice for alarm in await _open(queries, reader, others)]


def contents_of(story: Story, notice: Notice) -> tuple[str, ...]:
    """The entries of the contents that the archive found under this notice's id, the one that is shown first."""
    told = [one.event.data for one in story.notices if one.row.type == CONTEST]
    mine = [
        data for data in told if (data["target"]["source"], data["target"]["id"]) == (notice.row.source, notice.row.id)
    ]
    return tuple(dict.fromkeys(data[name] for name in ("first_entry", "second_entry") for data in mine))


async def _open(queries: Queries, reader: Reader, said: list[Notice]) -> list[Alarm]:
    told = stories(await queries.threads_of(reader, said))
    found = [_alarm(notice, told[notice.thread]) for notice in said]
    return sorted(filter(None, found), key=lambda alarm: alarm.notice.row.feed_index, reverse=True)


def _alarm(notice: Notice, story: Story) -> Alarm | None:
    if notice.row.type != ABSENCE:
        return Alarm(notice, story, CONTESTED) if story.state.contested else None
    opens = story.state.status == MISSING and story.is_current(notice)
    return Alarm(notice, story, notice.row.profile) if opens else None
