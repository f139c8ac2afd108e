"""What becomes of an entry of the feed; never an exception."""

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamani.core.envelope import decode_envelope
from tamani.core.feed import FeedEntry
from tamani.desk.projection import Marked, Projected, Unreadable, Withheld, project
from tests.support.notices import COMMISSION_ML, OBSERVATORY_ML, event, key_of, registry, seal, seal_json

REGISTRY = registry()
SAID = event("monitor.alert", full=True, tlp="AMBER", audience=OBSERVATORY_ML)


def entry(value: bytes | None, **changes: Any) -> FeedEntry:
    digest = hashlib.sha256(decode_envelope(value).payload).hexdigest() if value else "ab" * 32
    base = {"epoch": 1, "feed_index": 1, "prev": "", "kind": "record", "recordedtime": "2026-03-02T09:00:00Z"}
    return FeedEntry.model_validate(base | {"digest": digest, "envelope": value and value.decode()} | changes)


def test_a_verified_notice_becomes_a_row() -> None:
    """Its searchable columns are what it says of itself, and the archive's time and marks."""
    shown = project(entry(seal(SAID), marks=("late",)), REGISTRY)
    assert isinstance(shown, Projected)
    row = shown.columns()
    assert (row["source"], row["origin"], row["type"]) == (COMMISSION_ML, "ml", "monitor.alert")
    assert (row["tlp"], row["audience"], row["marks"]) == ("AMBER", (OBSERVATORY_ML,), ("late",))
    assert (row["title"], row["areas"]) == (SAID.head["title"], SAID.head["areas"])
    assert row["severity"] == SAID.data["severity"]
    assert row["recordedtime"] == "2026-03-02T09:00:00Z"
    assert not shown.public


UNREADABLE = [
    (entry(seal(SAID, key_of(OBSERVATORY_ML))), "refused.source"),
    (entry(seal(SAID, key_of("stranger"))), "refused.key.unknown"),
    (entry(seal(SAID), digest="cd" * 32), "failed.feed"),
    (entry(seal(SAID), recordedtime="hier"), "failed.feed"),
    (entry(seal(SAID), recordedtime="2026-03-02T09:00:00"), "failed.feed"),
    (entry(seal(SAID), envelope="{}"), "refused.envelope"),
    (entry(seal_json({"specversion": "1.0"}, key_of(COMMISSION_ML))), "refused.event"),
    (entry(None, digest=""), "failed.feed"),
]


@pytest.mark.parametrize(("given_entry", "code"), UNREADABLE, ids=[code for _, code in UNREADABLE])
def test_what_cannot_be_shown_has_its_code(given_entry: FeedEntry, code: str) -> None:
    """A forgery, a stranger, a changed digest, a time that is none."""
    found = project(given_entry, REGISTRY)
    assert isinstance(found, Unreadable)
    assert found.code == code


def test_marks_and_withheld_entries() -> None:
    """A mark names its notice; an entry without content is nobody's business here."""
    mark = {"kind": "mark", "source": SAID.source, "id": SAID.id, "mark": "contested"}
    assert project(entry(None, **mark), REGISTRY) == Marked(SAID.source, SAID.id, "contested")
    assert isinstance(project(entry(None, **(mark | {"id": "1"})), REGISTRY), Unreadable)
    assert isinstance(project(entry(None, **(mark | {"source": "x"})), REGISTRY), Unreadable)
    assert project(entry(None), REGISTRY) == Withheld()


@given(st.text(max_size=200) | st.recursive(st.none() | st.text(max_size=9), st.lists).map(json.dumps))
def test_no_envelope_makes_it_raise(text: str) -> None:
    """Whatever stands where the envelope should."""
    found = project(entry(None, envelope=text), REGISTRY)
    assert isinstance(found, Unreadable)
