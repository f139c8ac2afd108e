"""A page of entries written again: with its notice where the bytes are there, as a bare leaf where they are not."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from psycopg import AsyncConnection

from tamani.archive.head import read_head
from tamani.archive.ledger import Known, Place, Rows, draw, tell
from tamani.archive.notice import Entry, Notice, Regional, entry_of
from tamani.archive.rebuild.contents import Contents
from tamani.archive.rebuild.tombs import contest, entomb, name
from tamani.archive.rows_of_erasure import blank, find_target, keep
from tamani.archive.store import Store, countries_of, write_rows
from tamani.core.erasure.order import SignedOrder
from tamani.core.event import parse_time
from tamani.core.feed import ERASED
from tamani.core.judge import rejudge, verify_again
from tamani.core.log.leaf import EQUIVOCATION, ERASE, EVENT, Leaf
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
    missing: list[Missing] = []
    items = [_item(first + n, entry, contents, registry) for n, entry in enumerate(entries)]
    for erases, run in groupby(items, key=lambda item: item.leaf.kind == ERASE):
        if erases:
            for item in run:
                missing += await _erase(connection, item, contents)
        else:
            missing += await _write(connection, list(run), contents, registry)
    return missing


async def _write(
    connection: AsyncConnection[Any], items: Sequence[_Item], contents: Contents, registry: Registry
) -> list[Missing]:
    """A run of entries between two erasures, in one transaction."""
    notices = [item.notice for item in items if item.notice is not None]
    async with connection.transaction():
        head = await read_head(connection, lock=True)
        answers = head.answers
        store = Store(CLUSTER, lambda version: b"")
        known = await store.ask(connection, notices)
        known.registries.clear()  # their leaves are among those that are written again
        rows = Rows(head, items[0].at)
        erased = {item.index: order for item in items if (order := contents.erased(item.leaf.env)) is not None}
        for item in items:
            if item.index in erased:
                await name(connection, store, known, erased[item.index])
        missing = [found for item in items if (found := _put(rows, known, item, registry, erased)) is not None]
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


async def _erase(connection: AsyncConnection[Any], item: _Item, contents: Contents) -> list[Missing]:
    """An erasure, in a transaction of its own: the tombstone gets its order, also where an old backup had the bytes."""
    leaf, order = item.leaf, contents.order(item.leaf.env)
    async with connection.transaction():
        head = await read_head(connection, lock=True)
        rows = Rows(head, item.at)
        rows.leaves.append((item.index, leaf.kind, leaf.env, leaf.reg, item.at, leaf_hash(item.bytes), None))
        head.leaves, head.recorded = head.leaves + 1, item.at
        target = await find_target(connection, bytes.fromhex(order.order.env)) if order else None
        if order is not None and target is not None:
            pieces = await blank(connection, target)
            await keep(connection, order, target, item.index, item.at, pieces=pieces)
            for country in countries_of(target.feeds):
                tell(rows, country, target.log_index, ERASED, target.digest)
        await write_rows(connection, rows)
    return [] if order is not None else [Missing(item.index, leaf)]


def _put(
    rows: Rows, known: Known, item: _Item, registry: Registry, erased: Mapping[int, SignedOrder]
) -> Missing | None:
    """One entry at its place: the number of its leaf, and of its notice, are those that it had."""
    rows.at = item.at
    if (order := erased.get(item.index)) is not None:
        if item.leaf.kind == EVENT:
            entomb(rows, known, registry, order, item.leaf)
        else:
            rows.leaves.append(_bare_leaf(item, None))
            rows.head.leaves += 1
            contest(rows, known, order)
        return None
    if item.notice is not None and _fits(known, item):
        place: Place = (known.streams[item.notice.record.topic], 0, item.index)
        draw(rows, known, item.notice, place)
        rows.positions[place[:2]] = item.index + 1
    if rows.head.leaves > item.index:
        return None
    leaf, is_event = item.leaf, item.leaf.kind == EVENT
    rows.leaves.append(_bare_leaf(item, rows.head.size if is_event else None))
    rows.head.leaves += 1
    rows.head.size += is_event
    return Missing(item.index, leaf) if leaf.kind in WITH_BYTES else None


def _bare_leaf(item: _Item, log_index: int | None) -> tuple[Any, ...]:
    leaf = item.leaf
    return item.index, leaf.kind, leaf.env, leaf.reg, item.at, leaf_hash(item.bytes), log_index


def _fits(known: Known, item: _Item) -> bool:
    """A notice is the first of its name, evidence is not: else its neighbour is missing, and so is its meaning."""
    entry = item.notice.outcome if item.notice else None
    if not isinstance(entry, Entry):
        return False
    first = known.seen.get((known.sources[entry.event.source], entry.id))
    return (first is None) == (item.leaf.kind == EVENT)
