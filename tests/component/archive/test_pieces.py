"""Pieces at a real ledger: taken part by part from their origin alone, shown whole and by today's rights, erased."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from tamani.archive.desk_tokens import issue_desk_token
from tamani.archive.erasing import Eraser
from tamani.archive.keeper import Memory
from tamani.archive.scrubbing import Scrubber
from tamani.archive.store import Store
from tamani.core.event import Event
from tamani.core.names import Country
from tamani.core.pieces import LARGEST, PART
from tamani.core.registry import ARCHIVE
from tests.component.archive import test_api
from tests.component.archive.conftest import MakeKeeper
from tests.component.archive.test_api import RIGHTS, client
from tests.support.cluster import Database, PostgresCluster
from tests.support.erasures import ordered, standing_registry
from tests.support.notices import (
    COMMISSION_ML,
    OBSERVATORY_BF,
    OBSERVATORY_ML,
    OBSERVATORY_NE,
    SOURCES,
    Speaker,
    body_row,
    data_of,
    id_of,
    seal,
)
from tests.support.notices import registry as registry_of
from tests.support.region import NOW, StillRegistry, record
from tests.support.searching import database_files_with
from tests.support.waiting import until

app = test_api.app
Ask = Callable[..., list[tuple[Any, ...]]]
CANARY = b"piece-canari-7781 "
PAPER = b"%PDF-1.7\n" + CANARY * 30_000
DIGEST = hashlib.sha256(PAPER).hexdigest()
TABLES = "SELECT (SELECT count(*) FROM piece), (SELECT count(*) FROM piece_part)"


def naming(digest: str = DIGEST, size: int = len(PAPER), **changes: Any) -> Event:
    """A sitting of Mali's commission and Niger's observatory alone, with one piece."""
    data = data_of("agenda.meeting")
    data["head"] |= {"attachments": [{"sha256": digest, "mime": "application/pdf", "size": size, "title": "Note"}]}
    given: dict[str, Any] = {"tlp": "AMBER", "audience": OBSERVATORY_NE, "data": data}
    return Speaker(changes.pop("speaker", COMMISSION_ML)).says("agenda.meeting", **given | changes)


@pytest.fixture
def keep(make_keeper: MakeKeeper) -> Callable[..., Any]:
    """Archives notices, each time some more; gives their exact bytes."""
    keeper, count = make_keeper(), iter(range(1000))

    async def archive(*events: Event) -> list[bytes]:
        values = [seal(event) for event in events]
        await keeper.keep(
            [record(v, e.source, e.subject, next(count)) for v, e in zip(values, events, strict=True)],
        )
        return values

    return archive


@pytest.fixture
async def ml(app: FastAPI, ledger: Database) -> AsyncIterator[httpx.AsyncClient]:
    """The site of Mali."""
    async with client(app, issue_desk_token(ledger.dsn, Country.ML)) as desk:
        yield desk


@pytest.fixture
async def ne(app: FastAPI, ledger: Database) -> AsyncIterator[httpx.AsyncClient]:
    """The site of Niger."""
    async with client(app, issue_desk_token(ledger.dsn, Country.NE)) as desk:
        yield desk


def address(event: Event, digest: str = DIGEST) -> str:
    return f"/v1/blobs/{digest}?source={event.source}&id={event.id}"


async def put(site: httpx.AsyncClient, event: Event, start: int = 0, raw: bytes = PAPER, **said: Any) -> httpx.Response:
    """The part that begins there, of at most 256 KiB, unless `said` says otherwise."""
    part = said.get("part", raw[start : start + PART])
    header = said.get("header", f"bytes {start}-{start + len(part) - 1}/{said.get('size', len(raw))}")
    where = address(event, said.get("digest", hashlib.sha256(raw).hexdigest()))
    return await site.put(where, content=part, headers={"Content-Range": header})


async def put_whole(site: httpx.AsyncClient, event: Event) -> None:
    for start in range(0, len(PAPER), PART):
        assert (await put(site, event, start)).status_code == 204


def told(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def told_far(answer: httpx.Response) -> tuple[str, str]:
    return answer.headers["upload-offset"], answer.headers["upload-complete"]


async def erase(ledger: Database, value: bytes) -> None:
    known = StillRegistry(standing_registry())
    eraser = Eraser(Store("", known.digest), known, Memory(), lambda: NOW + timedelta(hours=1))
    async with await psycopg.AsyncConnection.connect(ledger.dsn, autocommit=True) as connection:
        await eraser.erase(connection, ordered(value).encode())


async def test_a_piece_goes_up_in_parts_and_down_once_it_is_whole(
    keep: Any, ml: httpx.AsyncClient, ne: httpx.AsyncClient
) -> None:
    """Before the last part nobody gets a byte; `HEAD` says at each moment where to go on."""
    event = naming()
    await keep(event)
    for start in range(0, len(PAPER), PART):
        far = await ml.head(address(event))
        assert (far.status_code, far.headers["upload-offset"], far.headers["upload-complete"]) == (
            204,
            str(start),
            "?0",
        )
        assert told(await ne.get(address(event))) == (503, "failed.piece.coming")
        done = await put(ml, event, start)
    assert (done.status_code, told_far(done)) == (204, (str(len(PAPER)), "?1"))
    whole = await ne.get(address(event))
    assert (whole.status_code, whole.content) == (200, PAPER)
    across = await ne.get(address(event), headers={"Range": f"bytes={PART - 5}-{PART + 4}"})
    assert (across.status_code, across.content) == (206, PAPER[PART - 5 : PART + 5])
    assert across.headers["content-range"] == f"bytes {PART - 5}-{PART + 4}/{len(PAPER)}"
    again = await put(ml, event)
    assert (again.status_code, again.headers["upload-offset"]) == (204, str(len(PAPER))), (
        "the same again changes nothing"
    )


ASTRAY: dict[str, dict[str, Any]] = {
    "over what is there": {"start": PART - 1},
    "a hole": {"start": PART + 1},
    "no header": {"header": ""},
    "fewer bytes than it says": {"start": PART, "part": b"x", "header": f"bytes {PART}-{PART + 1}/{len(PAPER)}"},
    "too long a part": {"start": PART, "part": b"x" * (PART + 1)},
}


@pytest.mark.parametrize("name", ASTRAY)
async def test_a_part_that_does_not_follow_changes_nothing(
    keep: Any, ml: httpx.AsyncClient, ask: Ask, name: str
) -> None:
    event = naming()
    await keep(event)
    await put(ml, event)
    assert told(await put(ml, event, **ASTRAY[name])) == (409, "refused.piece.range")
    assert ask("SELECT held, whole FROM piece") == [(PART, None)]


async def test_only_what_an_archived_notice_of_that_country_names_is_taken(
    app: FastAPI, keep: Any, ml: httpx.AsyncClient, ne: httpx.AsyncClient, ask: Ask
) -> None:
    """Another country's token, another digest, another size, a file that is too large, a notice nobody archived."""
    event, large = naming(), naming(size=LARGEST + 1)
    await keep(event, large)
    async with client(app) as nobody:
        assert told(await put(nobody, event)) == (401, "refused.auth.token")
    assert told(await put(ne, event)) == (403, "refused.auth.role")
    assert (await ne.head(address(event))).status_code == 403
    assert told(await put(ml, event, digest="0" * 64)) == (422, "refused.piece.named")
    assert told(await put(ml, event, size=len(PAPER) + 1)) == (422, "refused.piece.named")
    assert told(await put(ml, large, size=LARGEST + 1)) == (413, "refused.piece.size")
    assert told(await put(ml, naming())) == (404, "refused.request.notice")
    assert (await ml.head(address(naming()))).status_code == 404
    assert ask(TABLES) == [(0, 0)]


