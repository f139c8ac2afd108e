"""Pieces on their way up, from a desk to a real archive: resumed where a line was cut, giving way, erased."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from structlog.testing import capture_logs

from tamani.archive.desk_tokens import admit_desk_token, issue_desk_token
from tamani.core.errors import OutageError, RefusedError
from tamani.core.event import Event
from tamani.core.names import Country
from tamani.core.pieces import FIRST, PART, Span
from tamani.desk.pieces import limits
from tamani.desk.pieces.blobs import Blobs, Far, Wanted
from tamani.desk.pieces.upward import LONGEST_WAIT, Upward
from tests.component.desk.conftest import Fed, desk_settings, running
from tests.component.desk.test_erasing import Erasing
from tests.support import cluster
from tests.support.erasures import ordered
from tests.support.notices import COMMISSION_ML, Speaker, data_of, seal
from tests.support.served_archive import ServedArchive, serving_archive
from tests.support.templates import ledger_tables
from tests.support.waiting import until

PAPER = b"%PDF-1.7\n" + b"Note de synthese 4417 " * 15_000
DIGEST = hashlib.sha256(PAPER).hexdigest()
Ask = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def ledger(postgres: cluster.PostgresCluster) -> Iterator[cluster.Database]:
    """An empty ledger beside the desk's database."""
    made = postgres.copy_of(ledger_tables(postgres))
    yield made
    postgres.drop(made)


@pytest.fixture
async def region(ledger: cluster.Database) -> AsyncIterator[ServedArchive]:
    """The archive, at work."""
    async with serving_archive(ledger) as served:
        yield served


@pytest.fixture
async def fed(region: ServedArchive, desk_database: cluster.Database, tmp_path: Path) -> AsyncIterator[Fed]:
    """A desk of Mali with its token at that archive."""
    token = tmp_path / "archive.token"
    token.write_text(issue_desk_token(region.ledger.dsn, Country.ML))
    settings = desk_settings(desk_database, tmp_path, archive_url=region.url, archive_token_file=token)
    async with running(settings) as made:
        yield made


