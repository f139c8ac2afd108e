"""The main job, with plain HTTP: a body posts at its site; every site whose bodies may read it shows it, once."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from tamani.core.names import Country
from tests.support.authors import Author, Notice
from tests.support.bus import OSC, Bus, running_bus
from tests.support.notices import COMMISSION_ML, COMMISSION_NE, OBSERVATORY_ML, OBSERVATORY_NE, SOURCES
from tests.support.oracle import ledger, opened, outbox, settled
from tests.support.waiting import until

WRITER, NAMED = COMMISSION_ML, OBSERVATORY_NE
# Neither wrote it nor is named in it, though they share a country with one who did or is.
OTHERS = (OBSERVATORY_ML, COMMISSION_NE)
SENTENCE = {"waiting": "en attente", "sent": "envoyé", "archived": "archivé"}

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.timeout(900)]


async def test_three_notices_reach_those_who_may_read_them_and_nobody_else() -> None:
    """CLEAR without signing in, GREEN for every body, AMBER for its audience: at each exit of each site."""
    author = Author("crossing", (WRITER,), urgent=0)
    clear, green = author.notice(tlp="CLEAR"), author.notice(tlp="GREEN")
    amber = author.notice(tlp="AMBER", audience=[NAMED])
    async with running_bus(osc=OBSERVATORY_ML) as bus, httpx.AsyncClient(timeout=10) as client:
        poster = bus.poster()
        promises = [await poster.post(client, notice) for notice in (clear, green, amber)]
        await settled(bus, promises)
        for notice in (clear, green, amber):
            await _poster_sees_it_archived(bus, client, notice)
        for country in Country:
            await _exits_of(bus, client, country, None, {clear.id: "CLEAR"})
        for source in SOURCES:
            mine = {clear.id: "CLEAR", green.id: "GREEN"} | ({amber.id: "AMBER"} if source in {WRITER, NAMED} else {})
            await _exits_of(bus, client, Country(source[1:3]), source, mine)
        for other in OTHERS:
            await _is_not_told_of(bus, client, other, amber)
        await _exact_bytes(bus, client, NAMED, amber, promises[2].digest)
        await _two_nodes_of_a_country(bus, author)


async def test_a_reader_who_listens_hears_a_notice_as_it_comes() -> None:
    """The live stream of another site carries the notice, and a stream without sign-in only what is CLEAR."""
    author = Author("listening", (WRITER,))
    async with running_bus() as bus, httpx.AsyncClient(timeout=30) as client:
        url = bus.url(Country.NE) + "/v1/stream"
        bearer = bus.poster().bearer(NAMED)
        async with client.stream("GET", url, headers=bearer) as signed_in, client.stream("GET", url) as public:
            hears, overhears = signed_in.aiter_lines(), public.aiter_lines()
            await _line(hears, "complete_through")
            await _line(overhears, "complete_through")
            amber, clear = author.notice(tlp="AMBER", audience=[NAMED]), author.notice(tlp="CLEAR")
            await bus.poster().post(client, amber)
            assert amber.id in await _line(hears, '"event":')
            await bus.poster().post(client, clear)
            assert clear.id in await _line(hears, '"event":')
            # The first record that the public stream carries is the public one: the other was never told.
            assert clear.id in await _line(overhears, '"event":')


async def _two_nodes_of_a_country(bus: Bus, author: Author) -> None:
    """An observatory posts from a machine of its own: each node closes the rows that it sent, and no others."""
    before = {id_ for (id_,) in outbox(bus.site_folder(Country.ML), "SELECT id FROM outbox")}
    await bus.add(OSC)
    site, own = bus.poster(), bus.osc_poster()
    theirs = Author("its own node", (OBSERVATORY_ML,)).notices(10)
    await asyncio.gather(site.flow(author.notices(10)), own.flow(theirs))
    closed = "SELECT id FROM outbox WHERE code = 'archived' AND closed_at IS NOT NULL"
    for folder, expected in (
        (bus.site_folder(Country.ML), before | {promise.notice.id for promise in site.promises}),
        (bus.osc_folder, {notice.id for notice in theirs}),
    ):

        async def done(folder: Path = folder, expected: set[str] = expected) -> bool:
            return {id_ for (id_,) in outbox(folder, closed)} == expected

        await until(done, f"{folder.name} has closed its rows", 60)
        assert outbox(folder, "SELECT count(*) FROM outbox") == [(len(expected),)]
    assert {row.event["id"] for row in await ledger(bus)} >= {notice.id for notice in theirs}


async def _poster_sees_it_archived(bus: Bus, client: httpx.AsyncClient, notice: Notice) -> None:
    url = f"{bus.url(Country.ML)}/v1/messages/{notice.id}"

    async def state() -> dict[str, Any] | None:
        found: dict[str, Any] = (await client.get(url, headers=bus.poster().bearer(notice.source))).json()
        assert SENTENCE[found["state"]] == found["state_fr"]
        return found if found["state"] == "archived" else None

    seen = await until(state, "the poster sees it archived", 20)
    assert seen["code"] == "archived"
    assert seen["log_index"] is not None


async def _exits_of(
    bus: Bus, client: httpx.AsyncClient, country: Country, source: str | None, expected: dict[str, str]
) -> None:
    """JSON and page show exactly what this reader may see; the feed for news readers carries nothing above GREEN."""
    headers = bus.poster().bearer(source) if source else {}
    found = await client.get(bus.url(country) + "/v1/records", headers=headers)
    assert found.status_code == 200, found.text
    ids = [record["event"]["id"] for record in found.json()["records"]]
    assert sorted(ids) == sorted(expected), f"{country} for {source}"
    for path in ("/feed.atom", "/"):
        shown = await client.get(bus.url(country) + path, headers=headers)
        assert shown.status_code == 200, shown.text
        carried = {id_ for id_ in expected if id_ in shown.text}
        leaves = {id_ for id_, tlp in expected.items() if path == "/" or tlp != "AMBER"}
        assert carried == leaves, f"{path} of {country} for {source}"


async def _is_not_told_of(bus: Bus, client: httpx.AsyncClient, other: str, amber: Notice) -> None:
    """No exit names it, and asking for it by name is answered as for a notice that does not exist."""
    site, headers = bus.url(Country(other[1:3])), bus.poster().bearer(other)
    for path in ("/v1/records", "/feed.atom", "/", f"/avis{amber.source}/{amber.id}"):
        shown = await client.get(site + path, headers=headers)
        assert amber.id not in shown.text.replace(f"/avis{amber.source}/{amber.id}", ""), f"{path} for {other}"
    assert shown.status_code == 404
    for index in range(1, 5):
        found = await client.get(f"{site}/v1/records/{index}/envelope", headers=headers)
        assert found.status_code == 404 or amber.subject not in found.text


async def _exact_bytes(bus: Bus, client: httpx.AsyncClient, reader: str, notice: Notice, digest: str) -> None:
    """The envelope that a reader downloads is the one that was signed."""
    site, headers = bus.url(Country(reader[1:3])), bus.poster().bearer(reader)
    records = (await client.get(site + "/v1/records", headers=headers)).json()["records"]
    mine = next(record for record in records if record["event"]["id"] == notice.id)
    envelope = await client.get(site + mine["links"]["envelope"], headers=headers)
    assert opened(0, envelope.content).digest == digest


async def _line(lines: Any, wanted: str) -> str:
    """The next line that contains this."""
    async for line in lines:
        if wanted in line:
            return str(line)
    raise AssertionError(f"the stream ended without {wanted}")
