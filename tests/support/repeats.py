"""How often the bus did a thing twice on the way, as the broker's own records show: at-least-once at work."""

import hashlib
import json

from tests.support.bus import Bus
from tests.support.kafka_reader import read_topic

STEPS = {"sent": "inbound.", "routed": "regional.", "answered": "receipts."}


def count_repeats(bus: Bus) -> dict[str, int]:
    """For each step, records that say what an earlier record had said."""
    return {step: sum(_repeats(bus, topic) for topic in _topics(bus, family)) for step, family in STEPS.items()}


def _topics(bus: Bus, family: str) -> list[str]:
    return [plan.name for plan in bus.kafka.plan.topics if plan.name.startswith(family)]


def _repeats(bus: Bus, topic: str) -> int:
    seen: set[str] = set()
    repeats = 0
    for record in read_topic(bus.kafka.confluent(), topic):
        said = _identity(topic, record.value)
        repeats += said in seen
        seen.add(said)
    return repeats


def _identity(topic: str, value: bytes) -> str:
    if topic.startswith(STEPS["answered"]):
        return str(json.loads(value)["value_sha256"])
    return hashlib.sha256(value).hexdigest()