async def test_what_is_not_its_digest_is_not_kept(keep: Any, ml: httpx.AsyncClient, ask: Ask) -> None:
    """Not even for the next try to go on from."""
    event = naming(size=4)
    await keep(event)
    assert (await put(ml, event, raw=b"fa", digest=DIGEST, size=4)).status_code == 204
    last = await put(ml, event, 2, raw=b"faux", digest=DIGEST)
    assert told(last) == (422, "refused.piece.digest")
    assert ask(TABLES) == [(1, 0)]
    assert (await ml.head(address(event))).headers["upload-offset"] == "0"


async def test_of_two_sizes_of_one_file_one_is_false(keep: Any, ml: httpx.AsyncClient, ne: httpx.AsyncClient) -> None:
    """A notice that says the wrong one neither blocks the true one nor opens it."""
    true, false = naming(), naming(size=len(PAPER) + 1)
    await keep(true, false)
    assert (await put(ml, false, part=b"x", header=f"bytes 0-0/{len(PAPER) + 1}")).status_code == 204
    await put_whole(ml, true)
    assert told(await put(ml, false, part=b"x", header=f"bytes 0-0/{len(PAPER) + 1}")) == (422, "refused.piece.digest")
    assert (await ne.get(address(true))).content == PAPER
    assert told(await ne.get(address(false))) == (404, "refused.piece.unknown"), "of that size it never comes"


