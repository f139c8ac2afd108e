"""One transaction for one batch: lock the head, ask what is known, write all rows by COPY, move the head.

READ COMMITTED, and the head's row lock as the very first statement: all writers stand in one line, nobody can deadlock,
and what is read after the lock stays true until the commit.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from tamani.archive.binary_copy import copy
from tamani.archive.findings.facts import add
from tamani.archive.head import Head, read_head, write_head
from tamani.archive.ledger import Known, Name, Ordered, Rows, Seen, draw_up
from tamani.archive.notice import Entry, Notice
from tamani.archive.tables import ANSWERS, EVIDENCE, FEED, LEAVES, LEDGER, SEEN
from tamani.core.erasure.confirming import confirmed_in
from tamani.core.errors import OutageError
from tamani.core.names import Country
from tamani.runtime.database import only_row

CHANNEL = "tamani_ledger"
_SEEN = """
SELECT s.source_no, s.id, s.digest, s.log_index, l.stream_no, l.partition, l."offset",
    (SELECT array_agg(f.cc) FROM feed_entry f WHERE f.log_index = s.log_index AND f.mark IS NULL),
    EXISTS (SELECT FROM equivocation e WHERE e.source_no = s.source_no AND e.id = s.id),
    (SELECT f.leaf_index FROM log_leaf f WHERE f.log_index = s.log_index),
    EXISTS (SELECT FROM erasure x WHERE x.log_index = s.log_index AND NOT x.evidence)
FROM unnest(%s::int[], %s::uuid[]) AS q (source_no, id)
JOIN seen s USING (source_no, id) JOIN ledger l USING (log_index)
"""
_SEQUENCES = """
SELECT k.keyid, q.lane, q.sequence FROM unnest(%s::int[], %s::text[], %s::bigint[]) AS q (key, lane, sequence)
JOIN unnest(%s::bytea[]) WITH ORDINALITY AS k (keyid, key) USING (key)
WHERE EXISTS (SELECT FROM ledger l WHERE l.keyid = k.keyid AND l.lane = q.lane AND l.sequence = q.sequence)
"""
_EVIDENCE = """
SELECT e.source_no, e.id, e.digest FROM unnest(%s::int[], %s::uuid[]) AS q (source_no, id)
JOIN equivocation e USING (source_no, id)
"""
_ORDERED = """
SELECT x.order_env, x.log_index, x.digest,
    (SELECT array_agg(f.cc) FROM feed_entry f WHERE f.log_index = x.log_index AND f.mark IS NULL),
    (SELECT array_agg(c.part) FROM erasure_confirmation c WHERE c.order_env = x.order_env)
FROM erasure x WHERE x.order_env = ANY(%s) AND NOT x.evidence
"""
_CONFIRM = "INSERT INTO erasure_confirmation VALUES (%s, %s, %s, %s, %s)"
_POSITIONS = """
SELECT r.topic, p.partition, p.next_offset FROM position p JOIN stream_ref r USING (stream_no)
WHERE r.cluster = %s AND (r.topic, p.partition) IN (SELECT * FROM unnest(%s::text[], %s::int[]))
"""
_HEARTBEAT = """
INSERT INTO heartbeat VALUES (%s, %s, %s, %s, %s) ON CONFLICT (keyid) DO UPDATE
SET source = excluded.source, said = excluded.said, recordedtime = excluded.recordedtime, envelope = excluded.envelope
WHERE heartbeat.said <= excluded.said
"""
_NUMBERED = "INSERT INTO numbered VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"
_MOVE = """
INSERT INTO position (stream_no, partition, next_offset) SELECT * FROM unnest(%s::smallint[], %s::int[], %s::bigint[])
ON CONFLICT (stream_no, partition) DO UPDATE SET next_offset = greatest(position.next_offset, excluded.next_offset)
"""


_NAMED = "SELECT reg FROM log_leaf WHERE kind = 'registry' AND reg = ANY(%s)"
# The SHA-256 of the registry document of a version that this process has judged by.
DigestOf = Callable[[int], bytes]


class PassedError(Exception):
    """The ledger's time has passed the one that the batch was judged at: judge again at `at`."""

    def __init__(self, at: datetime) -> None:
        super().__init__(at)
        self.at = at


