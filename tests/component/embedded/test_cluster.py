"""The broker and the database of the tests are the real ones."""

import uuid

import psycopg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.structs import TopicPartition

from tests.support.cluster import Database, KafkaCluster


async def test_a_record_goes_through_the_real_broker(kafka: KafkaCluster) -> None:
    """What the node of Mali writes, the router reads."""
    value = uuid.uuid4().bytes
    producer = AIOKafkaProducer(**kafka.aiokafka("node.ml"), acks="all", enable_idempotence=True)
    await producer.start()
    try:
        sent = await producer.send_and_wait("inbound.ml", value, key=b"k" * 16)
    finally:
        await producer.stop()
    consumer = AIOKafkaConsumer(**kafka.aiokafka("router"))
    await consumer.start()
    try:
        tp = TopicPartition(sent.topic, sent.partition)
        consumer.assign([tp])
        consumer.seek(tp, sent.offset)
        record = await consumer.getone(tp)
    finally:
        await consumer.stop()
    assert record.value == value
    assert record.timestamp_type == 1, "the broker stamps the time"


def test_a_database_belongs_to_its_test(database: Database) -> None:
    """Owned by its own role, checked and flushed as in production."""
    with psycopg.connect(database.dsn) as connection:
        shown = [connection.execute(f"SHOW {name}").fetchone() for name in ("fsync", "data_checksums", "jit")]
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert shown == [("on",), ("on",), ("off",)]
    assert tables == (0,)


def test_a_killed_broker_comes_back_on_its_data(fresh_kafka: KafkaCluster) -> None:
    """`kill` and `start` keep address, topics and data."""
    before = fresh_kafka.kafka.admin().list_topics(timeout=10).cluster_id
    fresh_kafka.kill()
    fresh_kafka.start()
    after = fresh_kafka.kafka.admin().list_topics(timeout=10)
    assert after.cluster_id == before
    assert set(after.topics) >= {topic.name for topic in fresh_kafka.plan.topics}