async def test_what_is_named_larger_than_a_piece_may_be_never_comes(keep: Any, ne: httpx.AsyncClient) -> None:
    """Nobody is told to come back for it."""
    event = naming(size=LARGEST + 1)
    await keep(event)
    assert told(await ne.get(address(event))) == (404, "refused.piece.unknown")


async def test_a_range_beyond_the_end_is_no_range(keep: Any, ml: httpx.AsyncClient, ne: httpx.AsyncClient) -> None:
    """Hence the whole is given (RFC 9110 §14.2)."""
    event = naming()
    await keep(event)
    await put_whole(ml, event)
    whole = await ne.get(address(event), headers={"Range": f"bytes={len(PAPER)}-"})
    assert (whole.status_code, whole.content) == (200, PAPER)
    end = await ne.get(address(event), headers={"Range": f"bytes={len(PAPER) - 3}-{2 * len(PAPER)}"})
    assert (end.status_code, end.content) == (206, PAPER[-3:])


async def test_reading_goes_by_the_notice_and_never_by_the_digest(
    app: FastAPI, ledger: Database, keep: Any, ml: httpx.AsyncClient, ne: httpx.AsyncClient
) -> None:
    """A country whose feed does not carry it, one whose body has left since, and another body's notice get nothing."""
    event, other = naming(), naming(speaker=OBSERVATORY_ML, tlp="GREEN", audience=None)
    await keep(event, other)
    await put_whole(ml, event)
    async with client(app, issue_desk_token(ledger.dsn, Country.BF)) as bf, client(app) as nobody:
        assert told(await bf.get(address(event))) == (404, "refused.request.notice")
        assert told(await bf.get(address(other))) == (503, "failed.piece.coming"), "the same file of another is another"
        assert told(await nobody.get(address(event))) == (401, "refused.auth.token")
    assert told(await ne.get(address(event, "0" * 64))) == (404, "refused.piece.unknown")
    assert told(await ne.get(address(naming()))) == (404, "refused.request.notice")
    RIGHTS.current = registry_of(sources=tuple(source for source in SOURCES if source != OBSERVATORY_NE))
    assert told(await ne.get(address(event))) == (404, "refused.request.notice")


async def test_what_no_feed_of_the_country_carries_is_not_given(
    app: FastAPI, ledger: Database, make_keeper: MakeKeeper, ml: httpx.AsyncClient
) -> None:
    """A body that did not read when it was named reads today: its country was never told the notice."""
    event = naming(audience=f"{OBSERVATORY_BF} {OBSERVATORY_NE}")
    deaf = [body_row(source, kind=ARCHIVE if source == OBSERVATORY_BF else "other") for source in SOURCES]
    keeper = make_keeper(registry=StillRegistry(registry_of(bodies=deaf, recipients=[])))
    await keeper.keep([record(seal(event), event.source, event.subject, 0)])
    await put_whole(ml, event)
    for country, answer in ((Country.NE, 200), (Country.BF, 404)):
        async with client(app, issue_desk_token(ledger.dsn, country)) as desk:
            assert (await desk.get(address(event))).status_code == answer


