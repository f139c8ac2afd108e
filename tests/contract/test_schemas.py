"""`schemas/` is what the models say, and says what is really sent."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tamani.cli.openapi import everything
from tamani.core.catalogue import catalogue
from tamani.core.feed import FeedEntry
from tamani.core.receipt import Inbound, Receipt
from tamani.core.schemas import data_schema, documents
from tamani.embedded.demo.notices import notices, request_of
from tests.support.published import emitted, freeze, frozen, main
from tests.unit.demo.world import world

FOLDER = Path(__file__).parents[2] / "schemas"
HEX = "0f" * 32
RECEIPT: dict[str, Any] = {
    "verdict": "archived",
    "code": "archived",
    "value_sha256": HEX,
    "inbound": Inbound(topic="inbound.ml", partition=1, offset=7),
    "at": "2026-12-02T09:00:00Z",
    "epoch": 1,
    "log_index": 0,
    "source": "/ml/commission-defense",
    "id": "01a20069-e727-721e-8659-da72acb9a85e",
    "sequence": "4",
    "keyid": HEX,
    "lane": "normal",
}
ENTRY: dict[str, Any] = {
    "epoch": 1,
    "feed_index": 1,
    "prev": "",
    "recordedtime": "2026-12-02T09:00:00Z",
    "digest": HEX,
}


@cache
def validator(name: str) -> Draft202012Validator:
    """The checked schema in a file."""
    schema = json.loads((FOLDER / name).read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def test_the_files_are_what_the_software_says() -> None:
    """Run `tamani schema emit` after a change of a model or a route, and say in the changelog what it means."""
    made = everything()
    found = {str(path.relative_to(FOLDER)): path.read_text("utf-8") for path in FOLDER.rglob("*.json")}
    found = {name: text for name, text in found.items() if not name.startswith("examples/")}
    assert found.keys() == made.keys()
    assert [name for name in made if found[name] != made[name]] == []


def test_what_is_published_does_not_change() -> None:
    """Another implementation relies on it. A new field is a new minor version (`dataschema`, so another `$id`) of the
    type, anything else a new major one; a schema that is new adds a line to `schemas/published.txt`.
    """
    before, now = frozen(), emitted()
    assert [name for name in now if before.get(name, now[name]) != now[name]] == [], "published: make a minor version"
    assert now.keys() - before.keys() == set(), "new: python -m tests.support.published"


def test_who_freezes_overwrites_nothing_by_accident(tmp_path: Path) -> None:
    """What is new is added, what is gone stays; a line changes only if it is named, and nothing else is named."""
    file = tmp_path / "published.txt"
    file.write_text("11  urn:a:1\n22  urn:b:1\n")
    freeze(file, {"urn:a:2": "33", "urn:a:1": "11"})
    as_it_was = "11  urn:a:1\n33  urn:a:2\n22  urn:b:1\n"
    assert file.read_text() == as_it_was
    for changed, named in (("44", ()), ("44", ("urn:b:1",)), ("11", ("urn:a:1",))):
        with pytest.raises(ValueError, match="urn:"):
            freeze(file, {"urn:a:1": changed}, frozenset(named))
        assert file.read_text() == as_it_was
    freeze(file, {"urn:a:1": "44"}, frozenset({"urn:a:1"}))
    assert file.read_text() == as_it_was.replace("11", "44")
    with pytest.raises(SystemExit):
        main(["--again"])


def test_each_file_has_a_name_of_its_own() -> None:
    """`$id` is unique: a validator may load all of them."""
    names = [json.loads(text)["$id"] for text in documents().values()]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("left_out", [(), ("source", "id", "sequence", "keyid", "lane", "log_index"), ("inbound",)])
def test_a_receipt_as_sent_is_valid(left_out: tuple[str, ...]) -> None:
    """Also that of a forgery, which names nobody."""
    fields = {name: value for name, value in RECEIPT.items() if name not in left_out}
    validator("receipt.v1.schema.json").validate(json.loads(Receipt(**fields).encode()))


@pytest.mark.parametrize(
    "wrong", [{"verdict": "lost"}, {"value_sha256": "0F"}, {"source": None}, {"v": 2}, {"surplus": 1}, {"epoch": -1}]
)
def test_a_receipt_that_we_never_send_is_not(wrong: dict[str, Any]) -> None:
    """The schema refuses something, too."""
    sent = json.loads(Receipt(**RECEIPT).encode())
    assert not validator("receipt.v1.schema.json").is_valid(sent | wrong)


def test_a_feed_entry_is_a_notice_or_a_mark() -> None:
    """One has an envelope; the other says which notice it marks."""
    schema = validator("feed.v1.schema.json")
    record = json.loads(FeedEntry(**ENTRY, kind="record", envelope="{}").encode())
    mark = json.loads(
        FeedEntry(**ENTRY, kind="mark", source=RECEIPT["source"], id=RECEIPT["id"], mark="contested").encode()
    )
    schema.validate(record)
    schema.validate(mark)
    assert not schema.is_valid({name: value for name, value in record.items() if name != "envelope"})
    assert not schema.is_valid({name: value for name, value in mark.items() if name != "id"})
    assert not schema.is_valid({name: value for name, value in record.items() if name != "v"})


def test_every_notice_of_the_demo_fits_the_schema_of_its_type() -> None:
    """What another implementation would check before it posts."""
    for notice in notices():
        kind = catalogue()[notice.type]
        data = request_of(notice, world().plan)["data"]
        validator(data_schema(kind, notice.profile)).validate(data)
        assert not validator(data_schema(kind, notice.profile)).is_valid(data | {"surplus": 1})
