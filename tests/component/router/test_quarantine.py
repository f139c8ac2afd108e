"""What was set aside is listed by operators and put back where it came in, byte for byte."""

from pathlib import Path

import pytest
from confluent_kafka import Producer

from tamani.core.errors import DefectError
from tamani.core.names import Country, inbound
from tamani.runtime.kafka import KafkaProducer
from tamani.runtime.quarantine import hold, put_back, read_held
from tamani.runtime.sender import KafkaSender
from tamani.runtime.settings import ServiceSettings
from tests.support.cluster import KafkaCluster
from tests.support.kafka_reader import read_topic
from tests.support.notices import Speaker
from tests.support.region import NOW

pytestmark = pytest.mark.kafka


def settings(kafka: KafkaCluster, folder: Path, principal: str) -> ServiceSettings:
    """Settings of a service that speaks as this principal."""
    return ServiceSettings(data_dir=folder, **kafka.settings(principal))


async def test_a_held_record_goes_back_to_where_it_came_in(fresh_kafka: KafkaCluster, tmp_path: Path) -> None:
    """The router holds it, the operator lists and retries it; the copy in quarantine stays."""
    value, topic = Speaker().seals(), inbound(Country.ML)
    kept = [
        hold("router", code="held.internal", detail="KeyError", place=(topic, 1, number), key=b"k", value=value,
             back_to=back_to, at=NOW)
        for number, back_to in ((7, topic), (8, None))
    ]  # fmt: skip
    sender = KafkaSender(settings(fresh_kafka, tmp_path, "router"))
    await sender.send_all(kept)
    await sender.stop()
    operator = settings(fresh_kafka, tmp_path, "operator")
    listed = dict(read_held(operator))
    producer = await KafkaProducer(operator).start()
    await put_back(operator, producer, 0)
    with pytest.raises(DefectError, match="quarantine: 1"):
        await put_back(operator, producer, 1)
    with pytest.raises(DefectError, match="quarantine: 99"):
        await put_back(operator, producer, 99)
    await producer.stop()
    (again,) = read_topic(fresh_kafka.confluent(), topic)

    assert [(held.code, held.detail, held.offset, held.at) for held in listed.values()] == [
        ("held.internal", "KeyError", 7, "2026-03-02T10:00:00Z"),
        ("held.internal", "KeyError", 8, "2026-03-02T10:00:00Z"),
    ]
    assert (again.value, again.key) == (value, b"k")
    assert dict(read_held(operator)) == listed


async def test_what_is_not_ours_in_the_quarantine_is_said(fresh_kafka: KafkaCluster, tmp_path: Path) -> None:
    """It is not skipped in silence."""
    producer = Producer(fresh_kafka.confluent())
    producer.produce("quarantine", b"{}")
    assert producer.flush(30) == 0

    with pytest.raises(DefectError, match=r"failed\.quarantine"):
        list(read_held(settings(fresh_kafka, tmp_path, "operator")))
