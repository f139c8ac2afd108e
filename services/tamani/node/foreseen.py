"""What the region would say of an envelope, asked before it is kept: the judge's word, the archive's rules of now."""

from collections.abc import Mapping
from datetime import datetime

from tamani.core.catalogue.sealed import TYPE as SEALED
from tamani.core.envelope import MAX_EVENT
from tamani.core.errors import RefusedError
from tamani.core.event import Event
from tamani.core.names import Country
from tamani.core.policy import key_state, lacks_reader, readers_by_origin
from tamani.core.registry import Registry
from tamani.core.sealed_package import check_capsules
from tamani.core.verdict import Forward, Refuse, Verdict


def accepted(verdict: Verdict, registry: Registry, now: datetime) -> Forward:
    """The judge's word on the envelope, and what the archive would add at this instant.

    Raises:
        RefusedError: what the region would refuse.
    """
    if isinstance(verdict, Refuse):
        raise RefusedError(verdict.name, verdict.detail)
    if len(verdict.envelope.payload) > MAX_EVENT:
        raise RefusedError("refused.size", str(len(verdict.envelope.payload)))
    if (state := key_state(verdict.row, now)) is not None:
        raise RefusedError(state, verdict.event.source)
    body = registry.body(verdict.row.body)
    if body is None or not body.stands(now):
        raise RefusedError("refused.policy.body", verdict.row.body)
    return verdict


def check_sealed(registry: Registry, event: Event, capsules: Mapping[Country, bytes], now: datetime) -> None:
    """What was sealed elsewhere comes with the keys of its readers, and nothing else brings any.

    Raises:
        RefusedError: `refused.sealed.elsewhere`, `.recipient`, `.capsule`.
    """
    if event.kind != SEALED.name:
        if capsules:
            raise RefusedError("refused.sealed.capsule", event.kind)
        return
    if not capsules:
        raise RefusedError("refused.sealed.elsewhere")
    if (refusal := lacks_reader(registry, event, now)) is not None:
        raise RefusedError(*refusal)
    check_capsules(event, capsules, readers_by_origin(registry, event, now))
