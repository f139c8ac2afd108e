"""The oracle: what clients were promised, held against everything that the bus keeps, byte for byte.

Nothing here trusts our own decoding: envelopes are opened with the standard library, the outbox is read as SQLite, the
ledger and the mirrors as plain rows, positions as the broker tells them.
"""

import asyncio
import base64
import hashlib
import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from confluent_kafka import ConsumerGroupTopicPartitions

from tamani.core.names import Country
from tests.support.bus import Bus
from tests.support.kafka_reader import end_offsets
from tests.support.poster import Promise
from tests.support.signatures import truly_signed
from tests.support.waiting import until

GROUPS = {"router": "inbound", "archive": "regional"}


@dataclass(frozen=True, slots=True)
class Archived:
    """One row of the ledger, opened."""

    index: int
    value: bytes
    payload: bytes
    event: dict[str, Any]

    @property
    def name(self) -> tuple[str, str]:
        """Source and id."""
        return self.event["source"], self.event["id"]

    @property
    def digest(self) -> str:
        """SHA-256 of the payload."""
        return hashlib.sha256(self.payload).hexdigest()

    @property
    def keyid(self) -> str:
        """The key that it says to be signed with."""
        return str(json.loads(self.value)["signatures"][0]["keyid"])

    def entitled(self, country: Country) -> bool:
        """Whether some body of this origin may read it, from the signed attributes alone."""
        return entitled(self.event["source"], self.event["tlp"], self.event.get("audience", "").split(), country)


def entitled(source: str, tlp: str, audience: Iterable[str], country: Country) -> bool:
    """Whether some body of this origin may read a notice of this body, under this label, to these bodies."""
    if tlp in {"CLEAR", "GREEN"}:
        return True
    return any(body.startswith(f"/{country}/") for body in (source, *audience))


def opened(index: int, value: bytes) -> Archived:
    """An envelope, opened without any of our code."""
    payload = base64.b64decode(json.loads(value)["payload"])
    return Archived(index, value, payload, json.loads(payload))


async def ledger(bus: Bus) -> list[Archived]:
    """The whole ledger in its order."""
    query = "SELECT log_index, envelope FROM ledger ORDER BY log_index"
    async with await psycopg.AsyncConnection.connect(bus.archive_dsn()) as connection:
        rows = await (await connection.execute(query)).fetchall()
    return [opened(int(index), bytes(value)) for index, value in rows]


async def settled(bus: Bus, promises: Iterable[Promise], seconds: float = 300) -> list[Archived]:
    """Wait until the bus has come to rest, then hold all it keeps against the promises.

    Raises:
        AssertionError: something promised is missing, doubled, altered, out of order or still open.
    """
    kept = list(promises)
    await until(lambda: _all_there(bus, kept), "every promise is in the ledger", seconds)
    await until(lambda: _closed(bus), "every outbox row is closed", seconds)
    await until(lambda: _no_lag(bus), "every worker has read and committed everything", seconds)
    rows = await ledger(bus)
    check_ledger(rows, kept)
    for country in bus.sites:
        await until(lambda c=country: _mirrored(bus, c, rows), f"the mirror of {country} is complete", seconds)  # type: ignore[misc]
        check_mirror(await mirror(bus, country), [row for row in rows if row.entitled(country)], country)
    return rows


def check_ledger(rows: list[Archived], promises: list[Promise]) -> None:
    """Each promise once, signed and with its very bytes, nothing else, indexes from 0, every thread in its order."""
    assert [row.index for row in rows] == list(range(len(rows))), "a hole in the ledger"
    often = Counter(row.name for row in rows)
    doubled = {name: times for name, times in often.items() if times > 1}
    assert not doubled, f"archived more than once: {doubled}"
    promised = {(p.notice.source, p.notice.id): p for p in promises}
    assert not (lost := promised.keys() - often.keys()), f"promised and lost: {len(lost)} {sorted(lost)[:5]}"
    assert not (strange := often.keys() - promised.keys()), f"never promised: {len(strange)} {sorted(strange)[:5]}"
    for row in rows:
        _check_row(row, promised[row.name])
    _check_order(rows, promises)


