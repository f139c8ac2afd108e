"""What Kafka remembers of this region's past: the ends of the feeds, the group's offsets, the ends of the partitions.

All of it is read before the ledger is, so that a ledger which is not behind can never look as if it were.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from confluent_kafka import Consumer, IsolationLevel, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from tamani.core.errors import OutageError
from tamani.core.feed import decode_feed
from tamani.core.names import Country, Lane, feed, regional
from tamani.core.strict_json import BadJson
from tamani.runtime.kafka import admin_config
from tamani.runtime.settings import ServiceSettings

GROUP = "archive"
WAIT = 10.0
# A publisher that was replaced while it slept may have written its last batch behind its successor's.
DEPTH = 1000
Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Past:
    """Per feed its furthest (epoch, index); per partition of the regional stream committed offset, low and high."""

    tails: dict[Country, tuple[int, int]]
    committed: dict[Place, int]
    low: dict[Place, int]
    high: dict[Place, int]


def read_past(settings: ServiceSettings, group: str = GROUP) -> Past:
    """Ask the broker. Blocks; call it in a thread.

    Raises:
        OutageError: `failed.broker`.
    """
    admin = AdminClient(admin_config(settings))
    with reader(settings, group) as consumer:
        tails = {country: tail for country in Country if (tail := _tail(consumer, country))}
        places = partitions_of(admin)
        committed = {
            (place.topic, place.partition): place.offset
            for place in consumer.committed(places, timeout=WAIT)
            if place.offset >= 0
        }
        low, high = (ends_of(admin, places, which) for which in (OffsetSpec.earliest(), OffsetSpec.latest()))
    return Past(tails, committed, low, high)


@contextmanager
def reader(settings: ServiceSettings, group: str = GROUP) -> Iterator[Consumer]:
    """A client that may ask for and set the offsets of a group without being in it.

    The administrator's calls for this (`list_consumer_group_offsets`, librdkafka 2.16) were seen to crash the process
    while the broker was still loading the group.

    Raises:
        OutageError: `failed.broker`.
    """
    consumer = Consumer(admin_config(settings) | {"group.id": group, "enable.auto.commit": "false"})
    try:
        yield consumer
    except KafkaException as error:
        raise OutageError("failed.broker", error.args[0].name()) from error
    finally:
        consumer.close()


def partitions_of(admin: AdminClient) -> list[TopicPartition]:
    """Every partition of the regional stream."""
    found = admin.list_topics(timeout=WAIT).topics
    return [TopicPartition(topic, number) for topic in map(regional, Lane) for number in found[topic].partitions]


def ends_of(admin: AdminClient, places: list[TopicPartition], which: OffsetSpec) -> dict[Place, int]:
    """Where these partitions begin or end."""
    asked = admin.list_offsets(
        dict.fromkeys(places, which), isolation_level=IsolationLevel.READ_UNCOMMITTED, request_timeout=WAIT
    )
    return {(place.topic, place.partition): future.result().offset for place, future in asked.items()}


def _tail(consumer: Consumer, country: Country) -> tuple[int, int] | None:
    place = TopicPartition(feed(country), 0)
    low, high = consumer.get_watermark_offsets(place, timeout=WAIT)
    offset = max(low, high - DEPTH)
    furthest: tuple[int, int] | None = None
    if offset < high:
        consumer.assign([TopicPartition(place.topic, 0, offset)])
    while offset < high:
        message = consumer.poll(WAIT)
        if message is None or message.error() is not None:
            raise OutageError("failed.broker", place.topic)
        offset = message.offset() + 1
        furthest = max(furthest or (0, 0), _place_of(message.value() or b""))
    return furthest


def _place_of(value: bytes) -> tuple[int, int]:
    try:
        entry = decode_feed(value)
    except BadJson:
        return (0, 0)  # not ours: nothing to be behind of
    return entry.epoch, entry.feed_index
