"""Doors: each principal tries every topic and group; what `topics.yaml` does not grant is denied, what it grants works.

The table that is told is the plan's; each of its cells was tried on the broker before.
"""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.coordination import FindCoordinatorRequest
from aiokafka.protocol.fetch import FetchRequest
from confluent_kafka import KafkaError, KafkaException, Message, Producer
from confluent_kafka.admin import AdminClient, NewTopic

from tamani.runtime.topic_admin import apply_plan, planned_rules
from tamani.runtime.topics import plan_bus
from tests.support.cluster import NODES, KafkaCluster, kafka_cluster
from tests.support.telling import Tell
from tests.support.templates import broker_disk

PLAN = plan_bus(NODES)
PRINCIPALS = sorted(PLAN.principals)
TOPICS = [topic.name for topic in PLAN.topics]
DENIED = {KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.CLUSTER_AUTHORIZATION_FAILED}
SECONDS = 20
LARGEST = 64 * 1024
GROUP, COORDINATOR_NOT_AVAILABLE = 0, 15


def may_write(cluster: KafkaCluster, who: str, topics: list[str]) -> set[str]:
    """Try to write one record to each topic; where it went through."""
    answers: dict[str, KafkaError | None] = {}

    def note(error: KafkaError | None, message: Message) -> None:
        answers[str(message.topic())] = error

    producer = Producer({**cluster.confluent(who), "acks": "all", "message.timeout.ms": SECONDS * 1000})
    for topic in topics:
        producer.produce(topic, b"door", key=b"door", on_delivery=note)
    assert producer.flush(SECONDS) == 0
    refused = {error.code() for error in answers.values() if error is not None}
    assert refused <= DENIED, f"{who}: {refused}"
    assert set(answers) == set(topics)
    return {topic for topic, error in answers.items() if error is None}


async def may_read(cluster: KafkaCluster, who: str, topics: list[str]) -> set[str]:
    """Ask for the first record of each topic in one bare fetch; where the broker gave something."""
    wanted = [(topic, [(0, 0, LARGEST)]) for topic in topics]
    client = AIOKafkaClient(**cluster.aiokafka(who))
    await client.bootstrap()
    try:
        answer = await client.send(1, FetchRequest(0, 0, LARGEST * len(topics), 1, wanted))
    finally:
        await client.close()
    codes = {topic: found[0][1] for topic, found in answer.topics}
    assert set(codes) == set(topics)
    assert set(codes.values()) <= {0, KafkaError.TOPIC_AUTHORIZATION_FAILED}, codes
    return {topic for topic, code in codes.items() if code == 0}


def partitions(topic: str) -> range:
    """Its partitions."""
    return range(PLAN.topic(topic).partitions)


async def may_join(cluster: KafkaCluster, who: str, group: str) -> bool:
    """Ask the broker for the group's coordinator, as every member must first."""
    client = AIOKafkaClient(**cluster.aiokafka(who))
    await client.bootstrap()
    try:
        answer = await client.send(1, FindCoordinatorRequest(group, GROUP))
    finally:
        await client.close()
    assert answer.error_code in {0, COORDINATOR_NOT_AVAILABLE, KafkaError.GROUP_AUTHORIZATION_FAILED}, answer
    return bool(answer.error_code != KafkaError.GROUP_AUTHORIZATION_FAILED)


@pytest.fixture(scope="module")
def kafka(jars: Path) -> Iterator[KafkaCluster]:
    """A broker for this file: strange records in every topic would surprise others."""
    with kafka_cluster(broker_disk()) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def filled(kafka: KafkaCluster) -> KafkaCluster:
    """A broker on which every partition holds a record, so that reading has something to get."""
    failed: list[KafkaError] = []
    producer = Producer({**kafka.confluent(), "acks": "all"})
    for topic in TOPICS:
        for partition in partitions(topic):
            producer.produce(
                topic, b"seed", key=b"k", partition=partition, on_delivery=lambda e, _: failed.append(e) if e else None
            )
    assert producer.flush(SECONDS) == 0
    assert failed == []
    return kafka


