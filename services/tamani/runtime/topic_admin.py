"""Make a cluster's topics and access rules what `topics.yaml` says; run again, it changes nothing.

confluent-kafka's AdminClient does it: aiokafka has no call for access rules.
"""

import time
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourcePatternType,
    ResourceType,
)

from tamani.core.errors import DefectError, OutageError
from tamani.runtime.topics import BusPlan, TopicPlan

TIMEOUT = 20.0
ASK_AGAIN = 0.05
ANY_RULE = AclBindingFilter(
    ResourceType.ANY, None, ResourcePatternType.ANY, None, None, AclOperation.ANY, AclPermissionType.ANY
)


def apply_plan(admin: AdminClient, plan: BusPlan, replication: int = 3) -> None:
    """Create what is missing, correct settings, grant what the plan grants and revoke all else.

    Raises:
        DefectError: a topic has another number of partitions than planned (`failed.topics.partitions`).
        OutageError: the cluster did not carry it out (`failed.topics`).
    """
    try:
        _make_topics(admin, plan.topics, replication)
        _correct_settings(admin, plan.topics)
        _grant(admin, planned_rules(plan))
    except KafkaException as error:
        raise OutageError("failed.topics", str(error)) from error


def planned_rules(plan: BusPlan) -> set[AclBinding]:
    """The access rules of a plan. WRITE and READ imply DESCRIBE, and WRITE implies an idempotent producer."""
    rules = set()
    for topic in plan.topics:
        rules |= {_rule(ResourceType.TOPIC, topic.name, who, AclOperation.WRITE) for who in topic.writers}
        rules |= {_rule(ResourceType.TOPIC, topic.name, who, AclOperation.READ) for who in topic.readers}
    for group, users in plan.groups.items():
        rules |= {_rule(ResourceType.GROUP, group, who, AclOperation.READ) for who in users}
    return rules


def _make_topics(admin: AdminClient, topics: Iterable[TopicPlan], replication: int) -> None:
    """Create what is missing and wait until the broker we ask knows of it: the controller answers first."""
    wanted = [
        NewTopic(topic.name, topic.partitions, replication, config=dict(topic.config))
        for topic in _missing(admin, topics)
    ]
    if wanted:
        _await(admin.create_topics(wanted, request_timeout=TIMEOUT), KafkaError.TOPIC_ALREADY_EXISTS)
    deadline = time.monotonic() + TIMEOUT
    while missing := _missing(admin, topics):
        if time.monotonic() > deadline:
            raise OutageError("failed.topics", ", ".join(topic.name for topic in missing))
        time.sleep(ASK_AGAIN)


def _missing(admin: AdminClient, topics: Iterable[TopicPlan]) -> list[TopicPlan]:
    existing = admin.list_topics(timeout=TIMEOUT).topics
    for topic in topics:
        if topic.name in existing and len(existing[topic.name].partitions) != topic.partitions:
            found = len(existing[topic.name].partitions)
            raise DefectError("failed.topics.partitions", f"{topic.name}: {found}, {topic.partitions}")
    return [topic for topic in topics if topic.name not in existing]


def _correct_settings(admin: AdminClient, topics: Iterable[TopicPlan]) -> None:
    found = _await(admin.describe_configs([ConfigResource(ConfigResource.Type.TOPIC, t.name) for t in topics]))
    settings = {resource.name: {name: entry.value for name, entry in rows.items()} for resource, rows in found.items()}
    changed = [
        ConfigResource(ConfigResource.Type.TOPIC, topic.name, incremental_configs=_entries(topic.config))
        for topic in topics
        if any(settings[topic.name].get(name) != value for name, value in topic.config.items())
    ]
    if changed:
        _await(admin.incremental_alter_configs(changed))


def _entries(config: Mapping[str, str]) -> list[ConfigEntry]:
    return [ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET) for name, value in config.items()]


def _grant(admin: AdminClient, planned: set[AclBinding]) -> None:
    """The controller answers before the broker obeys, so the broker is asked until its rules are the planned ones."""
    present = _present(admin)
    if missing := planned - present:
        _await(admin.create_acls(list(missing)))
    if surplus := present - planned:
        _await(admin.delete_acls([_exactly(rule) for rule in surplus]))
    deadline = time.monotonic() + TIMEOUT
    while _present(admin) != planned:
        if time.monotonic() > deadline:
            raise OutageError("failed.topics", "the broker does not take up the access rules")
        time.sleep(ASK_AGAIN)


def _present(admin: AdminClient) -> set[AclBinding]:
    return set(admin.describe_acls(ANY_RULE).result(TIMEOUT))


def _rule(kind: ResourceType, name: str, principal: str, operation: AclOperation) -> AclBinding:
    return AclBinding(
        kind, name, ResourcePatternType.LITERAL, f"User:{principal}", "*", operation, AclPermissionType.ALLOW
    )


def _exactly(rule: AclBinding) -> AclBindingFilter:
    return AclBindingFilter(
        rule.restype,
        rule.name,
        rule.resource_pattern_type,
        rule.principal,
        rule.host,
        rule.operation,
        rule.permission_type,
    )


def _await(futures: Mapping[Any, Future[Any]], harmless: int | None = None) -> dict[Any, Any]:
    """Every answer; another administrator having been quicker is no failure."""
    answers = {}
    for key, future in futures.items():
        try:
            answers[key] = future.result(TIMEOUT)
        except KafkaException as error:
            if error.args[0].code() != harmless:
                raise
    return answers