class Store:
    """The ledger's tables, for one Kafka cluster. It remembers what never changes: numbers given to names."""

    def __init__(self, cluster: str, registry_digest: DigestOf) -> None:
        self._cluster = cluster
        self._registry_digest = registry_digest
        self._sources: dict[str, int] = {}
        self._streams: dict[str, int] = {}
        self._registries: set[int] = set()

    async def write(
        self, connection: AsyncConnection[Any], notices: Sequence[Notice], at: datetime, seen: Head
    ) -> Rows:
        """Write a batch in the connection's transaction, as of `at`; the caller commits.

        Raises:
            PassedError: the batch must be judged again at a later time.
            OutageError: `failed.database.rewound`, the database holds less than this process has seen or read.
        """
        head = await read_head(connection, lock=True)
        if head.behind(seen):
            raise OutageError("failed.database.rewound", f"{head.size} < {seen.size} or {head.epoch} < {seen.epoch}")
        if head.recorded is not None and head.recorded > at:
            raise PassedError(head.recorded)
        await self._refuse_holes(connection, notices)
        rows = draw_up(head, notices, await self.ask(connection, notices), at)
        await write_rows(connection, rows)
        return rows

    def forget(self) -> None:
        """Names were numbered in a transaction that may not have been committed."""
        self._sources.clear()
        self._streams.clear()
        self._registries.clear()

    async def _refuse_holes(self, connection: AsyncConnection[Any], notices: Sequence[Notice]) -> None:
        """What comes before a batch was acknowledged, hence written: if it is not there, the database went back."""
        first: dict[tuple[str, int], int] = {}
        for notice in notices:
            first.setdefault(notice.record.place[:2], notice.record.offset)
        topics, partitions = zip(*first, strict=True)
        cursor = await connection.execute(_POSITIONS, [self._cluster, list(topics), list(partitions)])
        known = {(topic, partition): following async for topic, partition, following in cursor}
        for place, offset in first.items():
            if offset > known.get(place, 0):
                raise OutageError("failed.database.rewound", f"{place[0]}/{place[1]}: {known.get(place, 0)} < {offset}")

    async def ask(self, connection: AsyncConnection[Any], notices: Sequence[Notice]) -> Known:
        """What the database knows of these, under its lock."""
        entries = [notice.outcome for notice in notices if isinstance(notice.outcome, Entry)]
        streams = await self.numbers(connection, {notice.record.topic for notice in notices})
        sources = await self.source_numbers(connection, {entry.event.source for entry in entries})
        names = [(sources[entry.event.source], entry.id) for entry in entries]
        seen = await read_seen(connection, names)
        new = [entry for entry, name in zip(entries, names, strict=True) if name not in seen]
        clashes = [n for e, n in zip(entries, names, strict=True) if n in seen and seen[n].digest != e.digest]
        sequences, evidence = await _sequences(connection, new), await _evidence(connection, clashes)
        registries = await self.new_registries(connection, {entry.registry_version for entry in entries})
        return Known(sources, streams, seen, sequences, evidence, registries, await _erasures(connection, entries))

    async def new_registries(self, connection: AsyncConnection[Any], versions: set[int]) -> dict[int, bytes]:
        """Those of these versions that no entry of the log names yet, each with the digest of its document."""
        asked = versions - self._registries
        if not asked:
            return {}
        named = {version async for (version,) in await connection.execute(_NAMED, [list(asked)])}
        self._registries |= asked
        return {version: self._registry_digest(version) for version in asked - named}

    async def numbers(self, connection: AsyncConnection[Any], topics: set[str]) -> dict[str, int]:
        """Numbers of this cluster's topics."""
        for topic in topics - self._streams.keys():
            add = "INSERT INTO stream_ref (cluster, topic) VALUES (%s, %s) ON CONFLICT DO NOTHING"
            await connection.execute(add, [self._cluster, topic])
            find = "SELECT stream_no FROM stream_ref WHERE cluster = %s AND topic = %s"
            (self._streams[topic],) = await only_row(connection, find, [self._cluster, topic])
        return self._streams

    async def source_numbers(self, connection: AsyncConnection[Any], sources: set[str]) -> dict[str, int]:
        """Numbers of these sources, and of all that were asked for before."""
        for source in sorted(sources - self._sources.keys()):
            await connection.execute("INSERT INTO source_ref (source) VALUES (%s) ON CONFLICT DO NOTHING", [source])
            find = "SELECT source_no FROM source_ref WHERE source = %s"
            (self._sources[source],) = await only_row(connection, find, [source])
        return self._sources


