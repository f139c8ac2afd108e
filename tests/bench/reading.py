"""How fast a desk answers that has mirrored a great deal: the list, its facets, search, a notice, Atom, the API.

The desk is the real one on a real PostgreSQL, asked through its application in this process: what is measured is the
server's own work, without a network. Mark: 95 of 100 answers within 200 ms at 100,000 notices.
"""

import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from tamani.desk.app import build_app
from tamani.desk.database import Database as Tables
from tamani.desk.intake import Intake
from tamani.desk.service import Desk, make_desk
from tamani.runtime.registry import RegistryHolder
from tamani.runtime.tokens import TokenStore
from tests.component.desk.conftest import desk_settings
from tests.component.desk.feeds import Feed
from tests.support.authors import Author, Signer
from tests.support.cluster import Database, postgres_cluster
from tests.support.notices import COMMISSION_ML, registry_value

RECORDS = 100_000
ASKED = 200
WORDS = ("témoins", "sécurité frontière", '"réunion ordinaire"', "commission -police", "Tillabéri", "rapport or avis")


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
        """The worst of the times within which 95 of 100 answers came (milliseconds)."""
        return max(question.at(0.95) for question in self.questions)


async def measure_reading(records: int = RECORDS) -> Reading:
    """Fill a mirror and ask it."""
    with tempfile.TemporaryDirectory() as folder, postgres_cluster() as cluster:
        desk = await _desk(cluster.fresh(), Path(folder))
        try:
            started = time.perf_counter()
            await _fill(desk, records)
            rate = records / (time.perf_counter() - started)
            token = TokenStore(desk.settings.tokens_path).issue(COMMISSION_ML, "reader", "bench")
            questions = [await _ask(desk, token, name, make) for name, make in QUESTIONS.items()]
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


async def _fill(desk: Desk, records: int) -> None:
    """As the mirror does it: verified, projected, indexed, 500 in a transaction."""
    author, signer, feed = Author("reading", threads=records // 4), Signer(), Feed()
    intake = Intake(desk.database, desk.registry)
    place = await intake.load()
    for _ in range(records):
        feed.append_value(signer.sign(author.notice()).value)
        if len(feed.entries) - place.head == 500:
            place = await intake.take(place, feed.entries[place.head :])
    await intake.take(place, feed.entries[place.head :])


def _pages(chance: random.Random) -> Iterator[str]:
    while True:
        yield f"/?avant={chance.randrange(1000, RECORDS)}" if chance.random() < 0.5 else "/"


def _facets(chance: random.Random) -> Iterator[str]:
    areas = ("bf-liptako", "ml-gao", "ne-tillaberi", "ml-menaka")
    while True:
        yield f"/?area={chance.choice(areas)}&origin={chance.choice(('bf', 'ml', 'ne'))}"


def _search(chance: random.Random) -> Iterator[str]:
    while True:
        yield str(httpx.URL("/", params={"q": chance.choice(WORDS)}))


def _atom(chance: random.Random) -> Iterator[str]:
    while True:
        yield (
            str(httpx.URL("/feed.atom", params={"q": chance.choice(WORDS)})) if chance.random() < 0.5 else "/feed.atom"
        )


def _records(chance: random.Random) -> Iterator[str]:
    while True:
        yield f"/v1/records?cursor={chance.randrange(RECORDS)}&limit=100"


QUESTIONS: dict[str, Callable[[random.Random], Iterator[str]]] = {
    "inbox (25 threads, facets with counts)": _pages,
    "inbox with two filters": _facets,
    "search": _search,
    "Atom, half of them of a search": _atom,
    "API, 100 records": _records,
}


async def _ask(desk: Desk, token: str, name: str, make: Callable[[random.Random], Iterator[str]]) -> Question:
    addresses = make(random.Random(name))
    headers = {"Authorization": f"Bearer {token}", "Accept": "text/html"}
    transport = httpx.ASGITransport(build_app(desk))
    async with httpx.AsyncClient(transport=transport, base_url="http://desk.bench", headers=headers) as client:
        answers = [await _timed(client.get, next(addresses)) for _ in range(ASKED)]
    return Question(name, tuple(spent for spent, _ in answers), max(size for _, size in answers))


async def _timed(get: Callable[[str], Awaitable[httpx.Response]], address: str) -> tuple[float, int]:
    started = time.perf_counter()
    answer = await get(address)
    assert answer.status_code == 200, answer.text[:300]
    return (time.perf_counter() - started) * 1000, len(answer.content)
