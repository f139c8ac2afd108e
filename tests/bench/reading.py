"""How fast a desk answers that has mirrored a great deal: the list, its facets, search, feeds, the API, the stream.

The desk is the real one on a real PostgreSQL, asked through its application in this process: what is measured is the
server's own work, without a network. One request in twenty comes just after a change of what it asks for, so that what
is kept for the next reader does not hide what making it takes; of pages for which much is kept, the view of a desk that
has kept nothing yet is measured apart.
Then as a desk starts: what it prepares, and the first views after that.
Mark: 95 of 100 answers within 200 ms at 100,000 notices, of a desk that is in service; first views are told beside it.
"""

import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Literal
from urllib.parse import urlencode

import httpx

from tamani.core.codelists import terms
from tamani.desk.app import build_app
from tamani.desk.database import Database as Tables
from tamani.desk.filters import Filters
from tamani.desk.intake import Intake
from tamani.desk.saved.searches import Owner
from tamani.desk.service import Desk, make_desk
from tamani.runtime.registry import RegistryHolder
from tamani.runtime.tokens import TokenStore
from tests.component.desk.conftest import desk_settings
from tests.component.desk.feeds import Feed
from tests.component.desk.serving import listening, served
from tests.support.authors import Author, Notice, Signer
from tests.support.cluster import Database, postgres_cluster
from tests.support.notices import COMMISSION_ML, SOURCES, registry_value
from tests.support.officers import session_of

RECORDS = 100_000
TELL_EVERY = 10_000
ASKED, FRESH, STARTS = 200, 40, 10
CHANGED_EVERY = 20
HEARD = 60
BODY = COMMISSION_ML
AREAS = tuple(area for area in terms("areas") if area.count("-") == 1)[:24]
THEMES = tuple(terms("themes"))
LABELS = ("CLEAR", "CLEAR", "GREEN", "GREEN", "GREEN", "AMBER")
# Of the French, one stands in every notice or nearly, one in one of two thousand; so of the English.
COMMON, RARE = ("témoins", "rapport or avis", "hearing", "commission -police"), ("bornage", "demarcation")
EVERY = 2000


