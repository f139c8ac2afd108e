"""What is found is told: signed, once, through every crash and restart, and nothing that could be read before goes."""

import base64
from collections.abc import AsyncIterator, Callable
from typing import Any

import psycopg
import pytest

from tamani.archive.feeds import read_feeds
from tamani.archive.findings.telling import AGAIN, Teller
from tamani.archive.findings.voice import Voice
from tamani.archive.notice import Regional
from tamani.archive.wire import feed_value
from tamani.core.envelope import decode_envelope
from tamani.core.event import Event, decode_event
from tamani.core.names import Country, inbound
from tamani.core.registry import Registry
from tamani.runtime.fakes import InMemoryBus, InMemorySender
from tests.component.archive.conftest import MakeKeeper
from tests.support.cluster import Database
from tests.support.notices import BUREAU, OBSERVATORY_NE, Speaker, key_of, key_row, registry, seal
from tests.support.region import StillRegistry, record

pytestmark = pytest.mark.postgres
Ask = Callable[..., list[tuple[Any, ...]]]
MakeTeller = Callable[..., Teller]
UNTOLD = "SELECT count(*) FROM finding WHERE told IS NULL"


def sent(bus: InMemoryBus) -> list[bytes]:
    """What the archive said to the region so far."""
    return [one.value for one in bus.records(inbound(Country.RG))]


def event_of(value: bytes) -> Event:
    return decode_event(decode_envelope(value).payload)


def text_of(value: bytes) -> bytes:
    """How an envelope's payload stands in a feed."""
    return base64.b64encode(decode_envelope(value).payload)


def regional(value: bytes, offset: int, partition: int = 0) -> Regional:
    """A value as the router would have forwarded it."""
    event = event_of(value)
    return record(value, event.source, event.subject, offset, partition)


@pytest.fixture
async def make_teller(ledger: Database, bus: InMemoryBus) -> AsyncIterator[MakeTeller]:
    made: list[Teller] = []

    async def connect() -> psycopg.AsyncConnection[Any]:
        return await psycopg.AsyncConnection.connect(ledger.dsn, autocommit=True)

    def make(known: Registry | None = None, **changes: Any) -> Teller:
        voice = Voice(BUREAU, key_of(BUREAU))
        made.append(Teller(connect, voice, StillRegistry(known), InMemorySender(bus), mine=lambda: True, **changes))
        return made[-1]

    yield make
    for one in made:
        await one.close()


async def contest(keeper: Any, **changes: Any) -> tuple[Event, Event]:
    """A notice, and another content under its id."""
    speaker = Speaker()
    first = speaker.says(**changes)
    second = speaker.says(**(changes | {"id": first.id, "lang": "en"}))
    for offset, event in enumerate((first, second)):
        await keeper.keep([regional(seal(event), offset)])
    return first, second


async def feed_of(ledger: Database, country: Country) -> list[bytes]:
    async with await psycopg.AsyncConnection.connect(ledger.dsn) as connection:
        return [feed_value(row) for row in await read_feeds(connection, {country: 0}, 100)]


async def test_a_second_content_is_told_once_and_archived_like_any_notice(
    make_keeper: MakeKeeper, make_teller: MakeTeller, bus: InMemoryBus, ask: Ask
) -> None:
    """Found in the archiving transaction, signed with the archive's own key; the log has an entry of each kind."""
    keeper, teller = make_keeper(), make_teller()
    first, _ = await contest(keeper)
    assert await teller.round() == 1
    (value,) = sent(bus)
    told = event_of(value)
    assert (told.source, told.kind, told.subject) == (BUREAU, "system.contest", first.subject)
    assert told.data["target"] == {"source": first.source, "id": first.id}

    await keeper.keep([regional(value, 0, partition=1)])
    assert await teller.round() == 0
    assert ask(UNTOLD) == [(0,)]
    assert ask("SELECT told FROM finding") == [(1,)]
    assert ask("SELECT kind FROM log_leaf WHERE kind <> 'registry' ORDER BY leaf_index") == [
        ("event",), ("equivocation",), ("event",)
    ]  # fmt: skip


