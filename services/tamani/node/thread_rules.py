"""Rules that need earlier notices of the same thread, checked before a notice is sealed.

A node knows only what was said through it; the projection decides again, from all the region has, in ledger order.
"""

from typing import Any

from sqlalchemy import Connection, Row

from tamani.core.catalogue import catalogue
from tamani.core.envelope import decode_envelope
from tamani.core.errors import RefusedError
from tamani.core.event import TLP, Event, decode_event
from tamani.core.names import partition_key
from tamani.core.thread import Entry, fold
from tamani.node import rows

# What the fold would say of the new notice, and that the notices of one node suffice to know.
_CERTAIN = frozenset({"after-cancellation", "another-type"})


def check_thread(connection: Connection, event: Event, keyid: str) -> None:
    """Refuse what would have no effect, or would lower the marking of what it speaks of.

    Raises:
        RefusedError: `refused.originator`, `refused.thread`, `refused.policy.tlp`.
    """
    _check_target(connection, event)
    part_key = partition_key(event.source, event.subject)
    if catalogue()[event.kind].system or rows.thread_is_plain(connection, part_key, event.kind):
        return
    earlier = [Entry(row.row_no, _event(row), keyid=row.keyid) for row in rows.thread(connection, part_key)]
    last = max((entry.index for entry in earlier), default=0) + 1
    why = fold([*earlier, Entry(last, event, keyid=keyid)]).no_effect.get(last)
    if why in _CERTAIN:
        raise RefusedError("refused.thread", why)


def cancels(event: Event) -> bool:
    """Whether this version cancels its thread."""
    return not catalogue()[event.kind].system and fold([Entry(0, event)]).state == "cancelled"


def _check_target(connection: Connection, event: Event) -> None:
    match event.data:
        case {"target": {"source": str(source), "id": str(id_)}}:
            pass
        case _:
            return
    if event.kind in {"correction", "withdrawal"} and source != event.source:
        raise RefusedError("refused.originator", source)
    target = rows.find(connection, source, id_)
    if target is not None and TLP.index(event.tlp) < TLP.index(_event(target).tlp):
        raise RefusedError("refused.policy.tlp", f"{event.tlp} < {_event(target).tlp}")


def _event(row: Row[Any]) -> Event:
    return decode_event(decode_envelope(row.value).payload)
