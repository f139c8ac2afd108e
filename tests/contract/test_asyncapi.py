"""`schemas/asyncapi.json`: a sound AsyncAPI 3 document that says of the bus what `topics.yaml` says.

No copy of AsyncAPI's own schema can be had offline, so what its specification demands is asserted here.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tamani.runtime.topics import plan_document

FOLDER = Path(__file__).parents[2] / "schemas"
DOCUMENT: dict[str, Any] = json.loads((FOLDER / "asyncapi.json").read_text("utf-8"))
ROWS = {row["name"]: row for row in plan_document()["topics"]}


def references(part: Any) -> Iterator[str]:
    """Every `$ref` in a part of the document."""
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"]
        for inner in part.values():
            yield from references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from references(inner)


def test_what_the_specification_demands_is_there() -> None:
    """Version, title, and for each channel and operation the members that AsyncAPI 3.0 requires."""
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert DOCUMENT["info"].keys() >= {"title", "version"}
    for channel in DOCUMENT["channels"].values():
        assert channel["messages"]
        named = set(re.findall(r"\{(\w+)\}", channel["address"]))
        assert named == set(channel.get("parameters", {}))
        assert channel["bindings"]["kafka"]["bindingVersion"] == "0.5.0"
    for operation in DOCUMENT["operations"].values():
        assert operation["action"] in {"send", "receive"}
        assert set(operation["channel"]) == {"$ref"}


def test_every_reference_leads_somewhere() -> None:
    """Within the document, or to a schema beside it."""
    for reference in references(DOCUMENT):
        if reference.startswith("./"):
            assert (FOLDER / reference).exists(), reference
            continue
        place: Any = DOCUMENT
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]
        assert place


def test_it_says_of_the_topics_what_their_plan_says() -> None:
    """Partitions, keys, and who may write and read."""
    assert {channel["address"] for channel in DOCUMENT["channels"].values()} == ROWS.keys()
    for name, channel in DOCUMENT["channels"].items():
        row = ROWS[channel["address"]]
        assert channel["bindings"]["kafka"]["partitions"] == row["partitions"]
        assert (channel["x-key"], channel["x-retention"]) == (row["key"], row["retention"])
        assert DOCUMENT["operations"][f"send.{name}"]["x-principals"] == row["writers"]
        assert DOCUMENT["operations"][f"receive.{name}"]["x-principals"] == row["readers"]


def test_what_travels_where() -> None:
    """Envelopes on the way in and through the region; receipts, feed entries and the registry on their own."""
    told = {channel["address"]: list(channel["messages"]) for channel in DOCUMENT["channels"].values()}
    assert told.pop("receipts.{cc}") == ["receipt"]
    assert told.pop("feed.{cc}") == ["feedEntry"]
    assert told.pop("registry") == ["registry"]
    assert told.pop("quarantine") == ["held"]
    assert told.pop("capsules.{cc}") == ["capsule"]
    assert told == {
        name: ["envelope"] for name in ("inbound.{cc}", "inbound.{cc}.urgent", "regional.events", "regional.urgent")
    }
