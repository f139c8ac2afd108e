"""What a notice takes over from those it is about: a mark at least as strict, and no reader that they do not have.

TLP 2.0: whoever was given a notice passes it on within its audience only. A request about a notice passes it on.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection

from tamani.core.envelope import decode_envelope
from tamani.core.errors import RefusedError
from tamani.core.event import TLP, UUID7, Event, decode_event
from tamani.core.names import SOURCE
from tamani.core.policy import NAMED
from tamani.core.strict_json import BadJson
from tamani.node import rows

PASSES_ON = "exchange.request"
Name = tuple[str, str]


def passed_on(kind: str, data: dict[str, Any]) -> list[Name]:
    """Source and id of each notice that a request of this data is about; other types pass nothing on."""
    if kind != PASSES_ON:
        return []
    head = data.get("head")
    refs = head.get("refs") if isinstance(head, dict) else None
    return [name for one in (*(refs if isinstance(refs, list) else ()), *data.values()) if (name := _name(one))]


def passed_on_in(value: bytes) -> list[Name]:
    """The same for an envelope that was sealed elsewhere; nothing if it cannot be read, which the judge will say."""
    try:
        event = decode_event(decode_envelope(value).payload)
    except BadJson:
        return []
    return passed_on(event.kind, event.data)


def check_passed_on(connection: Connection, event: Event, known: Iterable[Event]) -> None:
    """Refuse a request that more could read than the notices it is about; `known` are those that the desk holds.

    Raises:
        RefusedError: `refused.policy.inherited`.
    """
    for one in known:
        check_inherited(event, one)
    for name in passed_on(event.kind, event.data):
        if (row := rows.find(connection, *name)) is not None:
            check_inherited(event, decode_event(decode_envelope(row.value).payload))


def check_inherited(event: Event, original: Event) -> None:
    """The rule itself, for one notice.

    Raises:
        RefusedError: `refused.policy.inherited`, with the two labels or the bodies that may not read the original.
    """
    check_label(event, original)
    if original.tlp in NAMED:
        wider = {event.source, *event.readers} - {original.source, *original.readers}
        if wider:
            raise RefusedError("refused.policy.inherited", " ".join(sorted(wider)))


def check_label(event: Event, original: Event) -> None:
    """The part of it that holds for answers too: never below the label of what one speaks of.

    Raises:
        RefusedError: `refused.policy.inherited`.
    """
    if TLP.index(event.tlp) < TLP.index(original.tlp):
        raise RefusedError("refused.policy.inherited", f"{event.tlp} < {original.tlp}")


def _name(value: object) -> Name | None:
    match value:
        case {"source": str(source), "id": str(id_)} if SOURCE.fullmatch(source) and UUID7.fullmatch(id_):
            return source, id_
    return None
