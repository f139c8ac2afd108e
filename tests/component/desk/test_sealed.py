"""A reader's desk and what is sealed: told that it waits, opened on demand, kept nowhere, and why when it is not."""

import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text, update

from tamani.core.capsule import wrap
from tamani.core.event import Event
from tamani.core.names import Country
from tamani.core.policy import readers_by_origin
from tamani.core.sealing import SealedNotice
from tamani.core.sealing import seal as seal_body
from tamani.desk import capsules
from tamani.desk.capsule_reader import CapsuleReader
from tamani.desk.feed_topic import Record
from tamani.desk.identities import save_identity
from tamani.desk.service import make_desk
from tamani.desk.tables import capsule
from tamani.runtime.sealed_key import LIGHT
from tests.component.desk.conftest import Fed
from tests.component.desk.feeds import FIRST
from tests.component.desk.serving import listening, served
from tests.support.notices import (
    COMMISSION_ML,
    COMMISSION_NE,
    OBSERVATORY_ML,
    TOWN_ML,
    data_of,
    new_id,
    registry,
)
from tests.support.officers import session_of
from tests.support.reading_keys import identity_of
from tests.support.sealed import AT, inner_event

CANARY = "Titre-canari-1893"
WRITER, NAMED = COMMISSION_NE, COMMISSION_ML
PASSPHRASE = b"une phrase pour les essais"


@dataclass
class Reading:
    """A desk of Mali that holds the reading keys of two of its three bodies."""

    fed: Fed

    async def say(self, *, arrives: bool = True, **changes: Any) -> SealedNotice:
        """A sealed notice for the commission, and its key unless it is late."""
        data = data_of("monitor.report") | {"head": {"title": CANARY, "body": f"Du texte {CANARY}"}}
        given = {"source": WRITER, "audience": NAMED, "data": data, "sequence": str(len(self.fed.feed.entries) + 1)}
        inner = inner_event(**(given | changes))
        notice = seal_body(inner, readers_by_origin(registry(), inner, AT))
        self.fed.feed.append(notice.event)
        await self.fed.take()
        if arrives:
            await self.bring(notice.capsules[Country.ML])
        return notice

    async def bring(self, *values: bytes, offset: int = 0) -> None:
        """What stands on the topic of Mali's capsules."""
        records = [Record(offset + number, 0, value, b"\1" * 32) for number, value in enumerate(values)]
        async with self.fed.desk.database.writing() as connection:
            await capsules.take(connection, records, "cluster")

    async def ask(self, path: str, reader: str | None = NAMED, **headers: str) -> Any:
        """The answer to this reader."""
        async with self.fed.client(reader) as client:
            return await client.get(path, headers=headers)


@pytest.fixture
async def reading(fed: Fed, tmp_path: Path) -> Reading:
    """Its keys are read when it is made, as at a start."""
    (tmp_path / "passphrase").write_bytes(PASSPHRASE + b"\n")
    for body in (COMMISSION_ML, OBSERVATORY_ML):
        save_identity(fed.desk.settings.reading_keys_path, body, identity_of(body), PASSPHRASE, LIGHT)
    old = fed.desk
    settings = old.settings.model_copy(update={"passphrase_file": tmp_path / "passphrase"})
    desk = make_desk(settings, old.database, old.registry, None, clock=lambda: FIRST + timedelta(hours=1))
    desk.hub = old.hub
    fed.desk = desk
    return Reading(fed)


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def page_of(event: Event) -> str:
    return f"/avis{event.source}/{event.id}"


async def test_a_reader_opens_what_is_sealed_for_their_body(reading: Reading) -> None:
    """The plaintext with its own type; the exact envelope beside it; nothing of either is kept by a cache."""
    notice = await reading.say()
    answer = await reading.ask("/v1/records/1/opened")
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["type"], told["tlp"], told["beyond_rights"]) == ("tamani.monitor.report.v1", "RED", False)
    assert (told["source"], told["id"], told["data"]["head"]["title"]) == (WRITER, notice.event.id, CANARY)
    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers
    whole = await reading.ask("/v1/records/1")
    assert whole.json()["event"]["data"] == notice.event.data
    capsule_file = await reading.ask("/v1/records/1/capsule")
    assert (capsule_file.content, capsule_file.headers["cache-control"]) == (notice.capsules[Country.ML], "no-store")