def _check_row(row: Archived, promise: Promise) -> None:
    assert row.digest == promise.digest, f"{row.name}: other bytes than those promised"
    said = promise.notice.body
    assert truly_signed(row.value), f"{row.name}: not signed by its body"
    wanted = {name: said[name] for name in ("subject", "profile", "tlp", "lang", "data")} | {
        "type": f"tamani.{said['type']}.v1",
        "audience": " ".join(sorted(said["audience"])) or None,
        "expirytime": said.get("expirytime"),
        "sequence": str(promise.answer["sequence"]),
    }
    for name, value in wanted.items():
        assert row.event.get(name) == value, f"{row.name}: another {name} than was said"
    assert promise.answer["subject"] == said["subject"], row.name


def _check_order(rows: list[Archived], promises: list[Promise]) -> None:
    """Within (source, subject) the ledger has the order in which the client got its 202s; each key's sequences rise."""
    said: dict[tuple[str, str], list[str]] = defaultdict(list)
    for promise in promises:
        said[promise.notice.source, promise.notice.subject].append(promise.notice.id)
    kept: dict[tuple[str, str], list[str]] = defaultdict(list)
    last: dict[tuple[str, str, str], int] = defaultdict(int)
    for row in rows:
        thread = row.event["source"], row.event["subject"]
        kept[thread].append(row.event["id"])
        series = (*thread, row.keyid)
        assert int(row.event["sequence"]) > last[series], f"{thread}: sequence went back at {row.index}"
        last[series] = int(row.event["sequence"])
    wrong = [thread for thread in said if said[thread] != kept[thread]]
    assert not wrong, f"out of order: {wrong[:5]}"


def check_mirror(found: list[tuple[int, bytes]], expected: list[Archived], country: Country) -> None:
    """A mirror is what its origin may read, in the ledger's order, byte for byte, counted from 1 without holes."""
    assert [index for index, _ in found] == list(range(1, len(found) + 1)), f"a hole in the mirror of {country}"
    assert [value for _, value in found] == [row.value for row in expected], f"the mirror of {country} differs"


async def mirror(bus: Bus, country: Country) -> list[tuple[int, bytes]]:
    """What a desk holds: number and exact bytes of each notice."""
    query = "SELECT feed_index, envelope FROM mirror ORDER BY feed_index"
    async with await psycopg.AsyncConnection.connect(bus.databases[f"desk_{country}"].dsn) as connection:
        rows = await (await connection.execute(query)).fetchall()
    return [(int(index), bytes(value)) for index, value in rows]


def open_rows(bus: Bus, country: Country) -> list[tuple[Any, ...]]:
    """The outbox rows of a site that no receipt has closed."""
    query = "SELECT id, state, queued, attempts, code FROM outbox WHERE closed_at IS NULL"
    return outbox(bus.site_folder(country), query)


def outbox(folder: Path, query: str) -> list[tuple[Any, ...]]:
    """Rows of the outbox of the node whose files lie here."""
    with sqlite3.connect(f"file:{folder / 'outbox.sqlite'}?mode=ro", uri=True) as db:
        return db.execute(query).fetchall()


def lag(bus: Bus) -> dict[str, int]:
    """What each group has not yet committed, by topic and partition."""
    admin = bus.kafka.kafka.admin()
    behind: dict[str, int] = {}
    for group, family in GROUPS.items():
        request = ConsumerGroupTopicPartitions(group)
        committed = admin.list_consumer_group_offsets([request])[group].result(20).topic_partitions or []
        places = {(place.topic, place.partition): place.offset for place in committed}
        for topic in (plan.name for plan in bus.kafka.plan.topics if plan.name.startswith(family)):
            for number, end in end_offsets(bus.kafka.confluent(), topic).items():
                if end > max(places.get((topic, number), 0), 0):
                    behind[f"{topic}/{number}"] = end - max(places.get((topic, number), 0), 0)
    return behind


async def _all_there(bus: Bus, promises: list[Promise]) -> bool:
    return await bus.archived() >= len(promises)


async def _closed(bus: Bus) -> bool:
    return not any(open_rows(bus, country) for country in bus.sites)


async def _no_lag(bus: Bus) -> bool:
    return not await asyncio.to_thread(lag, bus)


async def _mirrored(bus: Bus, country: Country, rows: list[Archived]) -> bool:
    expected = sum(row.entitled(country) for row in rows)
    return len(await mirror(bus, country)) >= expected
