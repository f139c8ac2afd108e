"""The judge: a numbered recipe from received bytes to a verdict. Pure and total: it never raises on any input.

What depends on time (a key retired, a right lost) is decided by the archive at `recordedtime` with `rejudge`; what
depends on other notices (transitions, who may withdraw) is decided at the node before sealing and at the projection.
"""

import hashlib
from datetime import datetime, timedelta

from tamani.core.catalogue import find_type
from tamani.core.envelope import Envelope, decode_envelope
from tamani.core.event import Event, decode_event, parse_time
from tamani.core.names import Country, Lane
from tamani.core.policy import key_state, may_say
from tamani.core.registry import KeyRow, Registry
from tamani.core.signing import verify
from tamani.core.strict_json import BadJson
from tamani.core.verdict import Forward, Refuse, Verdict

SKEW = timedelta(minutes=5)
# The mark of a notice whose time lies further ahead than that.
AHEAD = "clock-ahead"


def judge(value: bytes, origin: Country, lane: Lane, registry: Registry) -> Verdict:
    """What becomes of a Kafka value that came in from this origin on this lane."""
    verdict = verify_again(value, registry)
    if isinstance(verdict, Refuse):
        return verdict
    event, keyid = verdict.event, verdict.row.keyid
    # (5) owner to the topic's origin; the thread to its lane
    if event.country is not origin:
        return Refuse("refused.origin", f"{event.country} != {origin}", event, keyid)
    if event.lane is not lane:
        return Refuse("refused.lane", event.subject, event, keyid)
    return _with_policy(verdict, registry)


def rejudge(value: bytes, registry: Registry, at: datetime) -> Verdict:
    """The archive's judgement at ledger time: the signature again, and the key and body as they stand at `at`."""
    verdict = _with_policy(verify_again(value, registry), registry)
    if isinstance(verdict, Refuse):
        return verdict
    event, row = verdict.event, verdict.row
    if (state := key_state(row, at)) is not None:
        return Refuse(state, row.keyid, event, row.keyid)
    body = registry.body(row.body)
    if body is None or not body.stands(at):
        return Refuse("refused.policy.body", row.body, event, row.keyid)
    return Forward(event, verdict.envelope, row, verdict.digest, registry.version, _marks(event, at))


def verify_again(value: bytes, registry: Registry) -> Verdict:
    """Steps 0 to 6, which no later change of rights can undo: what a mirror and an auditor check."""
    # (0) size and shape, (1) DSSE envelope
    try:
        envelope = decode_envelope(value)
    except BadJson as error:
        return Refuse(error.code, error.detail)
    # (2) key known
    row = registry.key(envelope.keyid)
    if row is None:
        return Refuse("refused.key.unknown", envelope.keyid[:64])
    # (3) signature over the received bytes
    if not verify(envelope, row.public_bytes):
        return Refuse("refused.signature.invalid")
    return _judge_payload(envelope, row, registry)


def judge_payload(envelope: Envelope, row: KeyRow, registry: Registry) -> Verdict:
    """Steps 4 to 7, on a payload that a node is about to sign."""
    return _with_policy(_judge_payload(envelope, row, registry), registry)


def _judge_payload(envelope: Envelope, row: KeyRow, registry: Registry) -> Verdict:
    # (4) CloudEvent, strict
    try:
        event = decode_event(envelope.payload)
    except BadJson as error:
        return Refuse(error.code, error.detail, None, row.keyid)
    # (5) source belongs to the key's owner
    if event.source != row.body:
        return Refuse("refused.source", f"{event.source} != {row.body}", None, row.keyid)
    # (6) type, profile and version known, data valid
    kind = find_type(event.kind, event.major)
    if isinstance(kind, tuple):
        return Refuse(*kind, event, row.keyid)
    refusal = kind.refusal(event)
    if refusal is not None:
        return Refuse(*refusal, event, row.keyid)
    return Forward(event, envelope, row, hashlib.sha256(envelope.payload).digest(), registry.version)


def _with_policy(verdict: Verdict, registry: Registry) -> Verdict:
    """(7) This key may say this, at this TLP, to this audience, as the registry stands."""
    if isinstance(verdict, Refuse):
        return verdict
    refusal = may_say(registry, verdict.row, verdict.event)
    return verdict if refusal is None else Refuse(*refusal, verdict.event, verdict.row.keyid)


def _marks(event: Event, at: datetime) -> tuple[str, ...]:
    """Skew and lateness are said, never refused nor held."""
    marks = []
    if parse_time(event.time) > at + SKEW:
        marks.append(AHEAD)
    if event.expirytime is not None and parse_time(event.expirytime) <= at:
        marks.append("late")
    return tuple(marks)
