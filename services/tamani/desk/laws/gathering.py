"""All that the mirror holds about laws, for one reader: each thread by its version in force."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from tamani.core.policy import Reader
from tamani.desk.cursors import Cursor
from tamani.desk.filters import Filters
from tamani.desk.queries import Queries
from tamani.desk.rows import Notice
from tamani.desk.threads import Story, stories

# The families of their threads: laws, and opinions asked for and given.
FAMILIES = ("law", "exchange")
# Three commissions and their texts; a page that had to hold more would be of no use to anybody.
MOST = 2000
# Threads asked for at once: a query for threads is cut off at 2,000 notices.
AT_ONCE = 40


@dataclass(frozen=True, slots=True)
class Held:
    """A notice in force and its thread."""

    notice: Notice
    story: Story

    @property
    def data(self) -> dict[str, Any]:
        """What it says."""
        return self.notice.event.data

    @property
    def name(self) -> tuple[str, str]:
        """Source and id of this version."""
        return self.notice.row.source, self.notice.row.id

    @property
    def names(self) -> frozenset[tuple[str, str]]:
        """Source and id of every version: a reference to any of them means this thread."""
        return frozenset((one.row.source, one.row.id) for one in self.story.notices)


@dataclass(frozen=True, slots=True)
class Laws:
    """Files, provisions, texts, and requests for an opinion with their answers (in their threads)."""

    items: tuple[Held, ...]
    provisions: tuple[Held, ...]
    texts: tuple[Held, ...]
    requests: tuple[Held, ...]


async def gather(queries: Queries, reader: Reader) -> Laws:
    """What this reader may see and what still stands: nothing withdrawn, nothing outdated."""
    return Laws(
        items=await standing(queries, reader, Filters(type=("law.item",))),
        provisions=await standing(queries, reader, Filters(type=("law.provision",))),
        texts=await standing(queries, reader, Filters(type=("law.text",))),
        requests=await standing(queries, reader, Filters(type=("exchange.request",), profile=("avis",))),
    )


async def standing(queries: Queries, reader: Reader, filters: Filters) -> tuple[Held, ...]:
    """The threads of these filters by their version in force; nothing withdrawn or outdated."""
    found = (await queries.threads(reader, filters, Cursor(), MOST)).notices
    held = [Held(notice, story) async for notice, story in _with_stories(queries, reader, found)]
    return tuple(one for one in held if not one.story.hides(one.notice) and one.story.is_current(one.notice))


async def _with_stories(
    queries: Queries, reader: Reader, found: Sequence[Notice]
) -> AsyncIterator[tuple[Notice, Story]]:
    for start in range(0, len(found), AT_ONCE):
        part = found[start : start + AT_ONCE]
        threads = stories(await queries.threads_of(reader, part))
        for notice in part:
            yield notice, threads[notice.thread]