async def read_seen(connection: AsyncConnection[Any], names: list[Name]) -> dict[Name, Seen]:
    """What stands in the ledger under these names."""
    if not names:
        return {}
    cursor = await connection.execute(_SEEN, _arrays(names))
    return {
        (number, id_.bytes): Seen(digest, index, (stream, partition, offset), countries_of(feeds), contested, *rest)
        async for number, id_, digest, index, stream, partition, offset, feeds, contested, *rest in cursor
    }


async def _sequences(connection: AsyncConnection[Any], entries: list[Entry]) -> set[tuple[bytes, str, int]]:
    """Which numbers of their key and lane were used before. Keys are few: each is sent once."""
    if not entries:
        return set()
    keys = {keyid: number for number, keyid in enumerate({entry.keyid for entry in entries}, 1)}
    asked = [(keys[entry.keyid], entry.lane, entry.sequence) for entry in entries]
    cursor = await connection.execute(
        _SEQUENCES, [*(_array(column) for column in zip(*asked, strict=True)), list(keys)]
    )
    return {(keyid, lane, number) async for keyid, lane, number in cursor}


async def _evidence(connection: AsyncConnection[Any], names: list[Name]) -> set[tuple[int, bytes, bytes]]:
    if not names:
        return set()
    cursor = await connection.execute(_EVIDENCE, _arrays(names))
    return {(number, id_.bytes, digest) async for number, id_, digest in cursor}


async def _erasures(connection: AsyncConnection[Any], entries: list[Entry]) -> dict[bytes, Ordered]:
    """The orders that signs of life speak of. There are few, and mostly none."""
    asked = {order for entry in entries if not entry.archived for order, _ in confirmed_in(entry.event, entry.node)}
    if not asked:
        return {}
    cursor = await connection.execute(_ORDERED, [list(asked)], binary=True)
    return {
        order: Ordered(index, digest, countries_of(feeds), set(confirmed or ()))
        async for order, index, digest, feeds, confirmed in cursor
    }


def countries_of(feeds: list[str] | None) -> tuple[Country, ...]:
    """The countries of an array of the database."""
    return tuple(map(Country, feeds or ()))


def _arrays(names: list[Name]) -> list[str]:
    numbers, ids = zip(*names, strict=True)
    return [_array(numbers), _array(id_.hex() for id_ in ids)]


def _array(values: Iterable[object]) -> str:
    """An array of numbers or plain words as PostgreSQL reads it: far cheaper than adapting each of its values."""
    return "{" + ",".join(map(str, values)) + "}"


async def write_rows(connection: AsyncConnection[Any], rows: Rows) -> None:
    """All rows of a transaction, and the head after them; the caller commits."""
    await copy(connection, LEDGER, rows.ledger)
    await copy(connection, LEAVES, rows.leaves)
    await copy(connection, SEEN, rows.seen)
    await copy(connection, EVIDENCE, rows.evidence)
    await copy(connection, FEED, rows.feed)
    await copy(connection, ANSWERS, rows.answers)
    for beat in rows.heartbeats.values():
        await connection.execute(_HEARTBEAT, beat)
    for finding in rows.findings:
        await add(connection, finding)
    for confirmation in rows.confirmations:
        await connection.execute(_CONFIRM, confirmation)
    for number in rows.numbered:
        await connection.execute(_NUMBERED, number)
    places = [(stream, partition, following) for (stream, partition), following in rows.positions.items()]
    if places:
        await connection.execute(_MOVE, [list(column) for column in zip(*places, strict=True)])
    await write_head(connection, rows.head)
    await connection.execute("SELECT pg_notify(%s, '')", [CHANNEL])