@pytest.mark.parametrize(
    "query", ["source=/ml/x", f"id={id_of(1)}", f"source=ml&id={id_of(1)}", "source=/ml/commission-defense&id=x"]
)
async def test_whoever_names_no_notice_asks_nothing(ml: httpx.AsyncClient, query: str) -> None:
    assert told(await ml.get(f"/v1/blobs/{DIGEST}?{query}")) == (422, "refused.request")
    assert told(await ml.put(f"/v1/blobs/x?source={COMMISSION_ML}&id={id_of(1)}")) == (422, "refused.request")


async def test_an_operator_sees_what_files_weigh(
    app: FastAPI, keep: Any, ml: httpx.AsyncClient, ledger: Database
) -> None:
    """Whole ones, and those that have come in part; what was erased counts as nothing."""
    event, later = naming(), naming("cd" * 32, size=9)
    value, _ = await keep(event, later)
    await put_whole(ml, event)
    await put(ml, later, part=b"abc", header="bytes 0-2/9", digest="cd" * 32)
    async with client(app) as here:
        before = (await here.get("/metrics")).text
        await erase(ledger, value)
        after = (await here.get("/v1/status")).json()["pieces"]
    assert f"tamani_archive_pieces_bytes {float(len(PAPER) + 3)}" in before
    assert "tamani_archive_pieces_unfinished 1.0" in before
    assert after == {"bytes": 3, "unfinished": 1}


async def test_an_erasure_takes_the_pieces_of_its_notice(
    keep: Any,
    ml: httpx.AsyncClient,
    ne: httpx.AsyncClient,
    ledger: Database,
    ask: Ask,
    postgres: PostgresCluster,
) -> None:
    """Whole ones and those under way, from the tables and from their files; nothing of them is taken again."""
    event, later = naming(), naming("cd" * 32, size=LARGEST)
    value, second = await keep(event, later)
    await put_whole(ml, event)
    await put(ml, later, part=CANARY, header=f"bytes 0-{len(CANARY) - 1}/{LARGEST}", digest="cd" * 32)
    assert database_files_with(CANARY.decode(), postgres)
    await erase(ledger, value)
    assert told(await ne.get(address(event))) == (410, "refused.erased")
    assert told(await put(ml, event)) == (410, "refused.erased")
    assert (await ml.head(address(event))).status_code == 410
    assert ask(TABLES) == [(2, 1)]
    await erase(ledger, second)
    assert ask(TABLES) == [(2, 0)]

    async def connect() -> psycopg.AsyncConnection[Any]:
        return await psycopg.AsyncConnection.connect(ledger.dsn, autocommit=True)

    assert await Scrubber(connect).scrub() == 2
    assert database_files_with(CANARY.decode(), postgres) == []


@pytest.mark.parametrize("came", [True, False], ids=["came", "had not come"])
async def test_a_piece_goes_for_good_whichever_of_the_bodys_notices_is_erased(
    keep: Any, ml: httpx.AsyncClient, ne: httpx.AsyncClient, ledger: Database, ask: Ask, came: bool
) -> None:
    """Also if it is only evidence that names it, and by no other notice does it come back: the order meant the file."""
    first = naming(id=id_of(7))
    contested = replace(first, lang="en")
    other, of_another = naming(), naming(speaker=OBSERVATORY_ML)
    _, second, *_ = await keep(first, contested, other, of_another)
    if came:
        await put_whole(ml, other)
    await erase(ledger, second)
    assert ask(TABLES) == [(1, 0)], "of the file its name alone stays, so that it is known again"
    assert ask("SELECT pieces FROM erasure") == [(came,)]
    assert told(await put(ml, other)) == (410, "refused.erased")
    assert (await ml.head(address(other))).status_code == 410
    assert told(await ne.get(address(other))) == (410, "refused.erased")
    assert ask(TABLES) == [(1, 0)]
    assert (await put(ml, of_another)).status_code == 204, "the same file of another body is another"


