"""An independent reader: a whole topic from offset 0 with librdkafka, none of our code between it and the bytes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition


@dataclass(frozen=True, slots=True)
class Record:
    """One record as the broker keeps it."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes


def read_topic(client: Mapping[str, str | int], topic: str) -> Iterator[Record]:
    """Every record that stands in the topic at this moment, partition by partition."""
    consumer = Consumer({**client, "group.id": "reader", "enable.auto.commit": "false", "enable.partition.eof": "true"})
    partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
    consumer.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in partitions])
    ended: set[int] = set()
    while len(ended) < len(partitions):
        message = consumer.poll(10)
        assert message is not None, f"{topic}: the broker is silent"
        if message.error() is not None:
            assert message.error().name() == "_PARTITION_EOF", message.error()
            ended.add(message.partition())
            continue
        assert message.value() is not None
        place = (message.topic(), message.partition(), message.offset(), message.timestamp()[1])
        yield Record(*place, message.key(), message.value())
    consumer.close()


def end_offsets(client: Mapping[str, str | int], topic: str) -> dict[int, int]:
    """Where each partition ends."""
    consumer = Consumer({**client, "group.id": "reader"})
    partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
    ends = {n: consumer.get_watermark_offsets(TopicPartition(topic, n), timeout=10)[1] for n in partitions}
    consumer.close()
    return ends
