"""Which other notices a notice names: its `head.refs`, and members of its type such as the meeting or the bill.

The target of an act is none of them: target and act stand in one thread already.
"""

from dataclasses import dataclass

from tamani.core.event import Event


@dataclass(frozen=True, slots=True)
class Ref:
    """A notice named, by source and id; `rel` is the relation, or the member that names it."""

    rel: str
    source: str
    id: str


def references(event: Event) -> tuple[Ref, ...]:
    """Each once, in the order in which the notice names them."""
    found = [ref for ref in event.head.get("refs", ()) if isinstance(ref, dict)]
    members = [{"rel": name} | value for name, value in event.data.items() if name != "target" and _names(value)]
    return tuple(dict.fromkeys(Ref(str(ref["rel"]), str(ref["source"]), str(ref["id"])) for ref in (*found, *members)))


def _names(value: object) -> bool:
    return isinstance(value, dict) and {"source", "id"} <= value.keys()
