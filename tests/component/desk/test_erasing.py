"""A desk that is told of an erasure: it checks the officers itself, forgets, says what happened, and stays so."""

import hashlib
from datetime import timedelta
from typing import Any

import httpx
import psycopg
import pytest
from sqlalchemy import select

from tamani.core.envelope import decode_envelope, encode_envelope
from tamani.core.erasure.order import SignedOrder, decode_order
from tamani.core.errors import OutageError
from tamani.core.event import Event, encode_event
from tamani.core.feed import FeedEntry
from tamani.core.names import Country
from tamani.core.policy import readers_by_origin
from tamani.core.registry import KeyRow
from tamani.core.sealing import seal as seal_body
from tamani.desk import capsules
from tamani.desk.catch_up import CatchUp
from tamani.desk.feed_topic import Record
from tamani.desk.imports.tables import import_row
from tamani.desk.rebuild import rebuild
from tamani.desk.scrubbing import Scrubber
from tamani.desk.service import Desk
from tamani.desk.tables import (
    agenda,
    capsule,
    erasure,
    head,
    mail_outbox,
    mirror,
    record,
    reference,
    search,
    unreadable,
)
from tamani.node.heartbeat import heartbeat_event
from tests.component.desk.conftest import Fed
from tests.component.desk.feeds import FIRST
from tests.component.desk.test_door import ORIGIN, token_in
from tests.support.cluster import PostgresCluster
from tests.support.erasures import BF, ML, NE, REASON, ordered
from tests.support.notices import (
    COMMISSION_BF,
    COMMISSION_ML,
    COMMISSION_NE,
    OBSERVATORY_ML,
    data_of,
    key_of,
    new_id,
    registry,
)
from tests.support.sealed import AT, inner_event
from tests.support.searching import database_files_with

CANARY = "temoin-canari-7741"
DERIVED = (record, search, reference, agenda, unreadable)


class Erasing:
    """A desk, its feed, and what it is told of erasures."""

    def __init__(self, fed: Fed) -> None:
        self.fed = fed

    async def says(self, **changes: Any) -> Event:
        """A meeting that says the canary wherever a person can write."""
        data = data_of("agenda.meeting")
        data["head"] |= {"title": CANARY, "body": f"Du texte : {CANARY}"}
        said = self.fed.feed.say(data=data, subject=f"agenda/{CANARY}-{new_id()}", **changes)
        await self.fed.take()
        return said

    def order(self, event: Event, *countries: Country, **changes: Any) -> SignedOrder:
        """An order for what the feed has of this notice."""
        entry = next(e for e in self.fed.feed.entries if e.envelope and event.id in payload_of(e))
        at = FIRST + timedelta(minutes=entry.feed_index)
        return ordered((entry.envelope or "").encode(), *countries, recorded=at, **changes)

    async def told(self, order: SignedOrder, mark: str = "erased", document: str | None = None) -> FeedEntry:
        """The archive tells it."""
        text = document if document is not None else order.encode().decode()
        entry = self.fed.feed.mark_with(order.order.source, order.order.id, mark, text)
        await self.fed.take()
        return entry

    async def anew(self) -> None:
        """The archive tells its past again, from the beginning, in a new epoch."""
        place = await self.fed.intake.load()
        await self.fed.intake.truncate(place, self.fed.feed.epoch, 1)
        await self.fed.take()

    async def erases(self, event: Event) -> SignedOrder:
        """All of it."""
        order = self.order(event)
        await self.told(order)
        return order

    async def rows(self, table: Any) -> list[Any]:
        async with self.fed.desk.database.reading() as connection:
            found = (await connection.execute(select(table))).all()
        return sorted(found, key=lambda row: getattr(row, "feed_index", None) or 0)

    async def get(self, path: str, reader: str | None = COMMISSION_ML, **headers: str) -> httpx.Response:
        async with self.fed.client(reader) as client:
            return await client.get(path, headers=headers)


def payload_of(entry: FeedEntry) -> str:
    return decode_envelope((entry.envelope or "").encode()).payload.decode()


@pytest.fixture
def erasing(fed: Fed) -> Erasing:
    return Erasing(fed)


async def desk_scrub(desk: Desk) -> int:
    """Have the files of its tables written anew."""
    return await Scrubber(desk.settings.conninfo, desk.database).scrub()


