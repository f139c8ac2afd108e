"""A page of entries written again: with its notice where the bytes are there, as a bare leaf where they are not."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from tamani.archive.head import read_head
from tamani.archive.ledger import Known, Place, Rows, draw
from tamani.archive.notice import Entry, Notice, Regional, entry_of
from tamani.archive.rebuild.contents import Contents
from tamani.archive.store import Store, write_rows
from tamani.core.event import parse_time
from tamani.core.judge import rejudge, verify_again
from tamani.core.log.leaf import EQUIVOCATION, EVENT, Leaf
from tamani.core.log.merkle import leaf_hash
from tamani.core.names import regional
from tamani.core.registry import Registry
from tamani.core.verdict import Refuse

# Where these records came from nobody knows any more: a cluster of this name, in the order of the log.
CLUSTER = "rebuilt"
WITH_BYTES = frozenset({EVENT, EQUIVOCATION})


@dataclass(frozen=True, slots=True)
class Missing:
    """An entry whose notice nobody has any more, or which can no longer be read."""

    leaf_index: int
    leaf: Leaf


@dataclass(frozen=True, slots=True)
class _Item:
    """An entry, and its notice if there is one."""

    index: int
    bytes: bytes
    leaf: Leaf
    at: datetime
    notice: Notice | None


async def write_page(
    connection: AsyncConnection[Any], first: int, entries: Sequence[bytes], contents: Contents, registry: Registry
) -> list[Missing]:
    """Write the entries from `first` on, in one transaction; those without their bytes.

    Raises:
        RefusedError: `refused.log.entry`.
    """
    items = [_item(first + n, entry, contents, registry) for n, entry in enumerate(entries)]
    notices = [item.notice for item in items if item.notice is not None]
    async with connection.transaction():
        head = await read_head(connection, lock=True)
        answers = head.answers
        store = Store(CLUSTER, lambda version: b"")
        known = await store.ask(connection, notices)
        known.registries.clear()  # their leaves are among those that are written again
        rows = Rows(head, items[0].at)
        missing = [found for item in items if (found := _put(rows, known, item)) is not None]
        head.recorded, head.answers, rows.answers = items[-1].at, answers, []
        await write_rows(connection, rows)
    return missing


def _item(index: int, entry: bytes, contents: Contents, registry: Registry) -> _Item:
    leaf = Leaf.parse(entry)
    at = parse_time(leaf.rt)
    value = contents.find(leaf.env) if leaf.kind in WITH_BYTES else None
    return _Item(index, entry, leaf, at, None if value is None else _notice(index, leaf, at, value, registry))


def _notice(index: int, leaf: Leaf, at: datetime, value: bytes, registry: Registry) -> Notice | None:
    """The notice as it was archived. What the log names was judged then: no later change of rights undoes that."""
    verdict = rejudge(value, registry, at)
    if isinstance(verdict, Refuse):
        verdict = verify_again(value, registry)
    if isinstance(verdict, Refuse):
        return None
    entry = entry_of(verdict, registry, at)
    entry = replace(entry, registry_version=leaf.reg, env=leaf.env, leaf=leaf_hash(bytes(leaf)), archived=True)
    record = Regional(regional(entry.event.lane), 0, index, None, value)
    return Notice(record, hashlib.sha256(value).digest(), entry)


def _put(rows: Rows, known: Known, item: _Item) -> Missing | None:
    """One entry at its place: the number of its leaf, and of its notice, are those that it had."""
    rows.at = item.at
    if item.notice is not None and _fits(known, item):
        place: Place = (known.streams[item.notice.record.topic], 0, item.index)
        draw(rows, known, item.notice, place)
        rows.positions[place[:2]] = item.index + 1
    if rows.head.leaves > item.index:
        return None
    leaf, is_event = item.leaf, item.leaf.kind == EVENT
    number = rows.head.size if is_event else None
    rows.leaves.append((item.index, leaf.kind, leaf.env, leaf.reg, item.at, leaf_hash(item.bytes), number))
    rows.head.leaves += 1
    rows.head.size += is_event
    return Missing(item.index, leaf) if leaf.kind in WITH_BYTES else None


def _fits(known: Known, item: _Item) -> bool:
    """A notice is the first of its name, evidence is not: else its neighbour is missing, and so is its meaning."""
    entry = item.notice.outcome if item.notice else None
    if not isinstance(entry, Entry):
        return False
    first = known.seen.get((known.sources[entry.event.source], entry.id))
    return (first is None) == (item.leaf.kind == EVENT)