async def test_its_page_opens_with_the_labels_of_its_form(reading: Reading) -> None:
    """Closed: who, when, to whom, and a way to open it. Opened: its fields, a warning, and nothing to download."""
    event = (await reading.say()).event
    closed = (await reading.ask(page_of(event), accept="text/html")).text
    assert "Un avis scellé vous attend" in closed
    assert f'href="{page_of(event)}/ouvert"' in closed
    assert "TLP:RED" in closed
    assert CANARY not in closed
    assert event.data["ciphertext"] not in closed
    opened = await reading.ask(page_of(event) + "/ouvert", accept="text/html")
    assert opened.status_code == 200, opened.text
    assert opened.text.count(CANARY) >= 2
    for label in ("Observatoire", "Méthode", "ne pas transmettre"):
        assert label in opened.text
    assert "/envelope" not in opened.text
    assert opened.headers["cache-control"] == "no-store"


async def test_the_trail_says_which_officer_opened_it(reading: Reading) -> None:
    """Nothing before it is opened; a line with the notice's name after; none for a program's token."""
    event = (await reading.say()).event
    cookie = session_of(reading.fed.desk.accounts, NAMED)
    async with reading.fed.client(None) as client:
        client.cookies.set(reading.fed.desk.gate.cookie, cookie)
        assert (await reading.ask("/v1/records/1/opened")).status_code == 200
        before = (await client.get("/officiers")).text
        assert (await client.get(page_of(event) + "/ouvert")).status_code == 200
        after = (await client.get("/officiers")).text
    assert event.id not in before
    assert f"{event.source} {event.id}" in after
    assert CANARY not in after


async def test_feeds_and_lists_say_that_it_waits(reading: Reading) -> None:
    """To whom it names; the stream carries no ciphertext; to others nothing at all."""
    async with served(reading.fed.desk) as url, listening(url, reading.fed.token(NAMED), cursor="0") as ear:
        event = (await reading.say()).event
        heard = (await ear.until("record")).text
    assert "Un avis scellé vous attend." in heard
    assert event.data["nonce"] not in heard
    for path in ("/", "/feed.atom"):
        text_ = (await reading.ask(path)).text
        assert "Un avis scellé vous attend" in text_
        assert event.id in text_
        assert event.data["nonce"] not in text_
    for stranger in (OBSERVATORY_ML, TOWN_ML, None):
        for path in ("/", "/feed.atom", "/v1/records"):
            assert event.id not in (await reading.ask(path, stranger)).text
        for path in ("/v1/records/1/opened", "/v1/records/1/capsule", page_of(event) + "/ouvert"):
            assert (await reading.ask(path, stranger)).status_code == 404


async def test_a_plain_notice_is_not_opened(reading: Reading) -> None:
    reading.fed.feed.say()
    await reading.fed.take()
    for what in ("opened", "capsule"):
        assert code_of(await reading.ask(f"/v1/records/1/{what}")) == (404, "refused.request.notice")


# Why it cannot be opened.


async def test_a_key_that_is_late_is_waited_for(reading: Reading) -> None:
    """The page says what to do; once it comes, the same address opens."""
    notice = await reading.say(arrives=False)
    assert code_of(await reading.ask("/v1/records/1/opened")) == (409, "refused.sealed.waiting")
    page = await reading.ask(page_of(notice.event) + "/ouvert", accept="text/html")
    assert (page.status_code, "est pas encore arrivée" in page.text) == (409, True)
    await reading.bring(notice.capsules[Country.ML])
    assert (await reading.ask("/v1/records/1/opened")).status_code == 200


async def test_a_key_that_is_handed_out_no_more_is_asked_for(reading: Reading) -> None:
    """After the retention of its topic; sent again by its author, it opens."""
    notice = await reading.say(arrives=False)
    reading.fed.desk.opener._clock = lambda: FIRST + timedelta(days=36)
    assert code_of(await reading.ask("/v1/records/1/opened")) == (410, "refused.sealed.expired")
    await reading.bring(notice.capsules[Country.ML])
    assert (await reading.ask("/v1/records/1/opened")).status_code == 200


@pytest.mark.parametrize("came_before", [True, False])
async def test_an_erased_key_stays_erased(reading: Reading, came_before: bool) -> None:
    """Also when it is sent again, or had not come yet."""
    notice = await reading.say(arrives=came_before)
    named = next(one for one in notice.event.data["capsules"] if one["origin"] == "ml")
    async with reading.fed.desk.database.writing() as connection:
        await capsules.erase(connection, named["sha256"], "00" * 32)
    await reading.bring(notice.capsules[Country.ML], offset=9)
    for what in ("opened", "capsule"):
        assert code_of(await reading.ask(f"/v1/records/1/{what}")) == (410, "refused.sealed.erased")
    async with reading.fed.desk.database.reading() as connection:
        assert await connection.scalar(select(func.count()).where(capsule.c.value.is_not(None))) == 0