def page(event: Event) -> str:
    return f"/avis{event.source}/{event.id}"


def beat(order: SignedOrder, part: str, source: str, key_source: str | None = None) -> str:
    """The sign of life of a node that says that this was carried out."""
    key = key_of(key_source or source)
    (row,) = [row for row in registry().keys if row.body == source]
    assert isinstance(row, KeyRow)
    event = heartbeat_event(
        row,
        id_=new_id(),
        time="2026-03-02T12:00:00Z",
        last=1,
        waiting=0,
        waiting_urgent=0,
        erased=[{"order": order.env.hex(), "part": part}],
    )
    return encode_envelope(key.sign(encode_event(event))).decode()


async def test_nothing_of_it_is_left_but_the_order(erasing: Erasing) -> None:
    """Bytes, row, words, hours and references go; what others said stays; the chain has no hole."""
    other = erasing.fed.feed.say(tlp="CLEAR")
    gone = await erasing.says(tlp="CLEAR")
    assert len(await erasing.rows(search)) == 2
    await erasing.erases(gone)
    assert [row.feed_index for row in await erasing.rows(record)] == [1]
    for table in DERIVED:
        assert 2 not in [row.feed_index for row in await erasing.rows(table)]
    kept = await erasing.rows(mirror)
    assert [row.envelope is None for row in kept] == [False, True, False]
    assert [row.prev for row in kept][1:] == [row.digest for row in kept][:-1]
    assert CANARY not in str(await erasing.rows(erasure))
    assert (await erasing.get(f"/v1/records?q={CANARY}")).json()["records"] == []
    assert (await erasing.get(page(other), Accept="text/html")).status_code == 200


async def test_the_version_before_it_is_the_thread_s_last_again(erasing: Erasing) -> None:
    """What lists and counts is found anew."""
    first = await erasing.says()
    second = erasing.fed.feed.say(subject=first.subject)
    await erasing.fed.take()
    assert [row.feed_index for row in await erasing.rows(head)] == [2]
    await erasing.erases(second)
    assert [row.feed_index for row in await erasing.rows(head)] == [1]


@pytest.mark.parametrize(
    "path", ["/v1/records/1", "/v1/records/1/envelope", "/v1/records/1/proof", "/v1/proofs/{id}", "{page}/preuve"]
)
async def test_every_door_says_that_it_was_erased(erasing: Erasing, path: str) -> None:
    """With the code that says so, and only to whoever could have read it."""
    gone = await erasing.says(tlp="AMBER", audience=OBSERVATORY_ML)
    await erasing.erases(gone)
    asked = path.format(id=gone.id, page=page(gone))
    for reader, status, code in (
        (COMMISSION_ML, 410, "refused.erased"),
        (OBSERVATORY_ML, 410, "refused.erased"),
        (COMMISSION_NE, 404, "refused.request.notice"),
        (None, 404, "refused.request.notice"),
    ):
        answer = await erasing.get(asked, reader)
        assert (answer.status_code, answer.json()["code"]) == (status, code)


