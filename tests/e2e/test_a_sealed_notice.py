"""What is sealed is read by whom it names, and its words are nowhere at the region nor at anybody else's site.

A canary: a random word in the title and the text of sealed notices. Whatever the bus has written is searched for it;
the same search finds another word, said in a plain notice, in each of the places where it must be.
"""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from confluent_kafka import Producer

from tamani.core.names import Country, capsules
from tests.support.authors import Author, Notice
from tests.support.bus import Bus, running_bus
from tests.support.notices import COMMISSION_BF, COMMISSION_ML, OBSERVATORY_ML, OBSERVATORY_NE, data_of
from tests.support.searching import files_with, spellings
from tests.support.telling import Tell
from tests.support.waiting import reaches, until

WRITER, NAMED = COMMISSION_ML, OBSERVATORY_NE
WAITS = "Un avis scellé vous attend"

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.timeout(900)]


@dataclass
class Overheard:
    """What live readers were told, by reader."""

    said: dict[str, list[str]] = field(default_factory=dict)

    def text(self) -> str:
        """All of it."""
        return "\n".join(line for lines in self.said.values() for line in lines)


async def test_a_sealed_notice_is_read_by_whom_it_names_and_by_nobody_else(tell: Tell) -> None:
    """Posted at a site like any other; opened at two sites; unseen at the region and at the other two."""
    canary, control = (f"canari{secrets.token_hex(12)}" for _ in range(2))
    author = Author("sealed", (WRITER,), urgent=0)
    request, answer = _contact(author, canary)
    async with running_bus() as bus, httpx.AsyncClient(timeout=30) as client, _listening(bus, client) as heard:
        _throw_junk(bus)
        plain = _with_word(author, control, tlp="CLEAR")
        sealed = [
            _with_word(author, canary, tlp="RED", audience=[NAMED], subject=None),
            _with_word(author, canary, tlp="AMBER", audience=[NAMED], subject=None, caveats=["witness"]),
            request,
        ]
        for notice in (plain, *sealed):
            await bus.poster().post(client, notice)
        await reaches(bus.archived, 4, "the ledger")
        await bus.poster().post(client, answer)
        await reaches(bus.archived, 5, "the answer")
        sealed.append(answer)
        for notice in sealed:
            for reader in (NAMED, WRITER):
                await _reads_it(bus, client, reader, notice, canary)
            for stranger in (OBSERVATORY_ML, COMMISSION_BF, None):
                await _is_told_nothing(bus, client, stranger, notice)
        await _feeds_tell_that_it_waits(bus, client, sealed[0], canary)
        figures = await _figures(bus, client)
        await until(lambda: _was_told(heard, control), "live readers heard the plain one", 20)
        assert canary not in heard.text()
        assert control in heard.text()
        assert canary not in figures
        tell(_search(bus, canary, control))


def _with_word(author: Author, word: str, **body: Any) -> Notice:
    caveats = body.pop("caveats", [])
    notice = author.notice(**body)
    head = notice.body["data"]["head"] | {"title": f"Titre {word}", "body": f"Du texte, puis {word}, et la suite."}
    notice.body["data"]["head"] = head | ({"caveats": caveats} if caveats else {})
    if notice.body["subject"] is None:
        del notice.body["subject"]
    return notice


def _contact(author: Author, word: str) -> tuple[Notice, Notice]:
    """A request to be put in contact and its answer, each in the fullest data of its profile, in one sealed thread."""
    asked = {"addressed_to": [NAMED]} | {"head": {"title": f"Contact {word}"}}
    data = data_of("exchange.request", True, "mise-en-relation") | asked
    given: dict[str, Any] = {"profile": "mise-en-relation", "tlp": "RED", "subject": f"sealed/{uuid4()}"}
    request = Notice(WRITER, author.notice(type="exchange.request", audience=[NAMED], **given).body | {"data": data})
    data = data_of("exchange.answer", True, "mise-en-relation") | {"head": {"title": f"Réponse {word}"}}
    data["target"] = {"source": WRITER, "id": request.id}
    answer = author.notice(type="exchange.answer", audience=[WRITER], **given).body | {"data": data}
    return request, Notice(NAMED, answer)


def _throw_junk(bus: Bus) -> None:
    """A node that writes what nobody asked for to the readers' capsules harms nobody."""
    producer = Producer(bus.kafka.confluent("node.bf"))
    for value in (b"", b"junk", b"age-encryption.org/v1\njunk", bytes(16_000)):
        producer.produce(capsules(Country.NE), value, b"\0" * 32)
    assert producer.flush(30) == 0


async def _record(bus: Bus, client: httpx.AsyncClient, reader: str, notice: Notice) -> dict[str, Any]:
    url, headers = bus.url(Country(reader[1:3])), bus.poster().bearer(reader)

    async def found() -> dict[str, Any] | None:
        records = (await client.get(f"{url}/v1/records", headers=headers)).json()["records"]
        return next((one for one in records if one["event"]["id"] == notice.id), None)

    return await until(found, f"{reader} has it", 30)


