"""Kafka is transport: with its data directory deleted in mid-flow, nothing that was said is lost nor doubled."""

import pytest

from tests.support.authors import Author
from tests.support.bus import running_bus
from tests.support.flow import flowing
from tests.support.leaving import ends_of_themselves
from tests.support.oracle import open_rows, settled
from tests.support.telling import Tell

COUNT = 400

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.timeout(900)]


async def test_an_emptied_broker_gets_again_what_it_had_not_handed_on(tell: Tell) -> None:
    """The broker dies, its disk is emptied, a new and empty cluster comes up at the same address."""
    async with running_bus() as bus:
        async with flowing(bus, Author("emptied").notices(COUNT)) as flow:
            archived = await flow.reaches(COUNT // 3)
            await bus.parts["kafka"].end()
            sent = [row for country in bus.sites for row in open_rows(bus, country) if row[1] == "sent"]
            bus.kafka.lose_data()
            await bus.parts["kafka"].start()
            await bus.parts["kafka"].ready()
            await bus.make_topics()
        assert 0 < archived < COUNT
        assert sent, "the broker had answered whatever it was given: it had nothing to lose"
        await settled(bus, flow.poster.promises)
        tell(f"emptied at archived = {archived} of {COUNT}, {len(sent)} sent and not yet answered")
        tell(ends_of_themselves(bus, {"kafka": 1}))