REFUSED = {
    "one officer": ((ML,), "refused.erasure.officers"),
    "two others": ((BF, NE), "refused.erasure.country"),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_the_archive_alone_erases_nothing(erasing: Erasing, name: str) -> None:
    """An order that does not hold is listed as unreadable; the notice is there."""
    countries, code = REFUSED[name]
    there = await erasing.says()
    await erasing.told(erasing.order(there, *countries))
    assert [(row.feed_index, row.code) for row in await erasing.rows(unreadable)] == [(2, code)]
    assert (await erasing.get("/v1/records/1/envelope")).status_code == 200


async def test_an_order_for_one_notice_erases_no_other(erasing: Erasing) -> None:
    """Told under another's name; or with the digest of one and the envelope of another."""
    first, second = await erasing.says(), await erasing.says()
    crossed = erasing.fed.feed.mark_with(second.source, second.id, "erased", erasing.order(first).encode().decode())
    await erasing.fed.take()
    digest = hashlib.sha256(encode_event(second)).hexdigest()
    await erasing.told(erasing.order(first, digest=digest))
    assert [row.code for row in await erasing.rows(unreadable)] == ["refused.erasure.digest"] * 2
    assert crossed.feed_index == 3
    assert len(await erasing.rows(record)) == 2
    assert await erasing.rows(erasure) == []


async def test_no_order_at_all_erases_nothing(erasing: Erasing) -> None:
    there = await erasing.says()
    await erasing.told(erasing.order(there), document="{}")
    assert [row.code for row in await erasing.rows(unreadable)] == ["refused.erasure"]
    assert len(await erasing.rows(record)) == 1


async def test_told_anew_it_is_not_stored_again(erasing: Erasing) -> None:
    """A restored archive tells its past again, bytes and all: this desk keeps the number, not the notice."""
    gone = await erasing.says()
    await erasing.erases(gone)
    entry = erasing.fed.feed.entries[0]
    erasing.fed.feed.rewind(0)
    erasing.fed.feed.append_value((entry.envelope or "").encode())
    erasing.fed.feed.say()
    await erasing.anew()
    assert [row.envelope is None for row in await erasing.rows(mirror)] == [True, False]
    assert [row.feed_index for row in await erasing.rows(record)] == [2]
    assert [row.feed_index for row in await erasing.rows(erasure)] == [1]
    assert (await erasing.get("/v1/records/1")).status_code == 410


async def test_an_archive_that_has_forgotten_gets_the_order_back(erasing: Erasing) -> None:
    """Restored from an older copy it tells the notice and no erasure; once it tells that again, nothing is owed."""
    gone = await erasing.says()
    order = await erasing.erases(gone)
    intake = erasing.fed.intake
    assert await intake.untold_erasures() == []
    entry = erasing.fed.feed.entries[0]
    erasing.fed.feed.rewind(0)
    erasing.fed.feed.append_value((entry.envelope or "").encode())
    await erasing.anew()
    assert await intake.untold_erasures() == [order.encode()]
    handed: list[httpx.Request] = []

    def archive(request: httpx.Request) -> httpx.Response:
        handed.append(request)
        return httpx.Response(200 if len(handed) == 1 else 403)

    client = CatchUp("http://archive", Country.ML, None)
    client._client = httpx.AsyncClient(transport=httpx.MockTransport(archive), base_url="http://archive")
    await client.hand_back(order.encode())
    assert (handed[0].url.path, handed[0].content) == ("/v1/erasures", order.encode())
    with pytest.raises(OutageError):
        await client.hand_back(order.encode())
    await client.close()
    await erasing.told(order)
    assert await intake.untold_erasures() == []


async def test_a_rebuilt_projection_keeps_numbers_and_tombstones(erasing: Erasing) -> None:
    """Public numbers, too: a reader's position means what it meant."""
    gone = await erasing.says(tlp="CLEAR")
    erasing.fed.feed.say(tlp="CLEAR")
    await erasing.fed.take()
    await erasing.erases(gone)
    live = [await erasing.rows(table) for table in (record, erasure)]
    done = await rebuild(erasing.fed.desk.database, erasing.fed.desk.registry.current, lambda *_: None)
    assert [await erasing.rows(table) for table in (record, erasure)] == live
    assert (done.records, done.unreadable) == (1, 0)
    assert [row.public_index for row in live[0]] == [2]


async def test_a_desk_that_hears_of_it_late_has_the_tombstone_too(erasing: Erasing) -> None:
    """It gets the notice without its content, then the order."""
    gone = await erasing.says()
    order, told = erasing.order(gone), erasing.fed.feed.entries[0]
    erasing.fed.feed.rewind(0)
    erasing.fed.feed.entries.append(told.model_copy(update={"envelope": None, "epoch": 2}))
    await erasing.anew()
    await erasing.told(order)
    assert await erasing.rows(record) == []
    assert (await erasing.get("/v1/records/1")).json()["code"] == "refused.erased"


async def test_its_page_says_when_why_by_whom_and_who_has_not_confirmed(erasing: Erasing) -> None:
    gone = await erasing.says(tlp="CLEAR")
    order = await erasing.erases(gone)
    answer = await erasing.get(page(gone), None, Accept="text/html")
    assert answer.status_code == 410
    for words in (REASON, "consentement retiré", "Mali", "Niger", "Personne encore.", "Nœud d’envoi\u00a0: ml"):
        assert words in answer.text, words
    assert CANARY not in answer.text
    for part, source in (("desk", COMMISSION_BF), ("node", COMMISSION_ML)):
        await erasing.told(order, "confirmed", beat(order, part, source))
    text = (await erasing.get(page(gone), None, Accept="text/html")).text
    done, waiting = text.split('id="attendu"')
    assert "Bureau de lecture\u00a0: Burkina Faso" in done
    assert "Nœud d’envoi\u00a0: ml" in done
    assert "Burkina" not in waiting
    assert "Niger" in waiting
    shown = (await erasing.get(f"/v1/erasures/{gone.id}", None)).json()
    assert [one["part"] for one in shown["confirmations"]] == ["desk/bf", "node/ml"]
    assert shown["waiting"] == ["desk/ml", "desk/ne", "desk/rg"]
    assert shown["order"].encode() == order.encode()


async def test_nobody_confirms_in_another_s_name(erasing: Erasing) -> None:
    """A sign of life that another body's key has signed confirms nothing."""
    order = await erasing.erases(await erasing.says())
    await erasing.told(order, "confirmed", beat(order, "desk", COMMISSION_BF, key_source=COMMISSION_NE))
    (listed,) = await erasing.rows(unreadable)
    assert listed.code == "refused.source"


async def test_what_it_confirms_itself_it_confirms_until_it_is_heard(erasing: Erasing) -> None:
    """Only once the files are written anew; no more once its own word has come back."""
    order = await erasing.erases(await erasing.says())
    desk = erasing.fed.desk
    assert await desk.erasures.to_confirm() == []
    assert await desk_scrub(desk) == 1
    assert await desk_scrub(desk) == 0
    assert await desk.erasures.to_confirm() == [order.env.hex()]
    await erasing.told(order, "confirmed", beat(order, "desk", COMMISSION_ML))
    assert await desk.erasures.to_confirm() == []


async def test_the_files_hold_it_no_more(erasing: Erasing, postgres: PostgresCluster) -> None:
    """Tables, indexes, the samples of their columns, and the write-ahead log."""
    gone = await erasing.says()
    with psycopg.connect(erasing.fed.desk.settings.conninfo, autocommit=True) as connection:
        connection.execute("ANALYZE")
    assert any(name.startswith("base/") for name in database_files_with(CANARY, postgres))
    await erasing.erases(gone)
    await desk_scrub(erasing.fed.desk)
    assert database_files_with(CANARY, postgres) == []


async def test_the_keys_of_a_sealed_notice_go_and_do_not_come_back(erasing: Erasing) -> None:
    """Those that came, and those that come again."""
    data = data_of("monitor.report") | {"head": {"title": CANARY, "body": CANARY}}
    inner = inner_event(source=COMMISSION_NE, audience=COMMISSION_ML, data=data, sequence="1")
    notice = seal_body(inner, readers_by_origin(registry(), inner, AT))
    erasing.fed.feed.append(notice.event)
    await erasing.fed.take()
    digest = hashlib.sha256(encode_event(notice.event)).digest()

    async def comes(offset: int) -> None:
        async with erasing.fed.desk.database.writing() as connection:
            came = Record(offset, 0, notice.capsules[Country.ML], digest)
            await capsules.take(connection, [came], "cluster")

    await comes(0)
    assert [row.value is None for row in await erasing.rows(capsule)] == [False]
    await erasing.erases(notice.event)
    await comes(1)
    assert {row.value for row in await erasing.rows(capsule)} == {None}


async def test_letters_that_wait_are_not_sent(erasing: Erasing) -> None:
    """And the thread's name, which is its author's own words, is forgotten there too."""
    gone = await erasing.says()
    async with erasing.fed.desk.database.writing() as connection:
        await connection.exec_driver_sql(
            "INSERT INTO mail_subscription (address, body, lang, asked, created, stop) VALUES"
            " ('a@example.org', '/ml/commission-defense', 'fr', '', now(), 's')"
        )
        await connection.exec_driver_sql(
            "INSERT INTO mail_outbox (subscription, source, thread, id, state, created, due)"
            " SELECT number, %s, %s, %s, 'waiting', now(), now() FROM mail_subscription",
            (gone.source, gone.subject, gone.id),
        )
    await erasing.erases(gone)
    (letter,) = await erasing.rows(mail_outbox)
    assert (letter.state, letter.thread) == ("passed", f"erased/{gone.id}")


async def test_the_table_that_it_was_imported_from_forgets_its_row(erasing: Erasing) -> None:
    """A file is kept for a week with the title of each row; the other rows stay."""
    gone, other = await erasing.says(), new_id()
    async with erasing.fed.desk.database.writing() as connection:
        await connection.exec_driver_sql(
            "INSERT INTO import_file (id, body, officer, type, profile, tlp, audience, lang, name, headings, strange,"
            " created) VALUES (%s, %s, 'o', 'agenda.meeting', 'x', 'GREEN', '{}', 'fr', 'f', '{}', '{}', now())",
            (other, gone.source),
        )
        for number, id_ in enumerate((gone.id, other)):
            await connection.exec_driver_sql(
                'INSERT INTO import_row (file, number, id, verdict, title, subject, "by", wrong, state)'
                " VALUES (%s, %s, %s, 'new', %s, '', '', '[]', 'taken')",
                (other, number, id_, CANARY),
            )
    await erasing.erases(gone)
    assert [str(row.id) for row in await erasing.rows(import_row)] == [other]


async def test_the_list_names_what_waits_for_an_order(erasing: Erasing) -> None:
    """A withdrawal for want of consent, until the notice is gone; then who has not confirmed."""
    gone = await erasing.says()
    target = {"source": gone.source, "id": gone.id}
    data = data_of("withdrawal") | {"target": target, "reason": "consentement-retire"}
    erasing.fed.feed.say("withdrawal", subject=gone.subject, data=data)
    await erasing.fed.take()
    page_before = (await erasing.get("/effacements", Accept="text/html")).text
    assert page(gone) + "/effacer" in page_before
    await erasing.erases(gone)
    page_after = (await erasing.get("/effacements", Accept="text/html")).text
    assert page(gone) + "/effacer" not in page_after
    assert REASON in page_after
    assert REASON not in (await erasing.get("/effacements", None, Accept="text/html")).text
    listed = (await erasing.get("/v1/erasures")).json()["erasures"]
    assert [one["id"] for one in listed] == [gone.id]


async def test_its_page_draws_up_an_order_that_nobody_has_signed(erasing: Erasing) -> None:
    """A file that says what the notice says; without a reason the form comes back with what was typed."""
    said = await erasing.says()
    cookies = {"tamani_session": erasing.fed.cookie(COMMISSION_ML)}
    async with erasing.fed.client() as browser:
        browser.headers["Accept"], browser.cookies = "text/html", httpx.Cookies(cookies)
        path = page(said) + "/effacer"
        form = await browser.get(path)
        assert "Deux officiers du registre" in form.text
        typed = {"jeton_formulaire": token_in(form), "fondement": "erreur"}
        bare = await browser.post(path, data=typed | {"motif": ""}, headers=ORIGIN)
        assert bare.status_code == 422
        assert 'value="erreur" required checked' in bare.text
        stranger = await browser.post(path, data=typed | {"motif": REASON}, headers={"Origin": "https://ailleurs.test"})
        assert stranger.status_code == 403
        drawn = await browser.post(path, data=typed | {"motif": REASON}, headers=ORIGIN)
    assert drawn.headers["content-disposition"] == f'attachment; filename="{said.id}.ordre.json"'
    order = decode_order(drawn.content.strip())
    assert order.approvals == ()
    assert (order.order.id, order.order.source, order.order.reason) == (said.id, said.source, REASON)


async def test_what_a_proposal_says_is_what_the_notice_says(erasing: Erasing) -> None:
    """The facts of the order, and the other notices of the thread, which it does not reach."""
    first = await erasing.says()
    second = erasing.fed.feed.say(subject=first.subject)
    await erasing.fed.take()
    shown = (await erasing.get(f"/v1/erasures/{first.id}")).json()
    assert shown["state"] == "present"
    assert shown["facts"] == {name: str(getattr(erasing.order(first).order, name)) for name in shown["facts"]}
    assert [one["id"] for one in shown["thread"]] == [second.id]
    assert (await erasing.get(f"/v1/erasures/{new_id()}")).status_code == 404