async def _reads_it(bus: Bus, client: httpx.AsyncClient, reader: str, notice: Notice, word: str) -> None:
    """By program and on the page; the page before it is opened has no word of it; nothing is kept on the way."""
    url, headers = bus.url(Country(reader[1:3])), bus.poster().bearer(reader)
    record = await _record(bus, client, reader, notice)
    assert record["event"]["type"] == "tamani.sealed.v1"
    opened_at = url + record["links"]["self"] + "/opened"

    async def opened() -> httpx.Response | None:
        answer = await client.get(opened_at, headers=headers)
        return answer if answer.status_code != 409 else None

    answer = await until(opened, "its key has come", 30)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert (answer.json()["type"], answer.json()["data"]) == (f"tamani.{notice.body['type']}.v1", notice.body["data"])
    page = await client.get(url + record["links"]["page"], headers=headers)
    assert (page.status_code, word in page.text) == (200, False)
    within = await client.get(url + record["links"]["page"] + "/ouvert", headers=headers)
    assert (within.status_code, word in within.text) == (200, True)
    assert within.headers["cache-control"] == "no-store"
    assert "etag" not in within.headers


async def _is_told_nothing(bus: Bus, client: httpx.AsyncClient, stranger: str | None, notice: Notice) -> None:
    """To a body of the same country, to one of another and to the public it does not exist."""
    url = bus.url(Country(stranger[1:3]) if stranger else Country.NE)
    headers = bus.poster().bearer(stranger) if stranger else {}
    for path in ("/v1/records", "/", "/feed.atom"):
        assert notice.id not in (await client.get(url + path, headers=headers)).text, f"{path} for {stranger}"
    for path in (f"/avis{notice.source}/{notice.id}", f"/avis{notice.source}/{notice.id}/ouvert"):
        assert (await client.get(url + path, headers=headers)).status_code == 404
    for number in range(1, 10):
        for what in ("opened", "capsule"):
            answer = await client.get(f"{url}/v1/records/{number}/{what}", headers=headers)
            assert answer.status_code == 404, answer.text


async def _feeds_tell_that_it_waits(bus: Bus, client: httpx.AsyncClient, notice: Notice, word: str) -> None:
    """In Atom and on the list: that it waits, and no more."""
    url, headers = bus.url(Country.NE), bus.poster().bearer(NAMED)
    for path in ("/feed.atom", "/"):
        text = (await client.get(url + path, headers=headers)).text.replace("\u2019", "'")
        assert WAITS in text
        assert notice.id in text
        assert word not in text


async def _figures(bus: Bus, client: httpx.AsyncClient) -> str:
    ports = [port for name, port in bus.ports.items() if name in bus.parts]
    answers = [await client.get(f"http://127.0.0.1:{port}/metrics") for port in ports]
    assert all(answer.status_code == 200 for answer in answers)
    return "\n".join(answer.text for answer in answers)


@contextlib.asynccontextmanager
async def _listening(bus: Bus, client: httpx.AsyncClient) -> AsyncIterator[Overheard]:
    """A live reader of each kind at each end: named, of a site not addressed, and the public."""
    heard = Overheard()
    readers = {NAMED: NAMED, COMMISSION_BF: COMMISSION_BF, "": None}
    tasks = [asyncio.create_task(_listen(bus, client, name, who, heard)) for name, who in readers.items()]
    try:
        yield heard
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _listen(bus: Bus, client: httpx.AsyncClient, name: str, who: str | None, heard: Overheard) -> None:
    url = bus.url(Country(who[1:3]) if who else Country.BF) + "/v1/stream?cursor=0"
    headers = bus.poster().bearer(who) if who else {}
    lines = heard.said.setdefault(name, [])
    async with client.stream("GET", url, headers=headers, timeout=None) as answer:
        async for line in answer.aiter_lines():
            lines.append(line)


async def _was_told(heard: Overheard, word: str) -> bool:
    """Everybody heard the plain one; the reader heard that the sealed ones wait."""
    waits = [line for line in heard.said.get(NAMED, []) if WAITS in line]
    return len(waits) == 4 and all(word in "\n".join(lines) for lines in heard.said.values())


def _search(bus: Bus, canary: str, control: str) -> str:
    """Kafka's segments, PostgreSQL's data and WAL (the archive's and every desk's), SQLite files, keys, logs: told."""
    with psycopg.connect(bus.postgres.postgres.dsn("postgres"), autocommit=True) as connection:
        connection.execute("CHECKPOINT")
    places = {
        "kafka": [bus.kafka.kafka.folder],
        "postgres": [bus.postgres.postgres.data],
        "logs": [bus.folder / "logs"],
    } | {f"site-{country}": [bus.site_folder(country)] for country in Country}
    found = {name: files_with(canary, folders) for name, folders in places.items()}
    assert found == {name: [] for name in places}
    seen = {name: files_with(control, folders) for name, folders in places.items()}
    assert any(name.endswith(".log") for name in seen["kafka"]), "the search finds what is there"
    assert {name.partition("/")[0] for name in seen["postgres"]} >= {"base", "pg_wal"}
    assert [name for name, hits in seen.items() if hits and name.startswith("site-")] == ["site-ml"], "its own outbox"
    return f"{len(spellings(canary))} spellings of the canary: 0 hits; of the control: {seen}"
