"""`schemas/topics.yaml` and `core.names` name the same topics, and no service writes a topic's name by hand."""

import re
from itertools import product
from pathlib import Path

import pytest

import tamani
from tamani.core import names
from tamani.core.names import Country, Lane
from tamani.runtime.topics import plan_bus

SOURCE = Path(tamani.__file__).parent
NAMED = {
    *(names.inbound(country, lane) for country, lane in product(Country, Lane)),
    *(names.regional(lane) for lane in Lane),
    *(names.feed(country) for country in Country),
    *(names.receipts(country) for country in Country),
    *(names.capsules(country) for country in Country),
    names.QUARANTINE,
    names.REGISTRY,
}
BY_HAND = re.compile(r"""["'](inbound|feed|receipts|capsules)\.(\{|bf|ml|ne|rg)|["']regional\.(events|urgent)["']""")


def test_the_plan_and_the_names_are_the_same() -> None:
    assert {topic.name for topic in plan_bus().topics} == NAMED


def test_partition_counts_never_change() -> None:
    """Another count would send a thread's next notice to another partition, and break its order."""
    counts = {topic.name: topic.partitions for topic in plan_bus().topics}
    for name, count in counts.items():
        assert count == {"inbound": 4, "regional": 12}.get(name.partition(".")[0], 1), name


def test_whatever_may_be_sent_arrives_to_be_refused_with_a_reason() -> None:
    """3 MiB get into `inbound`; what the judge takes gets through every topic after it, wrapped as it may be."""
    from tamani.core.capsule import MAX_CAPSULE
    from tamani.core.envelope import MAX_VALUE

    largest = {topic.name: int(topic.config["max.message.bytes"]) for topic in plan_bus().topics}
    for name, limit in largest.items():
        if name.startswith("capsules"):
            assert limit > MAX_CAPSULE
            continue
        assert limit > (3 * 1024 * 1024 if name.startswith("inbound") else 2 * MAX_VALUE), name
    assert largest["quarantine"] > largest["inbound.ml"] * 4 // 3


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_topic_is_named_by_hand(path: Path) -> None:
    # AsyncAPI speaks of the names' templates, as `topics.yaml` writes them.
    if path.name not in {"names.py", "asyncapi.py"}:
        assert not BY_HAND.search(path.read_text("utf-8"))
