"""An order of erasure at a real ledger: bytes out, tombstone in, once; whatever is not allowed changes nothing."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import psycopg
import pytest
from psycopg import sql
from structlog.testing import capture_logs

from tamani.archive.erasing import Erased, Eraser
from tamani.archive.feeds import read_feeds
from tamani.archive.keeper import Memory
from tamani.archive.ledger import CONTESTED
from tamani.archive.scrubbing import Scrubber
from tamani.archive.store import Store
from tamani.archive.wire import feed_value
from tamani.core.envelope import decode_envelope
from tamani.core.erasure.order import SignedOrder
from tamani.core.errors import OutageError, RefusedError
from tamani.core.event import Event, format_time
from tamani.core.feed import FeedEntry, decode_feed
from tamani.core.log.leaf import Leaf, env_of
from tamani.core.log.merkle import leaf_hash
from tamani.core.names import Country
from tamani.core.receipt import decode_receipt
from tests.component.archive.conftest import MakeKeeper
from tests.support.cluster import Database, PostgresCluster
from tests.support.erasures import BF, ML, NE, drawn_up, ordered, signed_by, standing_registry
from tests.support.notices import BUREAU, COMMISSION_ML, OBSERVATORY_NE, Speaker, data_of, id_of, seal
from tests.support.region import NOW, StillRegistry, record
from tests.support.searching import database_files_with

Ask = Callable[..., list[tuple[Any, ...]]]
Erase = Callable[..., Any]
CANARY = "temoin-canari-5521"
LEAVES = "SELECT leaf_index, kind, env, reg, rt, hash, log_index FROM log_leaf ORDER BY leaf_index"
EVERYTHING = (
    "SELECT * FROM ledger ORDER BY 1",
    "SELECT * FROM log_leaf ORDER BY 1",
    "SELECT * FROM feed_entry ORDER BY 1, 2",
    "SELECT * FROM answer ORDER BY 1",
    "SELECT * FROM erasure",
    "SELECT size, leaves, answers FROM log_head",
)


def canary(**changes: Any) -> Event:
    """A notice of Mali's commission that says the canary in its title, its text and its thread."""
    data = data_of("agenda.meeting")
    data["head"] |= {"title": CANARY, "body": f"Du texte : {CANARY}"}
    return Speaker().says(data=data, subject=f"agenda/{CANARY}", **changes)


@pytest.fixture
async def kept(make_keeper: MakeKeeper) -> list[bytes]:
    """Three notices, of which the second says the canary."""
    said = [Speaker().says(), canary(), Speaker(BUREAU).says(tlp="AMBER", audience=OBSERVATORY_NE)]
    values = [seal(event) for event in said]
    pairs = enumerate(zip(values, said, strict=True))
    await make_keeper().keep([record(value, event.source, event.subject, n) for n, (value, event) in pairs])
    return values


@pytest.fixture
def erase(ledger: Database) -> Erase:
    """Hands orders to the ledger, an hour after its notices."""
    known = StillRegistry(standing_registry())
    memory = Memory()
    eraser = Eraser(Store("", known.digest), known, memory, lambda: NOW + timedelta(hours=1))

    async def hand(order: SignedOrder | bytes) -> Erased:
        async with await psycopg.AsyncConnection.connect(ledger.dsn, autocommit=True) as connection:
            return await eraser.erase(connection, order if isinstance(order, bytes) else order.encode())

    hand.memory = memory  # type: ignore[attr-defined]
    return hand


@pytest.fixture
def scrubber(ledger: Database) -> Scrubber:
    """Writes the files of this ledger anew."""

    async def connect() -> psycopg.AsyncConnection[Any]:
        return await psycopg.AsyncConnection.connect(ledger.dsn, autocommit=True)

    return Scrubber(connect)


async def feed(ledger: Database, country: Country) -> list[FeedEntry]:
    """What this country is told."""
    async with await psycopg.AsyncConnection.connect(ledger.dsn) as connection:
        rows = await read_feeds(connection, {country: 0}, 100)
    return [decode_feed(feed_value(row)) for row in rows]


