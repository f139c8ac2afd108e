"""The topics of the region as `schemas/topics.yaml` plans them: one row a real topic, with its size, life and doors."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import yaml

from tamani.core.names import Country

UNITS = {"d": 24 * 3600 * 1000, "h": 3600 * 1000, "KiB": 1024, "MiB": 1024 * 1024}
EVERY_NODE = "node.*"
QUANTITY = re.compile(r"(\d+)([a-zA-Z]+)")


@dataclass(frozen=True, slots=True)
class TopicPlan:
    """One topic: how it is made, and who may write to it and read it."""

    name: str
    what: str
    partitions: int
    config: Mapping[str, str]
    key: str
    writers: frozenset[str]
    readers: frozenset[str]


@dataclass(frozen=True, slots=True)
class BusPlan:
    """All topics, the consumer groups with their users, and every principal but the super user."""

    topics: tuple[TopicPlan, ...]
    groups: Mapping[str, frozenset[str]]

    @property
    def principals(self) -> frozenset[str]:
        """Whoever may do anything at all."""
        doors = [topic.writers | topic.readers for topic in self.topics]
        return frozenset().union(*doors, *self.groups.values())

    def topic(self, name: str) -> TopicPlan:
        """The plan of one topic.

        Raises:
            KeyError: no such topic.
        """
        return {topic.name: topic for topic in self.topics}[name]


def default_nodes() -> dict[Country, tuple[str, ...]]:
    """One node an origin, named like it."""
    return {country: (country.value,) for country in Country}


def plan_document() -> dict[str, Any]:
    """The content of `topics.yaml` as it stands."""
    found: dict[str, Any] = yaml.safe_load(files("tamani").joinpath("schemas", "topics.yaml").read_text("utf-8"))
    return found


def plan_bus(nodes: Mapping[Country, Iterable[str]] | None = None) -> BusPlan:
    """Read `topics.yaml` and write it out for these nodes (the default: one an origin)."""
    document = plan_document()
    known = {country: tuple(names) for country, names in (nodes or default_nodes()).items()}
    topics = tuple(topic for row in document["topics"] for topic in _expand(row, known))
    return BusPlan(topics, {group: frozenset(users) for group, users in document["groups"].items()})


def _expand(row: Mapping[str, Any], nodes: Mapping[Country, tuple[str, ...]]) -> Iterable[TopicPlan]:
    """One template becomes a topic an origin, or stays one topic of the whole region."""
    if "{cc}" not in row["name"]:
        yield _topic(row, row["name"], tuple(nodes), [name for names in nodes.values() for name in names])
        return
    every = tuple(f"node.{name}" for names in nodes.values() for name in names)
    for country, names in nodes.items():
        own = {**row, "writers": [name for who in row["writers"] for name in (every if who == EVERY_NODE else (who,))]}
        yield _topic(own, row["name"].format(cc=country.value), (country,), names)


def _topic(row: Mapping[str, Any], name: str, countries: tuple[Country, ...], nodes: Iterable[str]) -> TopicPlan:
    names = tuple(nodes)
    return TopicPlan(
        name=name,
        what=row["what"],
        partitions=row["partitions"],
        config=_config(row),
        key=row["key"],
        writers=_principals(row["writers"], countries, names),
        readers=_principals(row["readers"], countries, names),
    )


def _principals(patterns: Iterable[str], countries: Iterable[Country], nodes: tuple[str, ...]) -> frozenset[str]:
    found: set[str] = set()
    for pattern in patterns:
        if "{node}" in pattern:
            found.update(pattern.format(node=node) for node in nodes)
        elif "{cc}" in pattern:
            found.update(pattern.format(cc=country.value) for country in countries)
        elif "@" in pattern:
            who, _, origin = pattern.partition("@")
            found.update({who} if Country(origin) in countries else ())
        else:
            found.add(pattern)
    return frozenset(found)


def _config(row: Mapping[str, Any]) -> dict[str, str]:
    """The topic's settings in Kafka's own words."""
    stamps = {"broker": "LogAppendTime", "sender": "CreateTime"}
    return {
        "cleanup.policy": row["cleanup"],
        "retention.ms": "-1" if row["retention"] == "forever" else str(_quantity(row["retention"])),
        "max.message.bytes": str(_quantity(row["largest"])),
        "message.timestamp.type": stamps[row["stamp"]],
    }


def _quantity(text: str) -> int:
    match = QUANTITY.fullmatch(text)
    if match is None or match[2] not in UNITS:
        raise ValueError(f"topics.yaml: {text!r} is not a number with one of {', '.join(UNITS)}")
    return int(match[1]) * UNITS[match[2]]