@pytest.fixture
def held(region: ServedArchive) -> Ask:
    """Rows of a query on the ledger."""

    def rows(query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(region.ledger.dsn) as connection:
            return connection.execute(query).fetchall()

    return rows


def lane(fed: Fed) -> Upward:
    assert fed.desk.upward is not None
    return fed.desk.upward


def naming(*raws: bytes, size: int = 0, **changes: Any) -> Event:
    """A sitting that names these files."""
    data = data_of("agenda.meeting")
    named = [{"sha256": hashlib.sha256(raw).hexdigest(), "size": size or len(raw)} for raw in raws]
    data["head"] |= {"attachments": [one | {"mime": "application/pdf", "title": "Note"} for one in named]}
    return Speaker(COMMISSION_ML).says("agenda.meeting", data=data, tlp="GREEN", **changes)


async def archived(fed: Fed, region: ServedArchive, event: Event) -> bytes:
    """The notice at the region and, by the feed, at the desk; gives its exact bytes."""
    value = seal(event)
    await region.keep(value)
    fed.feed.append_value(value)
    await fed.take()
    return value


async def brought(fed: Fed, region: ServedArchive, *raws: bytes) -> tuple[Event, bytes]:
    """Files of a form, and the archived notice that names them."""
    for raw in raws:
        await fed.desk.pieces.bring(COMMISSION_ML, raw)
    event = naming(*raws)
    return event, await archived(fed, region, event)


async def standing(fed: Fed) -> list[tuple[Any, ...]]:
    """Where each piece stands, and why."""
    async with await psycopg.AsyncConnection.connect(fed.desk.settings.conninfo) as connection:
        rows = await connection.execute("SELECT lane, code, attempts FROM piece ORDER BY lane")
        return await rows.fetchall()


WHOLE = "SELECT encode(sha256, 'hex'), held, whole IS NOT NULL FROM piece ORDER BY held"


async def test_what_an_archived_notice_names_goes_up_once(fed: Fed, region: ServedArchive, held: Ask) -> None:
    """One file after the other, each byte once; what no notice names stays where it is."""
    small = b"Une annexe"
    await brought(fed, region, PAPER, small)
    await fed.desk.pieces.bring(COMMISSION_ML, b"brouillon")
    assert await fed.desk.pieces.on_lane() == {"waiting": 2, "here": 1}
    while await lane(fed).round():
        pass
    assert held(WHOLE) == [(hashlib.sha256(small).hexdigest(), len(small), True), (DIGEST, len(PAPER), True)]
    assert region.bytes_in == len(PAPER) + len(small)
    assert await fed.desk.pieces.on_lane() == {"up": 2, "here": 1}
    (first,) = held("SELECT min(length(content)) FROM piece_part WHERE start = 0 AND length(content) > 10")
    (largest,) = held("SELECT max(length(content)) FROM piece_part")
    assert first[0] == FIRST, "the first part measures the line"
    assert FIRST < largest[0] <= PART


async def test_a_cut_line_costs_nothing_that_had_arrived(
    fed: Fed, region: ServedArchive, held: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer to a part is lost, and the process with it: another asks how far it is, and sends the rest."""
    await brought(fed, region, PAPER)

    def cut(method: str) -> None:
        if method == "PUT" and region.requests.count("PUT") == 3:
            region.cut_next()

    region.before = cut
    with pytest.raises(OutageError, match="archive"):
        await lane(fed).round()
    assert await standing(fed) == [("waiting", None, 1)]
    assert await lane(fed).round() is False, "not at once again"
    assert 0 < held("SELECT held FROM piece")[0][0] < len(PAPER)
    later = fed.desk.clock() + LONGEST_WAIT
    another = Upward(fed.desk.database, lane(fed)._blobs, lambda: later)
    assert await another.round() is True
    assert held(WHOLE) == [(DIGEST, len(PAPER), True)]
    assert region.bytes_in == len(PAPER)


async def test_notices_go_first(fed: Fed, region: ServedArchive, held: Ask) -> None:
    """While some wait at the node no part begins; the one under way is the last."""
    await brought(fed, region, PAPER)
    waiting = False

    async def clear() -> bool:
        return not waiting

    def busy(method: str) -> None:
        nonlocal waiting
        waiting = method == "PUT"

    lane(fed).clear, region.before = clear, busy
    assert await lane(fed).round() is False
    assert held("SELECT held FROM piece") == [(FIRST,)]
    assert await lane(fed).round() is False
    assert region.requests == ["HEAD", "PUT"]
    waiting, region.before = False, lambda _: None
    assert await lane(fed).round() is True
    assert region.bytes_in == len(PAPER)


async def test_an_erasure_overtakes_an_upload(fed: Fed, region: ServedArchive, held: Ask) -> None:
    """Between two parts: the next is refused, nothing is left at the region, nor here once the feed tells it."""
    _event, value = await brought(fed, region, PAPER)
    order = ordered(value)
    part = lane(fed)._send_part

    async def send(wanted: Any, far: Any) -> Any:
        sent = await part(wanted, far)
        if len(region.requests) == 3:
            await region.erase(order.encode())
        return sent

    lane(fed)._send_part = send  # type: ignore[method-assign]
    with capture_logs() as lines:
        assert await lane(fed).round() is True
    refused = [(line["code"], line["log_level"]) for line in lines if line["event"] == "pieces.up.refused"]
    assert refused == [("refused.erased", "info")]
    assert held("SELECT count(*) FROM piece_part") == [(0,)]
    assert await standing(fed) == [("refused", "refused.erased", 0)]
    await Erasing(fed).told(order)
    assert await standing(fed) == []


async def test_what_is_erased_here_first_is_no_longer_sent(fed: Fed, region: ServedArchive) -> None:
    """The feed tells it between two parts."""
    _event, value = await brought(fed, region, PAPER)
    wanted = await lane(fed)._next()
    await Erasing(fed).told(ordered(value))
    assert wanted is not None
    with pytest.raises(Exception, match=r"refused\.erased"):
        await lane(fed)._hand_over(wanted)
    assert region.bytes_in == 0


async def test_what_the_region_refuses_for_good_is_told_and_not_tried_again(fed: Fed, region: ServedArchive) -> None:
    """Here a file that was damaged on this site's own disk."""
    await brought(fed, region, PAPER)
    async with await psycopg.AsyncConnection.connect(fed.desk.settings.conninfo) as connection:
        await connection.execute("UPDATE piece SET content = overlay(content placing 'X'::bytea from 50)")
    assert await lane(fed).round() is True
    assert await lane(fed).round() is False
    assert await standing(fed) == [("refused", "refused.piece.digest", 0)]
    async with fed.client() as client:
        figures = (await client.get("/metrics")).text
    assert "tamani_desk_pieces_refused 1.0" in figures
    assert "tamani_desk_pieces_waiting 0.0" in figures


async def test_an_archive_that_does_not_know_us_is_waited_for(
    fed: Fed, region: ServedArchive, tmp_path: Path, held: Ask
) -> None:
    """By a token that was revoked, say: an operator mends it, and it goes on."""
    await brought(fed, region, PAPER)
    token, known = tmp_path / "archive.token", (tmp_path / "archive.token").read_text()
    token.write_text("tmn_autre")
    with pytest.raises(OutageError, match=r"refused\.auth\.token"):
        await lane(fed).round()
    assert await standing(fed) == [("waiting", None, 1)]
    token.write_text(known)
    admit_desk_token(region.ledger.dsn, Country.ML, known)
    later = fed.desk.clock() + timedelta(seconds=6)
    assert await Upward(fed.desk.database, lane(fed)._blobs, lambda: later).round() is True
    assert held(WHOLE) == [(DIGEST, len(PAPER), True)]


async def test_an_archive_that_is_away_is_waited_for_ever(fed: Fed, region: ServedArchive) -> None:
    """The task says why it waits, goes on as soon as it can, and the waits grow to ten minutes."""
    await brought(fed, region, PAPER)
    region.cut_next()
    with capture_logs() as lines:
        task = asyncio.create_task(lane(fed).run())

        async def waits() -> bool:
            return any((line["event"], line.get("code")) == ("pieces.up.waits", "failed.archive") for line in lines)

        await until(waits, "it says why it waits")
        assert not task.done()
        task.cancel()
        await asyncio.wait([task])
    for _ in range(12):
        await lane(fed)._put_off(await lane_row(fed))
    async with await psycopg.AsyncConnection.connect(fed.desk.settings.conninfo) as connection:
        (row,) = await (await connection.execute("SELECT due - now() FROM piece")).fetchall()
    assert timedelta(minutes=9) < row[0] <= LONGEST_WAIT


async def lane_row(fed: Fed) -> Any:
    """What the lane would take next, whenever it is due."""
    ahead = fed.desk.clock() + timedelta(days=1)
    return await Upward(fed.desk.database, lane(fed)._blobs, lambda: ahead)._next()


async def test_a_region_that_tells_its_past_anew_is_offered_all_again(fed: Fed, region: ServedArchive) -> None:
    """It was restored, and may have lost what it had; what it has costs one question."""
    await brought(fed, region, PAPER)
    await lane(fed).round()
    region.requests.clear()
    await fed.rewind(1)
    assert await fed.desk.pieces.on_lane() == {"waiting": 1}
    assert await lane(fed).round() is True
    assert region.requests == ["HEAD"]
    assert await fed.desk.pieces.on_lane() == {"up": 1}


async def test_what_a_restored_region_lacks_goes_up_again(
    fed: Fed, region: ServedArchive, held: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its copy lacked nothing but a file, so it tells no past anew: a week later it is asked."""
    await brought(fed, region, PAPER)
    await lane(fed).round()
    await fed.desk.pieces.ask_again()
    assert await fed.desk.pieces.on_lane() == {"up": 1}
    with psycopg.connect(region.ledger.dsn) as connection:
        connection.execute("DELETE FROM piece")
    later = fed.desk.clock() + timedelta(days=limits.ASKED_AGAIN_DAYS, minutes=1)
    for part in (fed.desk.pieces, lane(fed)):
        monkeypatch.setattr(part, "_clock", lambda: later)
    await fed.desk.pieces.ask_again()
    assert await lane(fed).round() is True
    assert held(WHOLE) == [(DIGEST, len(PAPER), True)]


async def test_another_notice_with_the_same_file_asks_once_more(fed: Fed, region: ServedArchive) -> None:
    """A new version names it again: nothing is sent twice."""
    await brought(fed, region, PAPER)
    await lane(fed).round()
    await archived(fed, region, naming(PAPER))
    assert await lane(fed).round() is True
    assert region.bytes_in == len(PAPER)


async def test_a_part_that_the_line_does_not_carry_is_made_small_again(fed: Fed, region: ServedArchive) -> None:
    """Else a line that has become slow would cut each one; and what had come counts: the next wait is the shortest."""
    await brought(fed, region, PAPER)

    def cut(method: str) -> None:
        if method == "PUT" and region.requests.count("PUT") == 3:
            region.cut_next()

    region.before = cut
    for _ in range(3):
        await lane(fed)._put_off(await lane_row(fed))
    with pytest.raises(OutageError, match="archive"):
        await ahead(fed, lane(fed)).round()
    assert lane(fed)._part == FIRST
    assert await standing(fed) == [("waiting", None, 1)]


def ahead(fed: Fed, of: Upward) -> Upward:
    """This lane a day later, when everything is due."""
    later = fed.desk.clock() + timedelta(days=1)
    of._clock = lambda: later
    return of


class Odd:
    """A server that is no archive: it gives the same answer to whoever asks."""

    def __init__(self, status: int, content: bytes, **headers: str) -> None:
        self.answer = httpx.Response(status, content=content, headers=headers)

    def blobs(self) -> Blobs:
        """A client of it."""
        made = Blobs("http://odd", None)
        made._client = httpx.AsyncClient(base_url="http://odd", transport=httpx.MockTransport(lambda _: self.answer))
        return made


ODD = {
    "a proxy's page": Odd(413, b"<h1>413</h1>", **{"Content-Type": "text/html"}),
    "a proxy's refusal": Odd(422, b""),
    "a proxy's word that it is gone": Odd(410, b""),
    "broken JSON": Odd(422, b"{", **{"Content-Type": "application/json"}),
    "JSON of another shape": Odd(422, b"[1]", **{"Content-Type": "application/problem+json"}),
    "no offset": Odd(204, b""),
    "an offset that is none": Odd(204, b"", **{"Upload-Offset": "9" * 5000}),
    "more than there is": Odd(204, b"", **{"Upload-Offset": "999999999", "Upload-Complete": "?1"}),
    "whole, and not": Odd(204, b"", **{"Upload-Offset": "4", "Upload-Complete": "?1"}),
    "not whole, and yet": Odd(204, b"", **{"Upload-Offset": str(len(PAPER)), "Upload-Complete": "?0"}),
}


async def test_what_an_archive_would_not_say_is_waited_out(fed: Fed, region: ServedArchive) -> None:
    """Whoever stands between us says other things; none of them is final, and none ends the task."""
    await brought(fed, region, PAPER)
    for day, (name, odd) in enumerate(ODD.items()):
        then = fed.desk.clock() + timedelta(days=day)
        of_then = Upward(fed.desk.database, odd.blobs(), lambda then=then: then)  # type: ignore[misc]
        with pytest.raises(OutageError) as caught:
            await of_then.round()
        assert caught.value.code.name == "failed.archive", name
    assert [row[:2] for row in await standing(fed)] == [("waiting", None)]


async def test_a_true_file_that_another_had_begun_falsely_begins_again(
    fed: Fed, region: ServedArchive, held: Ask
) -> None:
    """Another site of the country sent a wrong byte by the same notice: the region drops it, and we go on later."""
    event, _ = await brought(fed, region, PAPER)
    wanted = Wanted(COMMISSION_ML, event.id, DIGEST, len(PAPER))
    await lane(fed)._blobs.put(wanted, Span(0, 1, len(PAPER)), b"X")
    with pytest.raises(OutageError, match=r"refused\.piece\.digest"):
        await lane(fed).round()
    assert await standing(fed) == [("waiting", None, 1)]
    assert await ahead(fed, lane(fed)).round() is True
    assert held(WHOLE) == [(DIGEST, len(PAPER), True)]


async def test_a_part_that_does_not_follow_is_asked_after(fed: Fed, region: ServedArchive, held: Ask) -> None:
    """Another site of the country has sent the same part meanwhile (409)."""
    event, _ = await brought(fed, region, PAPER)
    wanted = Wanted(COMMISSION_ML, event.id, DIGEST, len(PAPER))
    await lane(fed)._blobs.put(wanted, Span(0, 9, len(PAPER)), PAPER[:9])
    with pytest.raises(OutageError, match=r"refused\.piece\.range"):
        await lane(fed)._send_part(wanted, Far(0, whole=False))
    assert await lane(fed).round() is True
    assert held(WHOLE) == [(DIGEST, len(PAPER), True)]


async def test_a_notice_that_says_a_false_size_does_not_take_the_file_with_it(
    fed: Fed, region: ServedArchive, held: Ask
) -> None:
    """It holds it fast, and goes on by the notice that says the true one."""
    await brought(fed, region, PAPER)
    await archived(fed, region, naming(PAPER, size=len(PAPER) + 1))
    assert await lane(fed).round() is True
    assert held(WHOLE) == [(DIGEST, len(PAPER), True)]
    assert [row[:2] for row in await standing(fed)] == [("up", None)]


async def test_what_was_refused_of_one_notice_is_not_said_of_another(fed: Fed, region: ServedArchive) -> None:
    """It came while the first was being refused: the file goes by it."""
    await brought(fed, region, PAPER)
    before = await lane_row(fed)
    another = naming(PAPER)
    await archived(fed, region, another)
    await lane(fed)._refused(before, RefusedError("refused.piece.named"))
    assert await standing(fed) == [("waiting", None, 0)]
    assert (await lane_row(fed)).notice == another.id


async def test_what_the_region_lost_is_handed_over_again_a_day_later(
    fed: Fed, region: ServedArchive, held: Ask
) -> None:
    """It was restored without a new epoch, say: no feed tells it."""
    await brought(fed, region, PAPER)
    await lane(fed).ask_after()
    await lane(fed).round()
    await lane(fed).ask_after()
    assert await fed.desk.pieces.on_lane() == {"up": 1}, "not at once again"
    with psycopg.connect(region.ledger.dsn) as connection:
        connection.execute("DELETE FROM piece")
    await ahead(fed, lane(fed)).ask_after()
    assert await lane(fed).round() is True
    assert held(WHOLE) == [(DIGEST, len(PAPER), True)]
