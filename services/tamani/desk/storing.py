"""Writing: a batch of the feed goes into the mirror and its projection in one transaction; then readers are woken."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import psycopg
from sqlalchemy import Table, delete, func, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tamani.core.feed import FeedEntry
from tamani.core.trust.stands import CLEARED, SUSPECT
from tamani.desk import editions
from tamani.desk.demands.rows import keep_demands
from tamani.desk.erasing import carry_out, forget_places, public_numbers, told_to_all, without_erased
from tamani.desk.heads import Owned, add_versions, renew_heads, threads_from
from tamani.desk.log_tables import attestation
from tamani.desk.pieces.feed import hand_over_again, keep_pieces
from tamani.desk.position import Position, write_position
from tamani.desk.projection import Confirmed, Erased, Marked, Projected, Unreadable, Withheld, recorded_time
from tamani.desk.reference_rows import keep_references
from tamani.desk.search import Indexed
from tamani.desk.search import index as index_words
from tamani.desk.tables import (
    agenda,
    demand,
    erasure,
    mark,
    mirror,
    record,
    reference,
    search,
    settlement,
    unreadable,
)
from tamani.desk.taken import Taken
from tamani.desk.turns import families_at, family_of, turn_all, turn_families

MIRROR_COLUMNS = [column.name for column in mirror.c]
RECORD_COLUMNS = [column.name for column in record.c]
AGENDA_COLUMNS = ["feed_index", "starts", "ends"]
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Target:
    feed_index: int
    public: bool


async def store(connection: AsyncConnection, place: Position, batch: Sequence[Taken]) -> Position:
    """Write a batch that follows `place` without a hole; the position after it. The caller commits."""
    batch = await without_erased(connection, batch)
    await copy(connection, mirror, MIRROR_COLUMNS, (_mirror_row(taken.entry) for taken in batch))
    public_head = await project_batch(connection, place.public_head, batch)
    last = batch[-1].entry
    after = replace(place, head=last.feed_index, digest=last.digest, public_head=public_head)
    await write_position(connection, after)
    return after


async def project_batch(connection: AsyncConnection, public_head: int, batch: Sequence[Taken]) -> int:
    """Write the projection of a batch; the public number after it."""
    targets = await _targets(connection, batch)
    numbered, announced = await public_numbers(connection, batch), await told_to_all(connection, batch)
    told: dict[int, int] = {}
    rows, marks, failed, found = [], [], [], []
    hours: list[tuple[int, str | None, str | None]] = []
    for taken in batch:
        index = taken.entry.feed_index
        match taken.outcome:
            case Projected() as shown:
                public_head += shown.public
                public_index = public_head if shown.public else None
                rows.append({"feed_index": index, "public_index": public_index, **shown.columns()})
                found.append(Indexed(index, shown.event, shown.words))
                hours += [(index, *shown.agenda)] if shown.agenda else []
                targets[shown.event.source, shown.event.id] = _Target(index, shown.public)
            case Marked(source, id_, what) if (target := targets.get((source, id_))) is not None:
                public_head += target.public
                public_index = public_head if target.public else None
                marks.append(_mark_row(taken.entry, target, public_index, what))
            case Marked():
                pass  # its notice is unreadable here: the mirror keeps the mark, `read_again` applies it
            case Withheld():
                public_head += index in numbered
            case Erased() | Confirmed():
                # carried out when all else of the batch is there
                if index in announced:
                    public_head = told[index] = public_head + 1
            case Unreadable(code, detail):
                failed.append(_unreadable_row(taken.entry, code, detail))
    await copy(connection, record, RECORD_COLUMNS, ([row[name] for name in RECORD_COLUMNS] for row in rows))
    await add_versions(connection, [(_owned(row), row["feed_index"]) for row in rows if not row["system"]])
    await index_words(connection, found)
    await keep_references(connection, ((one.feed_index, one.event) for one in found))
    await keep_demands(connection, ((one.feed_index, one.event) for one in found))
    await keep_pieces(connection, (one.event for one in found))
    if hours:
        await copy(connection, agenda, AGENDA_COLUMNS, hours)
    await _insert(connection, mark, marks)
    for row in marks:
        await _mark_record(connection, row["target"], row["mark"])
    await _insert(connection, unreadable, failed)
    await carry_out(connection, batch, told)
    marked = await families_at(connection, [row["target"] for row in marks])
    await turn_families(connection, marked | {family_of(row["thread"]) for row in rows})
    return public_head


async def _targets(connection: AsyncConnection, batch: Iterable[Taken]) -> dict[Key, _Target]:
    """The notices that this batch marks, of those already stored."""
    keys = [(t.outcome.source, t.outcome.id) for t in batch if isinstance(t.outcome, Marked)]
    if not keys:
        return {}
    found = await connection.execute(
        select(record.c.source, record.c.id, record.c.feed_index, record.c.tlp).where(
            tuple_(record.c.source, record.c.id).in_(keys)
        )
    )
    return {(row.source, row.id): _Target(row.feed_index, row.tlp == "CLEAR") for row in found}


async def _mark_record(connection: AsyncConnection, target: int, what: str) -> None:
    """Set a mark; `cleared` takes a suspicion away instead."""
    marks = func.array_remove(record.c.marks, SUSPECT if what == CLEARED else what)
    marked = marks if what == CLEARED else func.array_append(marks, what)
    await connection.execute(update(record).where(record.c.feed_index == target).values(marks=marked))


async def _unmark(connection: AsyncConnection, first: int) -> None:
    """Marks from `first` on go away with their entries: each notice gets those back that it had before."""
    touched = select(mark.c.target).where(mark.c.feed_index >= first, mark.c.target < first).distinct()
    for (target,) in (await connection.execute(touched)).all():
        own = await connection.scalar(select(mirror.c.marks).where(mirror.c.feed_index == target))
        await connection.execute(update(record).where(record.c.feed_index == target).values(marks=list(own or ())))
        left = select(mark.c.mark).where(mark.c.target == target, mark.c.feed_index < first).order_by(mark.c.feed_index)
        for (what,) in (await connection.execute(left)).all():
            await _mark_record(connection, target, what)


async def truncate(connection: AsyncConnection, place: Position, epoch: int, first: int) -> Position:
    """Drop everything from `first` on: this epoch tells it anew. The caller commits."""
    await _unmark(connection, first)
    threads = await threads_from(connection, first)
    for table in (mirror, record, agenda, reference, demand, settlement, mark, unreadable, search, attestation):
        await connection.execute(delete(table).where(table.c.feed_index >= first))
    await forget_places(connection, first)
    await renew_heads(connection, threads)
    await turn_all(connection)
    await hand_over_again(connection)
    head = (
        await connection.execute(
            select(mirror.c.feed_index, mirror.c.digest).order_by(mirror.c.feed_index.desc()).limit(1)
        )
    ).one_or_none()
    public_head = await _public_head(connection)
    after = replace(
        place,
        epoch=epoch,
        head=head.feed_index if head else 0,
        digest=head.digest if head else "",
        public_head=public_head,
        edition=place.edition or epoch,
    )
    if place.epoch:
        after = await editions.begin(connection, after, after.head + 1, public_head + 1)
    await write_position(connection, after)
    return after


async def _public_head(connection: AsyncConnection) -> int:
    """The last number that was given to everybody; an erased notice keeps its own."""
    given = record.c.public_index, mark.c.public_index, erasure.c.public_index, erasure.c.told_public
    heads = [await connection.scalar(select(func.max(column))) for column in given]
    return max(head or 0 for head in heads)


async def copy(
    connection: AsyncConnection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """COPY rows into a table inside the connection's transaction: a third of the cost of INSERT."""
    driver = cast("psycopg.AsyncConnection", (await connection.get_raw_connection()).driver_connection)
    async with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({', '.join(columns)}) FROM STDIN") as sink:
        for row in rows:
            await sink.write_row([_array(value) if isinstance(value, tuple | list) else value for value in row])


