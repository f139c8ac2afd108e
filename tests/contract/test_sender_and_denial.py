"""A broker that comes back without its access rules refuses us for good; once it has them, we go on by ourselves."""

import asyncio
from dataclasses import replace

import pytest

from tamani.core.names import Lane, regional
from tamani.runtime.sender import KafkaSender, Outgoing
from tamani.runtime.settings import ServiceSettings
from tamani.runtime.topic_admin import apply_plan
from tests.support.cluster import KafkaCluster
from tests.support.kafka_reader import read_topic
from tests.support.waiting import until

pytestmark = pytest.mark.kafka


async def test_a_sender_that_was_denied_sends_as_soon_as_it_may(
    fresh_kafka: KafkaCluster, capfd: pytest.CaptureFixture[str]
) -> None:
    """Two batches wait through denials of the producer itself; each arrives whole and in order."""
    admin, plan = fresh_kafka.kafka.admin(), fresh_kafka.plan
    closed = replace(plan, topics=tuple(replace(topic, writers=frozenset()) for topic in plan.topics))
    await asyncio.to_thread(apply_plan, admin, closed, 1)
    sender = KafkaSender(ServiceSettings(**fresh_kafka.settings("router")))
    batches = {lane: [Outgoing(regional(lane), b"one", b"%d" % n) for n in range(50)] for lane in Lane}
    sending = [asyncio.create_task(sender.send_all(batch)) for batch in batches.values()]
    told = ""

    async def denied() -> bool:
        nonlocal told
        told += capfd.readouterr().out
        return told.count("producer failed for good") >= 3

    await until(denied, "the broker has denied three producers")
    await asyncio.to_thread(apply_plan, admin, plan, 1)
    async with asyncio.timeout(60):
        await asyncio.gather(*sending)
    await sender.stop()
    for lane, batch in batches.items():
        values = [record.value for record in read_topic(fresh_kafka.confluent(), regional(lane))]
        assert values[-50:] == [record.value for record in batch]