async def test_each_principal_has_its_own_doors_and_no_other(filled: KafkaCluster, tell: Tell) -> None:
    """Every cell of principal × topic, tried in both directions."""
    tried = {
        who: (may_write(filled, who, TOPICS), await may_read(filled, who, TOPICS), await groups(filled, who))
        for who in PRINCIPALS
    }
    planned = {
        who: (
            {topic.name for topic in PLAN.topics if who in topic.writers},
            {topic.name for topic in PLAN.topics if who in topic.readers},
            {group for group, users in PLAN.groups.items() if who in users},
        )
        for who in PRINCIPALS
    }
    tell(table(tried))
    assert tried == planned


async def groups(cluster: KafkaCluster, who: str) -> set[str]:
    """The groups it may use."""
    return {group for group in PLAN.groups if await may_join(cluster, who, group)}


def table(tried: dict[str, tuple[set[str], set[str], set[str]]]) -> str:
    """A row a topic, a column a principal: what was let through (w, r) and what was denied (·)."""
    width = max(map(len, TOPICS)) + 1
    head = " " * width + " ".join(f"{who:>11}" for who in tried)
    rows = [
        f"{topic:<{width}}"
        + " ".join(f"{('w' if topic in w else '·') + ('r' if topic in r else '·'):>11}" for w, r, _ in tried.values())
        for topic in TOPICS
    ]
    denials = sum((topic not in w) + (topic not in r) for (w, r, _), topic in product(tried.values(), TOPICS))
    return "\n".join([head, *rows, f"{denials} refus vérifiés · denials verified"])


def test_a_stray_client_gets_nothing(kafka: KafkaCluster) -> None:
    """Without credentials, with a wrong password, as an unknown principal: not even the list of topics."""
    right = kafka.confluent("router")
    strays = [
        {"bootstrap.servers": kafka.bootstrap, "log_level": 0},
        {**right, "sasl.password": "wrong", "log_level": 0},
        {**right, "sasl.username": "node.xx", "log_level": 0},
    ]
    for stray in strays:
        with pytest.raises(KafkaException):
            AdminClient(stray).list_topics(timeout=2)


def test_the_controllers_door_is_shut_too(kafka: KafkaCluster) -> None:
    """A principal of the bus has no password there, and a stray none at all."""
    controller = f"127.0.0.1:{kafka.kafka.controller_port}"
    for login in ({}, {**kafka.confluent("router")}):
        client = AdminClient({**login, "bootstrap.servers": controller, "log_level": 0})
        with pytest.raises(KafkaException):
            client.list_topics(timeout=2)


def test_no_principal_makes_a_topic(kafka: KafkaCluster) -> None:
    """Neither by asking for one nor by writing to it."""
    for who in PRINCIPALS:
        client = AdminClient(kafka.confluent(who))
        answer = client.create_topics([NewTopic("stray", 1, 1)])["stray"]
        with pytest.raises(KafkaException) as denied:
            answer.result(SECONDS)
        assert denied.value.args[0].code() in DENIED
    assert "stray" not in kafka.kafka.admin().list_topics(timeout=SECONDS).topics


def test_applying_the_plan_again_changes_nothing_and_mends_what_was_changed(fresh_kafka: KafkaCluster) -> None:
    """A node that left the plan loses its doors; a setting that was changed by hand comes back."""
    admin = fresh_kafka.kafka.admin()
    smaller = plan_bus()
    apply_plan(admin, smaller, replication=1)
    assert may_write(fresh_kafka, "node.ml-osc", ["inbound.ml"]) == set()
    apply_plan(admin, PLAN, replication=1)
    apply_plan(admin, PLAN, replication=1)
    assert may_write(fresh_kafka, "node.ml-osc", ["inbound.ml"]) == {"inbound.ml"}
    assert len(planned_rules(PLAN)) > len(planned_rules(smaller))