@dataclass(frozen=True, slots=True)
class Question:
    """One kind of request and how long its answers took (milliseconds)."""

    name: str
    times: tuple[float, ...]
    largest: int

    def at(self, part: float) -> float:
        """The time within which this part of the answers came."""
        return sorted(self.times)[min(len(self.times) - 1, int(len(self.times) * part))]

    @property
    def median(self) -> float:
        """Half of them."""
        return statistics.median(self.times)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was taken in, at which rate, and how the desk then answered."""

    records: int
    taken_per_second: float
    questions: tuple[Question, ...]

    @property
    def slowest(self) -> float:
        """The worst of the times within which 95 of 100 answers of a desk in service came (milliseconds)."""
        apart = {PREPARING, *FIRST_VIEWS}
        return max(question.at(0.95) for question in self.questions if question.name not in apart)


async def measure_reading(records: int = RECORDS) -> Reading:
    """Fill a mirror and ask it."""
    with tempfile.TemporaryDirectory() as folder, postgres_cluster() as cluster:
        desk = await _desk(cluster.fresh(), Path(folder))
        try:
            saying = Saying(desk, records)
            started = time.perf_counter()
            await saying.say(records)
            rate = records / (time.perf_counter() - started)
            readers = await _readers(desk)
            questions = [await _ask(desk, readers, name, saying) for name in QUESTIONS]
            questions += [await _ask_first(desk, readers, name) for name in FIRST_VIEWS]
            questions += await _ask_prepared(desk, readers)
            questions.append(await _hear(desk, readers.token, saying))
        finally:
            desk.accounts.close()
            await desk.database.close()
    return Reading(records, rate, tuple(questions))


async def _desk(cluster: Database, folder: Path) -> Desk:
    settings = desk_settings(cluster, folder)
    holder = RegistryHolder(settings, settings.registry_path)
    assert holder.offer(registry_value())
    tables = Tables(settings.conninfo)
    await tables.migrate()
    return make_desk(settings, tables, holder, None)


class Saying:
    """Notices on four times fewer threads, taken in as the mirror does it: 500 verified, projected, indexed at once.

    A third is public, half for every body, a sixth for two that it names; three in four are French.
    """

    def __init__(self, desk: Desk, records: int) -> None:
        self._chance = random.Random("reading")
        self._author, self._signer, self._feed = Author("reading", threads=records // 4), Signer(), Feed()
        self._intake = Intake(desk.database, desk.registry)
        self._made = 0

    async def say(self, count: int, labels: Sequence[str] = LABELS, kind: str = "") -> None:
        """The next ones, under any of these labels; of one type alone, if it is given."""
        place = await self._intake.load()
        for number in range(1, count + 1):
            self._feed.append_value(self._signer.sign(self._notice(labels, kind)).value)
            if number % 500 == 0 or number == count:
                place = await self._intake.take(place, self._feed.entries[place.head :])
            if number % TELL_EVERY == 0:
                print(f"taken in: {number:,} of {count:,}", file=sys.stderr, flush=True)

    def _notice(self, labels: Sequence[str], kind: str) -> Notice:
        made = iter(self._author.notice, None)
        notice, chance = next(one for one in made if kind in ("", one.body["type"])), self._chance
        self._made += 1
        data, tlp = notice.body["data"], chance.choice(labels)
        english = chance.random() < 0.25
        words = ["hearing of witnesses at the border" if english else "", *([] if self._made % EVERY else RARE)]
        head = data["head"]
        head["areas"] = sorted(chance.sample(AREAS, chance.choice((1, 1, 2))))
        head["themes"] = sorted(chance.sample(THEMES, chance.choice((0, 1, 1, 2))))
        head["body"] = " ".join([head["body"], *words])
        if "severity" in data:
            data["severity"] = chance.choice(("Severe", "Moderate", "Minor"))
        if "start" in data:
            day = date(2020, 1, 1) + timedelta(days=chance.randrange(3650))
            data |= {"start": f"{day}T09:00:00Z", "end": f"{day}T12:00:00Z"}
        named = sorted(chance.sample(SOURCES, 2)) if tlp == "AMBER" else []
        return replace(notice, body=notice.body | {"tlp": tlp, "audience": named, "lang": "en" if english else "fr"})


Addresses = Callable[[random.Random], Iterator[str]]
Who = Literal["public", "body", "officer"]
# Stands for the address of a saved search, which is made with the mirror.
SAVED = "/saved"


def _one_of(*addresses: str) -> Addresses:
    def some(chance: random.Random) -> Iterator[str]:
        while True:
            yield chance.choice(addresses)

    return some


def _searched(path: str, words: tuple[str, ...]) -> Addresses:
    return _one_of(*(str(httpx.URL(path, params={"q": word})) for word in words))


def _deep(chance: random.Random) -> Iterator[str]:
    while True:
        yield f"/?avant={chance.randrange(1000, RECORDS // 3)}"


def _filtered(chance: random.Random) -> Iterator[str]:
    while True:
        origin, kind = (
            chance.choice(("bf", "ml", "ne")),
            chance.choice(("agenda.meeting", "law.item", "monitor.report")),
        )
        chosen = [("area", area) for area in chance.sample(AREAS, 2)] + [("origin", origin), ("type", kind)]
        themes = [("theme", theme) for theme in chance.sample(THEMES, chance.choice((0, 1)))]
        yield "/?" + urlencode(themes + chosen[: chance.choice((1, 2, 4))])


def _records(chance: random.Random) -> Iterator[str]:
    while True:
        yield f"/v1/records?cursor={chance.randrange(RECORDS // 3)}&limit=100"


MONTHS = _one_of("/agenda?jour=2026-09-01", "/agenda?jour=2027-02-01")
# By name: the addresses asked for, by whom (a body also reads what names it), and of which type the changes are.
QUESTIONS: dict[str, tuple[Addresses, Who, str]] = {
    "inbox, first page (25 threads, facets with counts)": (_one_of("/"), "body", ""),
    "the same, for the public": (_one_of("/"), "public", ""),
    "inbox, deep page": (_deep, "body", ""),
    "the same, for the public ": (_deep, "public", ""),
    "inbox with one to four filters": (_filtered, "body", ""),
    "inbox since a day": (_one_of("/?since=2026-03-20", "/?until=2026-04-01"), "body", ""),
    "search, a word that nearly every notice has": (_searched("/", COMMON), "body", ""),
    "search, a word that one in 2,000 has": (_searched("/", RARE), "body", ""),
    "an officer's first page": (_one_of("/accueil"), "officer", "agenda.meeting"),
    "what others owe us": (_one_of("/demandes"), "officer", "agenda.meeting"),
    "Atom": (_one_of("/feed.atom"), "body", ""),
    "Atom, for the public": (_one_of("/feed.atom"), "public", ""),
    "Atom of a search": (_searched("/feed.atom", COMMON + RARE), "body", ""),
    "Atom with filters": (_one_of(*(f"/feed.atom?area={area}&lang=en" for area in AREAS)), "body", ""),
    "Atom of a saved search": (_one_of(SAVED + ".atom"), "public", ""),
    "calendar of a saved search": (_one_of(SAVED + ".ics"), "public", "agenda.meeting"),
    "API, 100 records": (_records, "body", ""),
    "API, 100 records, for the public": (_records, "public", ""),
    "calendar, a month": (MONTHS, "body", "agenda.meeting"),
    "laws, where everything stands": (_one_of("/lois"), "body", "law.item"),
    "the same, for the public  ": (_one_of("/lois"), "public", "law.item"),
    "calendar of one body (ICS)": (_one_of(f"/agenda.ics?body={BODY}"), "public", "agenda.meeting"),
}
# The same of a desk that keeps nothing yet: its first reader after a start.
FIRST_VIEWS: dict[str, tuple[Addresses, Who]] = {
    "an officer's first page, nothing kept": (_one_of("/accueil"), "officer"),
    "what others owe us, nothing kept": (_one_of("/demandes"), "officer"),
    "calendar, a month, nothing kept": (MONTHS, "body"),
    "laws, nothing kept": (_one_of("/lois"), "body"),
}

# What a desk makes when it starts, for the public and the one body that has officers here; and the views after it.
PREPARING = "(what a desk prepares when it starts, for two readers)"
PREPARED_VIEWS = {
    "an officer's first page, the first after a start": "/accueil",
    "what others owe us, the first after a start": "/demandes",
    "calendar, this month, the first after a start": "/agenda",
    "laws, the first after a start": "/lois",
}


@dataclass(frozen=True, slots=True)
class Readers:
    """What those who ask hold: a program's token, an officer's session, the secret part of a saved search's address."""

    token: str
    cookie: str
    secret: str

    def headers(self, who: Who) -> dict[str, str]:
        """Of a request."""
        program, browser = {"Authorization": f"Bearer {self.token}"}, {"Cookie": f"tamani_session={self.cookie}"}
        return {"Accept": "text/html"} | {"public": {}, "body": program, "officer": browser}[who]


