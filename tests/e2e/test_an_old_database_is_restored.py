"""PostgreSQL comes back as it was earlier in the run: the ledger catches up, mirrors follow, nothing is lost."""

import asyncio
import subprocess
from typing import Any

import httpx
import pytest

from tests.support.authors import Author
from tests.support.bus import Bus, running_bus
from tests.support.flow import flowing
from tests.support.leaving import ends_of_themselves
from tests.support.oracle import settled
from tests.support.telling import Tell
from tests.support.waiting import until

COUNT = 400
ARCHIVE = "archive-1"

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.timeout(900)]


async def test_the_ledger_of_an_hour_ago_catches_up_and_every_mirror_follows(tell: Tell) -> None:
    """Only the region's database goes back; the mirrors hold entries that it no longer has."""
    async with running_bus() as bus:
        async with flowing(bus, Author("ledger restored").notices(COUNT)) as flow:
            await flow.reaches(COUNT // 4)
            await bus.parts[ARCHIVE].stop()
            bus.postgres.copy_database("archive", "archive_then")
            await bus.parts[ARCHIVE].start()
            then = await bus.archived()
            await flow.reaches(COUNT // 2)
            await until(lambda: _signed(bus, then), "the log has signed more than the copy holds", 60)
            await bus.parts[ARCHIVE].end()
            lost = await bus.archived() - then
            bus.postgres.replace_database("archive", "archive_then")
            await bus.parts[ARCHIVE].start()
        assert lost > 0, "the restored copy lacked nothing: the test proved nothing"
        await settled(bus, flow.poster.promises)
        log = await _log(bus)
        assert log["state"] == "failed.log.rewound", log
        assert "tamani archive rebuild" in log["fr"]
        assert "tamani archive rebuild" in log["en"]
        assert log["signed"] <= then + 1, "nothing was signed since; the registry's version is one entry more"
        tell(f"the restored ledger had lost {lost} notices; {ends_of_themselves(bus, {})}")


async def test_the_whole_server_of_an_hour_ago_catches_up(tell: Tell) -> None:
    """Region and desks share one server, and all of it goes back."""
    async with running_bus() as bus:
        async with flowing(bus, Author("server restored").notices(COUNT)) as flow:
            await flow.reaches(COUNT // 4)
            then = await _copy(bus)
            await flow.reaches(COUNT // 2)
            lost = await _restore(bus) - then
        assert lost > 0, "the restored copy lacked nothing: the test proved nothing"
        await settled(bus, flow.poster.promises)
        tell(f"the restored server had lost {lost} notices; {ends_of_themselves(bus, {'postgres': 2})}")


async def _log(bus: Bus) -> dict[str, Any]:
    """What the archive says of its log."""
    async with httpx.AsyncClient(base_url=bus.archive_url, timeout=10) as client:
        found: dict[str, Any] = (await client.get("/v1/status")).json()["log"]
    return found


async def _signed(bus: Bus, least: int) -> bool:
    return bool((await _log(bus))["signed"] > least + 1)


async def _copy(bus: Bus) -> int:
    """A cold copy of the data directory, as a backup would make it."""
    await bus.parts["postgres"].stop()
    data = bus.postgres.postgres.data
    await asyncio.to_thread(subprocess.run, ["cp", "-a", str(data), str(data.with_name("then"))], check=True)
    await bus.parts["postgres"].start()
    await bus.parts["postgres"].ready()
    return await bus.archived()


async def _restore(bus: Bus) -> int:
    held = await bus.archived()
    await bus.parts["postgres"].end()
    data = bus.postgres.postgres.data
    data.rename(data.with_name("now"))
    data.with_name("then").rename(data)
    await bus.parts["postgres"].start()
    await bus.parts["postgres"].ready()
    return held
