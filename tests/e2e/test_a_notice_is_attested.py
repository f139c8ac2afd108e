"""From a post to *attesté*: real node, archive and witnesses; and what a witness that is away changes."""

from typing import Any

import httpx
import pytest

from tamani.core.names import Country
from tests.support.authors import Author
from tests.support.bus import Bus, running_bus
from tests.support.poster import Promise
from tests.support.waiting import until

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.timeout(600)]
WORKERS = ("router-1", "archive-1", "witness-bf", "witness-ml")


async def test_a_notice_is_attested_by_two_countries_and_its_poster_is_told() -> None:
    """With one witness away it is archived all the same, and attested when that one is back."""
    async with running_bus((Country.ML,), WORKERS) as bus:
        first = await _post(bus, "attested", 3)
        for promise in first:
            await until(lambda promise=promise: _says(bus, promise, "attesté"), "attested", 120)  # type: ignore[misc]
        shown = await _message(bus, first[0])
        await bus.parts["witness-bf"].stop()
        (second,) = await _post(bus, "one witness away", 1)
        await until(lambda: _standing(bus, second, "included"), "in the log, not attested", 120)
        states = await _witnesses(bus)
        await bus.parts["witness-bf"].start()
        await until(lambda: _says(bus, second, "attesté"), "attested when the witness is back", 180)

    assert shown["state"] == "archived"
    assert shown["log_state"] == "attested"
    assert shown["leaf_index"] >= 1, "the registry's version is the first entry"
    assert shown["alarm"] is None
    assert (states["bf"]["state"], states["ml"]["state"]) == ("failed.witness", "ok")


async def _post(bus: Bus, seed: str, count: int) -> list[Promise]:
    """So many notices of Mali."""
    poster = bus.poster()
    said = [notice for notice in Author(seed).notices(60) if notice.source.startswith("/ml/")][:count]
    assert len(said) == count
    await poster.flow(said)
    return poster.promises


async def _message(bus: Bus, promise: Promise) -> dict[str, Any]:
    source, id_ = promise.notice.source, promise.answer["id"]
    headers = {"Authorization": f"Bearer {bus.tokens[source]}"}
    async with httpx.AsyncClient(base_url=bus.url(Country.ML), headers=headers, timeout=10) as client:
        found: dict[str, Any] = (await client.get(f"/v1/messages/{id_}")).json()
    return found


async def _says(bus: Bus, promise: Promise, word: str) -> bool:
    return bool((await _message(bus, promise))["state_fr"] == word)


async def _standing(bus: Bus, promise: Promise, standing: str) -> bool:
    return bool((await _message(bus, promise))["log_state"] == standing)


async def _witnesses(bus: Bus) -> dict[str, Any]:
    """What the archive says of its witnesses, once it has found one away."""

    async def told() -> bool:
        return bool((await _status(bus))["witnesses"]["bf"]["state"] != "ok")

    await until(told, "the archive has found it away", 60)
    found: dict[str, Any] = (await _status(bus))["witnesses"]
    return found


async def _status(bus: Bus) -> dict[str, Any]:
    async with httpx.AsyncClient(base_url=bus.archive_url, timeout=10) as client:
        found: dict[str, Any] = (await client.get("/v1/status")).json()["log"]
    return found
