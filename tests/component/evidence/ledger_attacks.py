"""The attacks that a real ledger and a real outbox meet: what is held back, dropped or refused by nobody."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from tamani.archive.findings.gaps import Gaps
from tamani.archive.findings.telling import Teller
from tamani.archive.findings.voice import Voice
from tamani.archive.keeper import Keeper, Memory
from tamani.archive.store import Store
from tamani.core.envelope import decode_envelope
from tamani.core.event import decode_event
from tamani.core.names import Country, inbound
from tamani.core.receipt import sign_receipt
from tamani.node import elsewhere
from tamani.node.answers import ReadTo
from tamani.runtime.fakes import InMemoryBus, InMemorySender
from tests.component.evidence.archives import Archive, Connection, connect
from tests.component.evidence.restoring_attacks import RESTORING_ATTACKS
from tests.component.evidence.table import Attack, Caught
from tests.support.cluster import Database
from tests.support.notices import BUREAU, COMMISSION_ML, Speaker, key_of, new_id, seal
from tests.support.promised import HOUR, VALUES, Post, entry_of, receipt
from tests.support.region import NOW, StillRegistry, record
from tests.support.small_log import serving

TOLD = "SELECT count(*) FROM finding WHERE told IS NOT NULL"
MOST_LOOKS = 3
READ_TO = ReadTo("c", "receipts.ml", 0, 2)


# Held back before the archive.


def held_back(archive: Archive) -> Caught | None:
    """Whoever stands between a node and the archive lets one of a hundred notices fall."""
    return asyncio.run(_held_back(archive.ledger))


async def _held_back(ledger: Database) -> Caught | None:
    speaker, elapsed = Speaker(), iter((0.0, HOUR))
    said = [speaker.says() for _ in range(100)]
    gaps = Gaps(StillRegistry(), lambda: NOW, HOUR, elapsed=lambda: next(elapsed))
    async with _keeping(ledger) as (keeper, teller, bus), await connect(ledger) as connection:
        await keeper.keep([record(seal(e), e.source, e.subject, at) for at, e in enumerate(said) if at != 56])
        for _ in range(2):
            await gaps.look(connection)
        if await teller.round() == 0:
            return None
        (sent,) = bus.records(inbound(Country.RG))
        told = decode_event(decode_envelope(sent.value).payload)
        await keeper.keep([record(sent.value, told.source, told.subject, 0, partition=1)])
        await teller.round()
        assert await (await connection.execute(TOLD)).fetchone() == (1,)
    assert (told.data["first"], told.data["last"]) == (57, 57)
    # The archive says it, and the body hears of its own notice.
    assert (told.source, told.data["about"], told.readers) == (BUREAU, speaker.source, (speaker.source,))
    return Caught("archive, its body", told.kind)


@asynccontextmanager
async def _keeping(ledger: Database) -> AsyncIterator[tuple[Keeper, Teller, InMemoryBus]]:
    """What archives and what tells, of one worker."""
    bus, registry = InMemoryBus(), StillRegistry()

    async def trust(_: Connection) -> None:
        """One database, which does not go back."""

    keeper = Keeper(
        ledger.dsn,
        store=Store("cluster-1", registry.digest),
        memory=Memory(),
        registry=registry,
        sender=InMemorySender(bus),
        trust=trust,
        written=lambda _: None,
        clock=lambda: NOW,
    )
    voice = Voice(BUREAU, key_of(BUREAU))
    teller = Teller(lambda: connect(ledger), voice, registry, InMemorySender(bus), mine=lambda: True)
    try:
        yield keeper, teller, bus
    finally:
        await keeper.close()
        await teller.close()


# Promised, and dropped after.


def dropped(archive: Archive) -> Caught | None:
    """The archive promises an entry by a signed receipt, and leaves it out of the log that everybody sees."""
    return asyncio.run(_dropped(archive.folder))


async def _dropped(folder: Path) -> Caught | None:
    post = Post(folder)
    await post.post()
    post.log.append(4).append(0, *map(entry_of, VALUES[:2])).append(3).publish("bf", "ml")
    await post.receive(4, 5, 6)
    try:
        with serving(post.log) as url:
            for look in range(1, MOST_LOOKS + 1):
                await post.look(url)
                if (alarm := (await post.view(2)).alarm) is not None:
                    return Caught("its node", alarm, look)
                post.now += timedelta(seconds=HOUR + 1)
    finally:
        await post.outbox.stop()
    return None


# Refused, by nobody.


def refused_by_nobody(archive: Archive) -> Caught | None:
    """Whoever can write a country's receipts invents a refusal, of a ledger yet to come, for what was archived."""
    return asyncio.run(_refused_by_nobody(archive.folder))


async def _refused_by_nobody(folder: Path) -> Caught | None:
    post = Post(folder)
    await post.post()
    await post.receive(4)
    said = {"verdict": "refused", "code": "refused.policy.type", "log_index": None, "leaf_index": None}
    await post.outbox.answer([receipt(VALUES[0], None, 9).model_copy(update=said)], frozenset(), READ_TO, {})
    state = (await post.view(0)).state
    await post.outbox.stop()
    return Caught("its node", "archived") if state == "archived" else None


# Said elsewhere.


def stolen_key(archive: Archive) -> Caught | None:
    """A thief speaks with a body's key, from a machine of their own, by whoever can write the country's topic."""
    return asyncio.run(_stolen_key(archive.folder))


async def _stolen_key(folder: Path) -> Caught | None:
    post, key = Post(folder), key_of(COMMISSION_ML).keyid
    await post.post()
    await post.outbox.write(elsewhere.begin)
    claims = {"source": COMMISSION_ML, "id": new_id(), "sequence": "4", "keyid": key, "lane": "normal"}
    said = receipt(Speaker().seals(), 9, 1).model_copy(update=claims)
    signed = {said: sign_receipt(said.encode(), post.log.key.key)}
    await post.outbox.answer([said], frozenset({key}), READ_TO, signed)
    found = await post.outbox.read(lambda c: elsewhere.listed(c, COMMISSION_ML, 1))
    await post.outbox.stop()
    return Caught("its node", elsewhere.ALARM) if found else None


LEDGER_ATTACKS = (
    Attack(
        "a notice is held back on the way",
        "router, broker",
        "the hole in its numbers, in an hour",
        Caught("archive, its body", "system.absence"),
        held_back,
        (("holes",),),
    ),
    Attack(
        "a notice is promised and left out",
        "host",
        "the receipt, and a checkpoint",
        Caught("its node", "failed.log.missing", 2),
        dropped,
        (("inclusion",),),
    ),
    Attack(
        "a refusal is invented for an archived notice",
        "router, broker",
        "the log's signature under the receipt",
        Caught("its node", "archived"),
        refused_by_nobody,
        (("refusal",),),
    ),
    Attack(
        "a stolen key speaks from elsewhere",
        "a thief",
        "the receipt, and the outbox",
        Caught("its node", "failed.key.elsewhere"),
        stolen_key,
        (("strays",),),
    ),
    *RESTORING_ATTACKS,
)