async def test_the_bytes_go_and_the_order_stands_in_their_place(
    kept: list[bytes], erase: Erase, ask: Ask, ledger: Database
) -> None:
    """One row blank, one leaf more, the others as they were; every feed that carried it is told, with the order."""
    before, rows = ask(LEAVES), ask("SELECT * FROM ledger WHERE log_index <> 1 ORDER BY 1")
    order = ordered(kept[1])
    done = await erase(order)
    assert (done.order, done.again) == (order.env, False)
    assert ask("SELECT envelope, subject FROM ledger WHERE log_index = 1") == [(b"", "")]
    assert ask("SELECT * FROM ledger WHERE log_index <> 1 ORDER BY 1") == rows
    after = ask(LEAVES)
    assert after[: len(before)] == before
    (entry,) = after[len(before) :]
    leaf = order.leaf(1, format_time(NOW + timedelta(hours=1)))
    assert entry[:3] + entry[5:] == (done.leaf_index, "erase", order.env, leaf_hash(bytes(leaf)), None)
    assert ask("SELECT leaves, size FROM log_head") == [(len(after), 3)]
    for country in Country:
        told = await feed(ledger, country)
        assert [one.mark for one in told if one.mark] == ["erased"]
        assert (told[-1].document or "").encode() == order.encode()
        assert (told[-1].source, told[-1].id) == (order.order.source, order.order.id)
        assert [one.envelope is None for one in told][:2] == [False, True]
        assert all(later.prev == earlier.digest for earlier, later in pairwise(told))


async def test_the_node_that_sent_it_gets_the_order_too(kept: list[bytes], erase: Erase, ask: Ask) -> None:
    """As an answer to the value that it had sent."""
    order = ordered(kept[1])
    await erase(order)
    ((cc, key, receipt),) = ask("SELECT cc, key, receipt FROM answer WHERE verdict = 'erased'")
    told = decode_receipt(bytes(receipt))
    assert (cc, key, told.code, told.log_index) == ("ml", COMMISSION_ML, "erased", 1)
    assert told.value_sha256 == hashlib.sha256(kept[1]).hexdigest()
    assert (told.order or "").encode() == order.encode()