async def test_an_erasure_and_a_part_at_once_leave_nothing(
    keep: Any, ml: httpx.AsyncClient, ledger: Database, ask: Ask
) -> None:
    """Whichever comes first: a part that is being taken is waited for, a later one finds the notice erased."""
    event = naming()
    (value,) = await keep(event)
    await put(ml, event)
    with psycopg.connect(ledger.dsn) as gate:
        gate.execute("SELECT FROM piece FOR UPDATE")
        part = asyncio.create_task(put(ml, event, PART))
        await _waiting(ask, "piece")
        erasure = asyncio.create_task(erase(ledger, value))
        await _waiting(ask, "UPDATE ledger")
    assert (await part).status_code == 204
    await erasure
    assert ask(TABLES) == [(1, 0)]
    assert told(await put(ml, event, 2 * PART)) == (410, "refused.erased")


async def _waiting(ask: Ask, what: str) -> None:
    """Until a statement with these words waits for a lock."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE %s"

    async def waits() -> bool:
        return ask(query, f"%{what}%") == [(1,)]

    await until(waits, f"{what} waits")


async def test_an_erasure_comes_before_a_part_that_waits_for_it(
    keep: Any, ml: httpx.AsyncClient, ledger: Database, ask: Ask
) -> None:
    """The part finds its notice blank, as soon as it gets on."""
    event = naming()
    (value,) = await keep(event)
    await put(ml, event)
    with psycopg.connect(ledger.dsn) as gate:
        gate.execute("SELECT FROM piece FOR UPDATE")
        erasure = asyncio.create_task(erase(ledger, value))
        await _waiting(ask, "INSERT INTO piece ")
        part = asyncio.create_task(put(ml, event, PART))
        await _waiting(ask, "FOR SHARE OF l")
    await erasure
    assert told(await part) == (410, "refused.erased")
    assert ask(TABLES) == [(1, 0)]


async def test_while_the_tables_are_in_use_a_piece_waits_and_archiving_does_not(
    keep: Any, ml: httpx.AsyncClient, ne: httpx.AsyncClient, ledger: Database, ask: Ask
) -> None:
    """A second order comes while the first one's pieces are taken out of the files: it waits before the head."""
    event, other = naming(), naming()
    _, value = await keep(event, other)
    with psycopg.connect(ledger.dsn) as scrubbing:
        scrubbing.execute("LOCK TABLE piece IN ACCESS EXCLUSIVE MODE")
        erasure = asyncio.create_task(erase(ledger, value))
        await _waiting(ask, "LOCK TABLE")
        await keep(naming())
        answers = await asyncio.gather(put(ml, event), ml.head(address(event)), ne.get(address(event)))
        assert [answer.status_code for answer in answers] == [503, 503, 503]
        assert told(answers[0]) == told(answers[2]) == (503, "failed.database")
    await erasure
    assert ask("SELECT count(*) FROM erasure") == [(1,)]


async def test_files_of_pieces_are_written_anew_only_if_some_went(
    keep: Any, ml: httpx.AsyncClient, ledger: Database, ask: Ask
) -> None:
    """They are much the largest; an order for a notice that had none leaves them as they are."""
    event, plain = naming(), Speaker(COMMISSION_ML).says()
    value, without = await keep(event, plain)
    await put_whole(ml, event)
    file = "SELECT pg_relation_filenode('piece_part')"
    before = ask(file)

    async def connect() -> psycopg.AsyncConnection[Any]:
        return await psycopg.AsyncConnection.connect(ledger.dsn, autocommit=True)

    await erase(ledger, without)
    assert await Scrubber(connect).scrub() == 1
    assert ask(file) == before
    await erase(ledger, value)
    assert await Scrubber(connect).scrub() == 1
    assert ask(file) != before
