"""From an inbound record to what is sent for it: the same bytes onwards, or an answer to its origin. Pure and total."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

import structlog

from tamani.core.event import format_time
from tamani.core.judge import judge
from tamani.core.names import Country, Lane, partition_key, receipts, regional
from tamani.core.receipt import Inbound, Receipt, VerdictWord
from tamani.core.registry import Registry
from tamani.core.verdict import Forward, Refuse
from tamani.runtime.quarantine import hold
from tamani.runtime.sender import Outgoing

log = structlog.get_logger(__name__)
# What these codes say of a value does not depend on the registry: no newer one can change it.
_OF_THE_BYTES = ("refused.size", "refused.envelope", "refused.json", "refused.signature")


@dataclass(frozen=True, slots=True)
class Arrival:
    """One record of an inbound topic, with the origin and lane that the topic stands for."""

    country: Country
    lane: Lane
    place: Inbound
    key: bytes | None
    value: bytes


@dataclass(frozen=True, slots=True)
class Held:
    """Our judge failed on it."""

    detail: str


Outcome = Forward | Refuse | Held


def consider(arrival: Arrival, registry: Registry) -> Outcome:
    """Judge a record; a bug of ours holds this one record, and not its partition."""
    try:
        return judge(arrival.value, arrival.country, arrival.lane, registry)
    except Exception as error:  # whatever a bug raises, the notices behind this one must go on
        log.critical("held.internal", place=str(arrival.place), exc_info=error)
        return Held(type(error).__name__)


def may_change(outcome: Outcome) -> bool:
    """Whether a newer registry could judge otherwise."""
    return isinstance(outcome, Refuse) and not outcome.name.startswith(_OF_THE_BYTES)


def outgoing(arrival: Arrival, outcome: Outcome, at: datetime) -> list[Outgoing]:
    """What to send: onwards under the thread's key, or the answer. Refused bytes are not kept here."""
    match outcome:
        case Forward(event=event):
            key = partition_key(event.source, event.subject)
            header = ("inbound", str(arrival.place).encode())
            return [Outgoing(regional(event.lane), key, arrival.value, (header,))]
        case Refuse() as refused:
            return [_answer(arrival, "refused", refused, at)]
        case Held(detail):
            kept = hold(
                "router",
                code="held.internal",
                detail=detail,
                place=(arrival.place.topic, arrival.place.partition, arrival.place.offset),
                key=arrival.key,
                value=arrival.value,
                back_to=arrival.place.topic,
                at=at,
            )
            return [kept, _answer(arrival, "held", Refuse("held.internal"), at)]


def _answer(arrival: Arrival, verdict: VerdictWord, why: Refuse, at: datetime) -> Outgoing:
    """The receipt; it names the notice only if the signature held."""
    event = why.event
    receipt = Receipt.model_construct(
        verdict=verdict,
        code=why.name,
        detail=why.detail,
        value_sha256=hashlib.sha256(arrival.value).hexdigest(),
        inbound=arrival.place,
        at=format_time(at),
        source=event.source if event else None,
        id=event.id if event else None,
        sequence=event.sequence if event else None,
        keyid=why.keyid if event else None,
        lane=event.lane.value if event else None,
    )
    key = event.source.encode() if event else b""
    return Outgoing(receipts(arrival.country), key, receipt.encode())
