"""`schemas/topics.yaml`, written out: every topic that the code names, and no door that a principal should not have."""

from tamani.core.names import QUARANTINE, REGISTRY, Country, Lane, capsules, feed, inbound, receipts, regional
from tamani.runtime.topics import plan_bus

DAY = 24 * 3600 * 1000
TWO_IN_MALI = {country: (country.value,) for country in Country} | {Country.ML: ("ml", "ml-osc")}


def every_name() -> set[str]:
    """What `core.names` calls topics."""
    lanes = {regional(lane) for lane in Lane} | {inbound(cc, lane) for cc in Country for lane in Lane}
    each = {name(cc) for name in (feed, receipts, capsules) for cc in Country}
    return lanes | each | {QUARANTINE, REGISTRY}


def test_the_plan_has_the_topics_that_the_code_names() -> None:
    """No more and no fewer."""
    assert {topic.name for topic in plan_bus().topics} == every_name()


def test_retention_is_what_the_design_says() -> None:
    """Days by family; the registry is kept for ever, newest version only."""
    kept = {topic.name: topic.config["retention.ms"] for topic in plan_bus().topics}
    days = {
        "inbound.ml": 14,
        "regional.events": 14,
        "feed.ml": 7,
        "receipts.ml": 90,
        "quarantine": 30,
        "capsules.ml": 35,
    }
    assert {name: int(kept[name]) for name in days} == {name: count * DAY for name, count in days.items()}
    assert kept["registry"] == "-1"
    assert plan_bus().topic("registry").config["cleanup.policy"] == "compact"


def test_a_node_writes_only_its_own_origin() -> None:
    """Mali's two nodes write Mali's two lanes, and keys for the readers of any origin; nothing else."""
    plan = plan_bus(TWO_IN_MALI)
    for node in ("node.ml", "node.ml-osc"):
        wanted = {"inbound.ml", "inbound.ml.urgent", *(capsules(cc) for cc in Country)}
        assert {topic.name for topic in plan.topics if node in topic.writers} == wanted
        assert {topic.name for topic in plan.topics if node in topic.readers} == {"receipts.ml", "registry"}


def test_only_the_router_writes_the_verified_stream() -> None:
    """Nothing unverified gets there."""
    plan = plan_bus(TWO_IN_MALI)
    for lane in Lane:
        assert plan.topic(regional(lane)).writers == {"router"}


def test_the_archive_speaks_from_the_region_and_from_no_country() -> None:
    """What it finds goes the way of every notice; it can put nothing into a country's mouth."""
    written = {topic.name for topic in plan_bus(TWO_IN_MALI).topics if "archive" in topic.writers}
    assert {name for name in written if name.startswith("inbound")} == {"inbound.rg", "inbound.rg.urgent"}


def test_a_desk_reads_only_its_own_feed() -> None:
    """A feed holds what the bodies of one origin may read, and so do its capsules, which nobody of the region reads."""
    plan = plan_bus()
    for country in Country:
        mine = {topic.name for topic in plan.topics if f"desk.{country}" in topic.readers}
        assert mine == {feed(country), capsules(country), REGISTRY}
        assert plan.topic(capsules(country)).readers == {f"desk.{country}"}
        assert not any(f"desk.{country}" in topic.writers for topic in plan.topics)


def test_the_broker_stamps_what_nodes_send() -> None:
    """The router compares that time with the registry it has read; the sender's clock would not do."""
    assert {topic.config["message.timestamp.type"] for topic in plan_bus().topics} == {"LogAppendTime"}
