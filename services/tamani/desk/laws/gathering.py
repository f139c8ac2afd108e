"""All that the mirror holds about laws, for one reader: each thread by its version in force."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from tamani.core.policy import Reader
from tamani.desk.filters import Filters
from tamani.desk.folded import Folded
from tamani.desk.queries import Queries
from tamani.desk.rows import Notice
from tamani.desk.threads import Story, Thread, stories
from tamani.desk.turns import Since

# The families of their threads: laws, and opinions asked for and given.
FAMILIES = ("law", "exchange")
# Three commissions and their texts; a page that had to hold more would be of no use to anybody.
MOST = 2000
# Threads asked for at once: a query for threads is cut off at 2,000 notices.
AT_ONCE = 40
KINDS = {
    "items": Filters(type=("law.item",)),
    "provisions": Filters(type=("law.provision",)),
    "texts": Filters(type=("law.text",)),
    "requests": Filters(type=("exchange.request",), profile=("avis",)),
}


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
    """Files, provisions, texts, and requests for an opinion with their answers (in their threads).

    `told`: the threads that they were made of, and `since`: when, so that only what has changed is asked for again.
    """

    items: tuple[Held, ...]
    provisions: tuple[Held, ...]
    texts: tuple[Held, ...]
    requests: tuple[Held, ...]
    told: dict[Thread, Story] = field(repr=False)
    since: Since


async def gather(queries: Queries, reader: Reader, before: Laws | None = None) -> Laws:
    """What this reader may see and what still stands: nothing withdrawn, nothing outdated."""
    since = await queries.stands_at()
    kept = await _kept(queries, before)
    found = {name: await _standing(queries, reader, filters, kept) for name, filters in KINDS.items()}
    told = {thread: story for _, threads in found.values() for thread, story in threads.items()}
    return Laws(**{name: held for name, (held, _) in found.items()}, told=told, since=since)


async def kept_laws(folded: Folded[Reader, Laws], queries: Queries, reader: Reader) -> Laws:
    """The same, kept for the next who asks: of what changed only the threads are read anew."""
    return await folded.get(reader, lambda before: gather(queries, reader, before))


async def standing(queries: Queries, reader: Reader, filters: Filters) -> tuple[Held, ...]:
    """The threads of these filters by their version in force; nothing withdrawn or outdated."""
    return (await _standing(queries, reader, filters, {}))[0]


async def _kept(queries: Queries, before: Laws | None) -> dict[Thread, Story]:
    """The threads that are as they were."""
    if before is None:
        return {}
    changed = await queries.subjects_since(before.since, FAMILIES)
    if changed is None:
        return {}
    return {thread: story for thread, story in before.told.items() if thread[1] not in changed}


async def _standing(
    queries: Queries, reader: Reader, filters: Filters, kept: dict[Thread, Story]
) -> tuple[tuple[Held, ...], dict[Thread, Story]]:
    """What stands of these filters, and the threads that it was found in."""
    listed = await queries.listed(reader, filters, MOST)
    told = {thread: kept[thread] for thread, number in listed if thread in kept and _version(kept[thread], number)}
    told |= await _told(queries, reader, [thread for thread, _ in listed if thread not in told])
    held = [_held(told.get(thread), number) for thread, number in listed]
    return tuple(one for one in held if one is not None), told


def _held(story: Story | None, number: int) -> Held | None:
    """The latest version of a thread, if it stands."""
    notice = _version(story, number) if story else None
    if story is None or notice is None or story.hides(notice) or not story.is_current(notice):
        return None
    return Held(notice, story)


def _version(story: Story, number: int) -> Notice | None:
    return next((one for one in story.notices if one.row.feed_index == number), None)


async def _told(queries: Queries, reader: Reader, threads: Sequence[Thread]) -> dict[Thread, Story]:
    found: dict[Thread, Story] = {}
    for start in range(0, len(threads), AT_ONCE):
        part: Collection[Thread] = set(threads[start : start + AT_ONCE])
        found |= stories(await queries.of_threads(reader, part))
    return found
