"""Whatever is killed, whenever: every notice that was acknowledged is archived once, in order, on every mirror."""

from collections import Counter

import pytest

from tamani.core.names import Country
from tests.support.authors import Author
from tests.support.bus import Bus, running_bus
from tests.support.flow import flowing, kill_while_flowing, told
from tests.support.leaving import ends_of_themselves
from tests.support.oracle import settled
from tests.support.repeats import count_repeats
from tests.support.telling import Tell

SITES = [f"site-{country}" for country in Country]
REGION = ["router-1", "archive-1", "kafka", "postgres"]

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.timeout(900)]


async def test_every_part_is_killed_while_notices_flow(tell: Tell) -> None:
    """A site, the router, the archive, the broker and PostgreSQL, three times each in one flow of notices."""
    async with running_bus() as bus:
        await _kill_and_settle(bus, SITES[:3] + REGION * 3, 900, "parts", tell)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("victim", ["site-ml", *REGION])
async def test_one_part_is_killed_twenty_times(victim: str, tell: Tell) -> None:
    """Twenty kills of one part at instants of its seed, while 2,000 notices flow."""
    async with running_bus() as bus:
        await _kill_and_settle(bus, [victim] * 20, 2000, f"twenty {victim}", tell)


async def _kill_and_settle(bus: Bus, victims: list[str], count: int, seed: str, tell: Tell) -> None:
    notices = Author(seed).notices(count)
    async with flowing(bus, notices) as flow:
        kills = await kill_while_flowing(flow, victims, seed)
    await settled(bus, flow.poster.promises)
    repeats = count_repeats(bus)
    tell(f"seed {seed!r}, {count} notices, {flow.poster.asked_again} posts repeated by the client")
    tell(told(kills))
    tell("repeats on the way: " + ", ".join(f"{where} {number}" for where, number in repeats.items()))
    tell(ends_of_themselves(bus, Counter(victims)))
    struck = sum(kill.under_way > 0 for kill in kills)
    assert struck > len(kills) // 2, f"{struck} of {len(kills)} kills fell between a 202 and the ledger"
    # A broker that comes back on its own disk knows what an idempotent producer sends again: its own death alone makes
    # no repeat that can be seen, neither in its topics nor in the outboxes, where nothing was acknowledged twice.
    if set(victims) != {"kafka"}:
        assert sum(repeats.values()) > 0, "no kill hit anything under way: the test proved nothing"