async def test_a_body_without_its_reading_key_here_is_told_so(reading: Reading) -> None:
    """Named, entitled, but its key lives elsewhere or was lost."""
    await reading.say(audience=TOWN_ML)
    assert code_of(await reading.ask("/v1/records/1/opened", TOWN_ML)) == (403, "refused.sealed.reader")


async def test_a_key_for_another_text_is_not_believed(reading: Reading) -> None:
    """An author who gives this country another key than that of their signature."""
    notice = await reading.say(arrives=False)
    forged = replace(notice.event, id=new_id(), sequence="9")
    split = wrap(bytes(32), WRITER, forged.id, [identity_of(NAMED).recipient])
    refs = [dict(one) for one in forged.data["capsules"]]
    refs[0]["sha256"] = hashlib.sha256(split).hexdigest()
    reading.fed.feed.append(replace(forged, data=forged.data | {"capsules": refs}))
    await reading.fed.take()
    await reading.bring(split)
    assert code_of(await reading.ask("/v1/records/2/opened")) == (422, "refused.sealed.commitment")


async def test_what_its_body_may_not_say_is_shown_with_a_word(reading: Reading) -> None:
    """The region could not see the type: the reader is told."""
    known = registry(version=2)
    keys = tuple(r.model_copy(update={"rights": ("law.item:*",)}) if r.body == WRITER else r for r in known.keys)
    event = (await reading.say()).event
    reading.fed.desk.registry._current = known.model_copy(update={"keys": keys})
    assert (await reading.ask("/v1/records/1/opened")).json()["beyond_rights"] is True
    page = (await reading.ask(page_of(event) + "/ouvert", accept="text/html")).text
    assert "n’a pas le droit de publier ce type" in page


# Threads.


async def test_a_thread_is_folded_from_what_the_reader_can_open(reading: Reading) -> None:
    """Versions and a withdrawal, all sealed: the opened page says what became of it; closed, it is one thread."""
    first = await reading.say()
    subject = first.event.subject
    await reading.say(subject=subject)
    lost = await reading.say(subject=subject, arrives=False)
    target = {"target": {"source": WRITER, "id": first.event.id}}
    await reading.say(kind="withdrawal", subject=subject, data=data_of("withdrawal") | target)
    page = await reading.ask(page_of(first.event) + "/ouvert", accept="text/html")
    assert "Avis retiré par son organisme" in page.text
    assert f"Du texte {CANARY}" not in page.text
    assert page_of(lost.event) not in page.text
    listed = (await reading.ask("/")).text
    assert listed.count('class="card"') == 1


# What stands on the topic.


async def test_junk_is_not_kept_and_old_claims_go(reading: Reading) -> None:
    """Any node may write there: what is no age file is passed over, what no notice claims goes after 35 days."""
    good = (await reading.say()).capsules[Country.ML]
    await reading.bring(b"", b"junk", b"age-encryption.org/v1\n" + bytes(17_000), good, good)
    stranger = b"age-encryption.org/v1\n-> X25519 rien"
    await reading.bring(stranger, offset=7)
    desk = reading.fed.desk
    async with desk.database.writing() as connection:
        assert await connection.scalar(select(func.count()).select_from(capsule)) == 2
        assert await capsules.next_offset(connection, "cluster") == 8
        assert await capsules.next_offset(connection, "another") == 0
        assert await capsules.drop_junk(connection) == 0
        digest = reading.fed.feed.entries[0].digest
        mine = capsule.c.sha256 == hashlib.sha256(good).digest()
        await connection.execute(update(capsule).where(mine).values(digest=digest))
        await connection.execute(update(capsule).values(received=text("now() - interval '36 days'")))
        assert await capsules.drop_junk(connection) == 1
    assert (await reading.ask("/v1/records/1/opened")).status_code == 200


async def test_a_sweep_is_made_now_and_then(reading: Reading) -> None:
    """At the start, then every few hours."""
    now = [FIRST]
    desk = reading.fed.desk
    reader = CapsuleReader(desk.settings, desk.database, lambda: now[0])
    await reading.bring(b"age-encryption.org/v1\nrien")
    async with desk.database.writing() as connection:
        await connection.execute(update(capsule).values(received=text("now() - interval '36 days'")))

    async def count() -> int:
        async with desk.database.reading() as connection:
            return await connection.scalar(select(func.count()).select_from(capsule)) or 0

    await reader._sweep()
    assert await count() == 0
    await reading.bring(b"age-encryption.org/v1\nencore", offset=3)
    async with desk.database.writing() as connection:
        await connection.execute(update(capsule).values(received=text("now() - interval '36 days'")))
    await reader._sweep()
    assert await count() == 1
    now[0] += timedelta(hours=6)
    await reader._sweep()
    assert await count() == 0