def _array(values: Sequence[str]) -> str:
    """An array in PostgreSQL's own text (manual §8.15.6); psycopg's dumper costs more than all other columns."""
    if not values:
        return "{}"
    return '{"' + '","'.join(value.replace("\\", "\\\\").replace('"', '\\"') for value in values) + '"}'


async def _insert(connection: AsyncConnection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        await connection.execute(insert(table), rows)


def _owned(row: Mapping[str, Any]) -> Owned:
    return row["source"], row["thread"]


def _mirror_row(entry: FeedEntry) -> list[Any]:
    held = entry.envelope if entry.envelope is not None else entry.document
    envelope = held.encode() if held is not None else None
    return [
        entry.feed_index,
        entry.epoch,
        entry.kind,
        entry.recordedtime if recorded_time(entry) else None,
        entry.digest,
        entry.prev,
        entry.marks,
        envelope,
        entry.source,
        entry.id,
        entry.mark,
    ]


def _mark_row(entry: FeedEntry, target: _Target, public_index: int | None, what: str) -> dict[str, Any]:
    return {
        "feed_index": entry.feed_index,
        "public_index": public_index,
        "target": target.feed_index,
        "mark": what,
        "recordedtime": recorded_time(entry),
    }


def _unreadable_row(entry: FeedEntry, code: str, detail: str) -> dict[str, Any]:
    return {
        "feed_index": entry.feed_index,
        "code": code,
        "detail": detail[:400],
        "recordedtime": recorded_time(entry),
    }