async def _readers(desk: Desk) -> Readers:
    cookie = session_of(desk.accounts, BODY)
    (officer,) = desk.accounts.officers.of_body(BODY)
    owner = Owner(officer.id, BODY)
    await desk.saved.save(owner, "bench", Filters(q=COMMON[0]))
    (search,) = await desk.saved.all(owner)
    token = TokenStore(desk.settings.tokens_path).issue(BODY, "reader", "bench")
    return Readers(token, cookie, await desk.saved.open(owner, search.number))


async def _ask(desk: Desk, readers: Readers, name: str, saying: Saying) -> Question:
    make, who, kind = QUESTIONS[name]
    addresses = make(random.Random(name))
    answers = []
    async with _browser(desk, readers, who) as client:
        for number in range(ASKED):
            if number % CHANGED_EVERY == 0:
                await saying.say(1, ("CLEAR",), kind)
            answers.append(await _timed(client.get, next(addresses).replace(SAVED, f"/suivre/{readers.secret}")))
    return _question(name, answers)


async def _ask_first(desk: Desk, readers: Readers, name: str) -> Question:
    make, who = FIRST_VIEWS[name]
    addresses = make(random.Random(name))
    answers = []
    async with _browser(desk, readers, who) as client:
        for _ in range(FRESH):
            _forget(desk)
            answers.append(await _timed(client.get, next(addresses)))
    return _question(name, answers)


async def _ask_prepared(desk: Desk, readers: Readers) -> list[Question]:
    """The first views of a desk that has started and prepared what is asked for most."""
    answers: dict[str, list[tuple[float, int]]] = {name: [] for name in (PREPARING, *PREPARED_VIEWS)}
    async with _browser(desk, readers, "officer") as client:
        for _ in range(STARTS):
            _forget(desk)
            started = time.perf_counter()
            await desk.preparing.prepare()
            answers[PREPARING].append(((time.perf_counter() - started) * 1000, 0))
            for name, address in PREPARED_VIEWS.items():
                answers[name].append(await _timed(client.get, address))
    return [_question(name, told) for name, told in answers.items()]


def _browser(desk: Desk, readers: Readers, who: Who) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(build_app(desk))
    return httpx.AsyncClient(transport=transport, base_url="http://desk.bench", headers=readers.headers(who))


def _question(name: str, answers: Sequence[tuple[float, int]]) -> Question:
    return Question(name.strip(), tuple(spent for spent, _ in answers), max(size for _, size in answers))


def _forget(desk: Desk) -> None:
    """As after a start: what a desk keeps between requests is as it was made."""
    fresh = make_desk(desk.settings, desk.database, desk.registry, None)
    fresh.accounts.close()
    desk.laws, desk.meetings, desk.calendars, desk.told = fresh.laws, fresh.meetings, fresh.calendars, fresh.told


async def _timed(get: Callable[[str], Awaitable[httpx.Response]], address: str) -> tuple[float, int]:
    started = time.perf_counter()
    answer = await get(address)
    assert answer.status_code == 200, answer.text[:300]
    return (time.perf_counter() - started) * 1000, len(answer.content)


async def _hear(desk: Desk, token: str, saying: Saying) -> Question:
    """From the moment when a notice comes in, verifying and storing included, until a live reader has it."""
    hub = asyncio.create_task(desk.hub.run())
    times, largest = [], 0
    async with served(desk) as url, listening(url, token) as ear:
        await ear.until("position")
        for _ in range(HEARD):
            started = time.perf_counter()
            await saying.say(1, ("GREEN",))
            heard = await ear.until("record")
            times.append((time.perf_counter() - started) * 1000)
            largest = max(largest, len(heard.text))
    hub.cancel()
    await asyncio.gather(hub, return_exceptions=True)
    return Question("live: from its coming in until a reader has it", tuple(times), largest)
