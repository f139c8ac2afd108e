"""A site behind 64 kbit/s and 800 ms: an alert does not wait for what is queued before it, and all of it arrives."""

import random
import time
from string import ascii_letters, digits

import pytest

from tamani.core.names import Country
from tests.support.authors import Author, Notice
from tests.support.bus import running_bus
from tests.support.notices import COMMISSION_ML, OBSERVATORY_ML
from tests.support.oracle import ledger, settled
from tests.support.telling import Tell
from tests.support.waiting import until

QUEUED = 200
BOUND = 15.0

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.timeout(900)]


async def test_an_alert_overtakes_two_hundred_notices_on_a_slow_link(tell: Tell) -> None:
    """Behind 200 queued notices and one of nearly 64 KiB, the alert is archived within 15 s of its 202."""
    async with running_bus(slow=Country.ML) as bus:
        assert bus.link is not None
        poster = bus.poster()
        calm = Author("slow calm", (COMMISSION_ML,), urgent=0)
        bus.link.slow_down()
        large = _largest(calm)
        await poster.flow([*calm.notices(20), large, *calm.notices(QUEUED - 20)])
        alert = Author("slow alert", (OBSERVATORY_ML,), urgent=1).notice()
        said = time.monotonic()
        await poster.flow([alert])

        async def archived() -> set[str] | None:
            found = {row.event["id"] for row in await ledger(bus)}
            return found if alert.id in found else None

        before = await until(archived, "the alert is archived", 60)
        took = time.monotonic() - said
        tell(f"alert archived {took:.1f} s after its post, {QUEUED + 2 - len(before)} notices still behind it")
        assert len(before) < QUEUED, "nothing was queued any more: the test proved nothing"
        assert large.id not in before, "the large one was no longer in the way: the test proved less"
        assert took <= BOUND
        bus.link.lift()
        await settled(bus, poster.promises)


@pytest.mark.long
@pytest.mark.timeout(900)
async def test_everything_crosses_a_slow_link_in_the_end() -> None:
    """The same without lifting the limit: 200 notices and the large one all arrive at 64 kbit/s."""
    async with running_bus(slow=Country.ML) as bus:
        assert bus.link is not None
        poster = bus.poster()
        calm = Author("slow to the end", (COMMISSION_ML,), urgent=0)
        bus.link.slow_down()
        await poster.flow([*calm.notices(QUEUED), _largest(calm)])
        await settled(bus, poster.promises, 600)


def _largest(author: Author) -> Notice:
    """A notice whose sealed event is just below 64 KiB, of text that hardly compresses."""
    notice = author.notice(tlp="GREEN")
    head = notice.body["data"]["head"]
    head["body"] = _noise(20_000)
    said = {"status": "draft", "title": "Essai", "body": _noise(20_000)}
    head["translations"] = [{"lang": lang} | said for lang in ("en", "ha")]
    return notice


def _noise(length: int) -> str:
    chance = random.Random(length)
    return "".join(chance.choices(ascii_letters + digits, k=length))
