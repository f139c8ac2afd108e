"""Sealed notices for tests: what a node would make of an inner event, with the fixed reading keys of its readers."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from tamani.core.event import Event, parse_time
from tamani.core.policy import readers_by_origin
from tamani.core.registry import Registry
from tamani.core.sealing import SealedNotice
from tamani.core.sealing import seal as seal_body
from tests.support.notices import COMMISSION_ML, OBSERVATORY_NE, SAID, event, new_id, registry

AT: datetime = parse_time(SAID)


def inner_event(kind: str = "monitor.report", source: str = COMMISSION_ML, **changes: Any) -> Event:
    """A notice for one reader abroad, in a thread that tells nothing."""
    readers = {"tlp": "RED", "audience": OBSERVATORY_NE, "subject": f"sealed/{new_id()}"}
    return event(kind, source, **(readers | changes))


def sealed_event(known: Registry | None = None, **changes: Any) -> SealedNotice:
    """The same, sealed."""
    inner = inner_event(**changes)
    return seal_body(inner, readers_by_origin(known or registry(), inner, AT))


def with_data(outer: Event, **changes: Any) -> Event:
    """A sealed event with members of its data replaced."""
    return replace(outer, data=outer.data | changes)
