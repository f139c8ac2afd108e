"""What must not travel open: sealed here, before anything of it is written, for the reading keys of its readers."""

from datetime import datetime

from sqlalchemy import Connection

from tamani.core.catalogue.base import MessageType
from tamani.core.catalogue.sealed import TYPE as SEALED
from tamani.core.catalogue.sealed import in_sealed_thread
from tamani.core.errors import RefusedError
from tamani.core.event import Event, decode_event, encode_event
from tamani.core.policy import may_seal, must_seal, readers_by_origin
from tamani.core.registry import Registry
from tamani.core.sealing import SealedNotice, seal
from tamani.core.strict_json import BadJson
from tamani.node import rows
from tamani.node.drafts import Draft, target_of
from tamani.node.thread_rules import check_target


def is_to_be_sealed(connection: Connection, draft: Draft, event: Event) -> bool:
    """What must not travel open, or joins a sealed thread, where an open word would tell what that is about."""
    if must_seal(event) is not None:
        return True
    if draft.subject is not None:
        return in_sealed_thread(draft.subject)
    target = target_of(draft)
    row = rows.find(connection, *target) if target is not None else None
    return row is not None and row.type == SEALED.name


def sealed_thread(connection: Connection, draft: Draft, fresh: str) -> str:
    """The thread of a sealed notice: that of its target, the one it names, or a new one that tells nothing.

    Raises:
        RefusedError: `refused.event.subject`: it names one that would tell what it is about, or a target whose thread
            this node does not know.
    """
    if draft.subject is not None:
        if not in_sealed_thread(draft.subject):
            raise RefusedError("refused.event.subject", f"{SEALED.family}/…")
        return draft.subject
    target = target_of(draft)
    if target is None:
        return f"{SEALED.family}/{fresh}"
    row = rows.find(connection, *target)
    if row is None:
        raise RefusedError("refused.event.subject", f"{target[0]} {target[1]}")
    return str(row.subject) if row.type == SEALED.name else f"{SEALED.family}/{fresh}"


def seal_notice(
    connection: Connection, registry: Registry, keyid: str, inner: Event, *, kind: MessageType, at: datetime
) -> SealedNotice:
    """Judge a notice as the region would if it could read it, then seal it.

    Raises:
        RefusedError: with the code that an open notice would get, or `refused.sealed[.recipient]`.
    """
    try:
        decode_event(encode_event(inner))
    except BadJson as error:
        raise RefusedError(error.code, error.detail) from error
    row = registry.key(keyid)
    if row is None:
        raise RefusedError("refused.key.unknown", inner.source)
    refusal = kind.refusal_within(inner) or may_seal(registry, row, inner, at)
    if refusal is not None:
        raise RefusedError(*refusal)
    check_target(connection, inner)
    return seal(inner, readers_by_origin(registry, inner, at))