REFUSED: dict[str, tuple[Callable[[list[bytes]], SignedOrder], str]] = {
    "one officer": (lambda v: ordered(v[1], ML), "refused.erasure.officers"),
    "two of others": (lambda v: ordered(v[1], BF, NE), "refused.erasure.country"),
    "another notice's digest": (
        lambda v: signed_by(drawn_up(v[1], digest=hashlib.sha256(v[0]).hexdigest()), ML, NE),
        "refused.erasure.digest",
    ),
    "another notice's envelope": (
        lambda v: signed_by(drawn_up(v[1], env=env_of(decode_envelope(v[0])).hex()), ML, NE),
        "refused.erasure.digest",
    ),
    "another label": (lambda v: signed_by(drawn_up(v[1], tlp="CLEAR"), ML, NE), "refused.erasure.digest"),
    "a notice nobody archived": (lambda _: ordered(Speaker().seals()), "refused.erasure.notice"),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_is_not_allowed_changes_nothing(kept: list[bytes], erase: Erase, ask: Ask, name: str) -> None:
    make, code = REFUSED[name]
    before = [ask(query) for query in EVERYTHING]
    with pytest.raises(RefusedError) as caught:
        await erase(make(kept))
    assert caught.value.code.name == code
    assert [ask(query) for query in EVERYTHING] == before


async def test_signatures_of_one_order_serve_for_no_other(kept: list[bytes], erase: Erase) -> None:
    """Replayed onto another notice they are false."""
    crossed = replace(drawn_up(kept[0]), approvals=ordered(kept[1]).approvals)
    with pytest.raises(RefusedError) as caught:
        await erase(crossed)
    assert caught.value.code.name == "refused.erasure.signer"


async def test_given_again_it_is_answered_as_before(kept: list[bytes], erase: Erase, ask: Ask) -> None:
    """The same order, and another one for the same notice: no second entry, no second word to anybody."""
    first = await erase(ordered(kept[1]))
    before = [ask(query) for query in EVERYTHING]
    for order in (ordered(kept[1]), ordered(kept[1], BF, ML, basis="protection")):
        again = await erase(order)
        assert again == replace(first, again=True)
    assert [ask(query) for query in EVERYTHING] == before


async def test_it_does_not_come_back(kept: list[bytes], erase: Erase, ask: Ask, make_keeper: MakeKeeper) -> None:
    """Sent again it is a duplicate; another content under its id is answered, and not kept either."""
    await erase(ordered(kept[1]))
    event = canary(id=str(ask("SELECT id FROM ledger WHERE log_index = 1")[0][0]))
    values = [kept[1], seal(replace(event, lang="en"))]
    await make_keeper(clock=lambda: NOW + timedelta(hours=2)).keep(
        [record(value, event.source, event.subject, 3 + n) for n, value in enumerate(values)]
    )
    assert ask("SELECT verdict FROM answer ORDER BY answer_no DESC LIMIT 2") == [("equivocation",), ("duplicate",)]
    assert ask("SELECT envelope FROM ledger WHERE log_index = 1") == [(b"",)]
    assert ask("SELECT count(*) FROM equivocation") == [(0,)]
    assert ask("SELECT count(*) FROM feed_entry WHERE mark = %s", CONTESTED) == [(0,)]


async def test_evidence_is_erased_by_its_own_order(make_keeper: MakeKeeper, erase: Erase, ask: Ask) -> None:
    """The second content under an id: the first stays, and the feeds, which never carried it, are told nothing."""
    first = Speaker().says(id=id_of(5))
    second = replace(first, lang="en")
    values = [seal(first), seal(second)]
    await make_keeper().keep([record(v, first.source, first.subject, n) for n, v in enumerate(values)])
    told = ask("SELECT count(*) FROM feed_entry")
    assert (await erase(ordered(values[1]))).again is False
    assert (await erase(ordered(values[1]))).again is True
    assert ask("SELECT envelope FROM equivocation") == [(b"",)]
    assert ask("SELECT envelope FROM ledger") == [(values[0],)]
    assert ask("SELECT count(*) FROM feed_entry") == told
    await make_keeper(clock=lambda: NOW + timedelta(hours=2)).keep([record(values[1], first.source, first.subject, 2)])
    assert ask("SELECT envelope FROM equivocation") == [(b"",)]


async def test_a_database_that_went_back_takes_no_order(kept: list[bytes], erase: Erase) -> None:
    """As it takes no notice: it may lack what the order names."""
    erase.memory.head.size = 1_000  # type: ignore[attr-defined]
    with pytest.raises(OutageError) as caught:
        await erase(ordered(kept[1]))
    assert caught.value.code.name == "failed.database.rewound"


async def test_the_tree_over_everything_is_the_one_that_its_columns_say(
    kept: list[bytes], erase: Erase, ask: Ask
) -> None:
    """Each entry, the erased notice's too, is still made from its columns: its proof holds."""
    await erase(ordered(kept[1]))
    for _, kind, env, reg, rt, found, _ in ask(LEAVES):
        assert leaf_hash(bytes(Leaf(env, reg, format_time(rt), kind))) == found


async def test_the_files_of_the_database_hold_it_no_more(
    kept: list[bytes], erase: Erase, ledger: Database, postgres: PostgresCluster, scrubber: Scrubber
) -> None:
    """Tables, samples and write-ahead log."""
    with psycopg.connect(ledger.dsn, autocommit=True) as connection:
        connection.execute("ANALYZE ledger")
    assert any(name.startswith("base/") for name in database_files_with(CANARY, postgres))
    await erase(ordered(kept[1]))
    assert await scrubber.scrub() == 1
    assert await scrubber.scrub() == 0
    assert database_files_with(CANARY, postgres) == []


async def test_a_server_that_gives_no_right_to_it_forgets_its_log_later(
    kept: list[bytes], erase: Erase, ledger: Database, postgres: PostgresCluster, scrubber: Scrubber
) -> None:
    """The tables are written anew all the same, and the operator is told."""
    with psycopg.connect(postgres.postgres.dsn("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("REVOKE pg_checkpoint FROM {}").format(sql.Identifier(ledger.owner)))
    await erase(ordered(kept[1]))
    with capture_logs() as told:
        assert await scrubber.scrub() == 1
    assert [line["event"] for line in told if line["log_level"] == "warning"] == ["scrub.log"]
    assert {name.partition("/")[0] for name in database_files_with(CANARY, postgres)} <= {"pg_wal"}


async def test_it_waits_while_the_tables_are_in_use(
    kept: list[bytes], erase: Erase, ledger: Database, scrubber: Scrubber
) -> None:
    """By a backup, say: nobody is made to queue behind it, and it is tried again."""
    await erase(ordered(kept[1]))
    with psycopg.connect(ledger.dsn) as reader:
        reader.execute("SELECT count(*) FROM ledger")
        assert await scrubber.scrub() == 0
    assert await scrubber.scrub() == 1