async def test_after_any_crash_it_is_told_in_the_same_bytes(
    make_keeper: MakeKeeper, make_teller: MakeTeller, bus: InMemoryBus, ask: Ask
) -> None:
    """Between sending and archiving nothing is remembered: the next worker says the very same, and once is archived."""
    keeper = make_keeper()
    await contest(keeper)
    for _ in range(3):  # three lives, each killed before what it sent came back
        assert await make_teller().round() == 1
    assert len(set(sent(bus))) == 1
    for offset, value in enumerate(sent(bus)):
        await keeper.keep([regional(value, offset, partition=1)])
    assert await make_teller().round() == 0
    assert ask("SELECT verdict FROM answer ORDER BY answer_no OFFSET 2") == [
        ("archived",), ("duplicate",), ("duplicate",)
    ]  # fmt: skip
    assert ask("SELECT count(*) FROM ledger WHERE type LIKE %s", "tamani.system.%") == [(1,)]


async def test_a_batch_read_again_and_a_third_content_find_nothing_new(make_keeper: MakeKeeper, ask: Ask) -> None:
    keeper, speaker = make_keeper(), Speaker()
    first = speaker.says()
    contents = [first, *(speaker.says(id=first.id, lang=lang) for lang in ("en", "ff"))]
    batch = [regional(seal(event), offset) for offset, event in enumerate(contents)]
    await keeper.keep(batch)
    await make_keeper().keep(batch)
    assert ask("SELECT count(*) FROM equivocation") == [(2,)]
    assert ask("SELECT count(*) FROM finding") == [(1,)]


async def test_what_has_not_come_back_is_sent_again_after_a_while(
    make_keeper: MakeKeeper, make_teller: MakeTeller
) -> None:
    now = 0.0
    teller = make_teller(clock=lambda: now)
    await contest(make_keeper())
    assert await teller.round() == 1
    assert await teller.round() == 0
    now = AGAIN + 1
    assert await teller.round() == 1


async def test_without_the_right_it_waits_and_says_why(
    make_keeper: MakeKeeper, make_teller: MakeTeller, bus: InMemoryBus, ask: Ask
) -> None:
    """A registry that does not let the archive speak loses nothing: the fact is told when it does."""
    await contest(make_keeper())
    dumb = make_teller(registry(keys=[key_row(BUREAU, rights=["agenda.meeting:*"])]))
    assert await dumb.round() == 0
    assert dumb.refusal == "refused.policy.type"
    assert (sent(bus), ask(UNTOLD)) == ([], [(1,)])
    teller = make_teller()
    assert await teller.round() == 1
    assert teller.refusal is None


async def test_what_speaks_of_an_erased_notice_is_dropped(
    make_keeper: MakeKeeper, make_teller: MakeTeller, ledger: Database, ask: Ask
) -> None:
    await contest(make_keeper())
    with psycopg.connect(ledger.dsn) as connection:
        connection.execute("UPDATE ledger SET envelope = ''")
    assert await make_teller().round() == 0
    assert ask("SELECT count(*) FROM finding") == [(0,)]


@pytest.mark.parametrize("tlp", ["CLEAR", "GREEN", "AMBER"])
async def test_a_second_content_never_reduces_what_a_desk_could_read_before_it(
    make_keeper: MakeKeeper, make_teller: MakeTeller, bus: InMemoryBus, ledger: Database, tlp: str
) -> None:
    """Each feed keeps all it had, byte for byte; only a mark and the notice of it come after, to the same readers."""
    keeper, speaker = make_keeper(), Speaker()
    audience = OBSERVATORY_NE if tlp == "AMBER" else None
    first = speaker.says(tlp=tlp, audience=audience)
    await keeper.keep([regional(seal(first), 0)])
    before = {country: await feed_of(ledger, country) for country in Country}

    # narrower in every way: other readers, another label, another thread
    second = speaker.says(id=first.id, tlp="AMBER", audience=BUREAU, subject="agenda/autre")
    await keeper.keep([regional(seal(second), 0, partition=2)])
    assert await make_teller().round() == 1
    await keeper.keep([regional(sent(bus)[0], 0, partition=1)])

    after = {country: await feed_of(ledger, country) for country in Country}
    for country in Country:
        assert after[country][: len(before[country])] == before[country]
        assert len(after[country]) - len(before[country]) == (2 if before[country] else country is Country.RG)
        assert all(text_of(seal(second)) not in value for value in after[country])
    assert text_of(seal(first)) in after[Country.ML][0], "what is looked for would be found"
