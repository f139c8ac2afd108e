"""A record of the regional stream, judged again at ledger time and made ready to be written. Pure, and total."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import structlog

from tamani.archive.wire import instant
from tamani.core.catalogue import find_type
from tamani.core.event import Event, parse_time
from tamani.core.judge import rejudge
from tamani.core.log.leaf import Leaf, env_of
from tamani.core.log.merkle import leaf_hash
from tamani.core.names import Country, inbound_of
from tamani.core.policy import origins_entitled
from tamani.core.receipt import Inbound
from tamani.core.registry import Registry
from tamani.core.verdict import Forward, Refuse, Verdict

log = structlog.get_logger(__name__)
# Nothing is wrong and nothing is set aside: its node keeps the notice and sends it again.
WAITING = "held.key.waiting"
Effects = Mapping[str, datetime]
NONE: Effects = {}


@dataclass(frozen=True, slots=True)
class Regional:
    """One record as Kafka gave it. `inbound` is what the router says of its origin: good for the receipt alone."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes
    inbound: Inbound | None = None

    @property
    def place(self) -> tuple[str, int, int]:
        """Topic, partition, offset."""
        return self.topic, self.partition, self.offset


@dataclass(frozen=True, slots=True)
class Entry:
    """A notice that will be in the ledger unless its (source, id) is there already."""

    event: Event
    country: Country
    lane: str
    id: bytes
    keyid: bytes
    digest: bytes
    said: datetime
    expires: datetime | None
    sequence: int
    registry_version: int
    marks: tuple[str, ...]
    env: bytes
    leaf: bytes
    countries: tuple[Country, ...]
    archived: bool
    node: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """A notice that we failed on: the code says where."""

    code: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A record and what becomes of it."""

    record: Regional
    value_sha256: bytes
    outcome: Entry | Refuse | Held

    @property
    def country(self) -> Country | None:
        """Whom to answer: the signer's origin, else the topic that the router names, else nobody."""
        match self.outcome:
            case Entry(country=country):
                return country
            case Refuse(event=Event() as event):
                return event.country
            case _:
                return _country(self.record.inbound)


def prepare(record: Regional, registry: Registry, at: datetime, effects: Effects = NONE) -> Notice:
    """Judge a record as the registry stands at `at`; a bug of ours holds this one record, and not its partition.

    `effects`: from when each key counts that had to wait for the witnesses (keyid → instant).
    """
    digest = hashlib.sha256(record.value).digest()
    try:
        outcome = _outcome(rejudge(record.value, registry, at), registry, at, effects)
    except Exception as error:  # whatever a bug raises, the notices behind this one must go on
        log.critical(
            "held.internal", topic=record.topic, partition=record.partition, offset=record.offset, exc_info=error
        )
        return Notice(record, digest, Held("held.internal", type(error).__name__))
    return Notice(record, digest, outcome)


def _outcome(verdict: Verdict, registry: Registry, at: datetime, effects: Effects) -> Entry | Refuse | Held:
    if isinstance(verdict, Refuse):
        return verdict
    keyid, standing = verdict.row.keyid, registry.standing
    if standing is not None and keyid in standing.fresh and not (keyid in effects and effects[keyid] <= at):
        return Held(WAITING, f"{effects[keyid]:%Y-%m-%dT%H:%M}Z" if keyid in effects else "")
    return entry_of(verdict, registry, at)


def entry_of(verdict: Forward, registry: Registry, at: datetime) -> Entry:
    """The notice that a verdict lets in, as it is archived at `at`."""
    event, env = verdict.event, env_of(verdict.envelope)
    kind = find_type(event.kind, event.major)
    return Entry(
        event=event,
        country=event.country,
        lane=event.lane.value,
        id=bytes.fromhex(event.id.replace("-", "")),
        keyid=bytes.fromhex(verdict.row.keyid),
        digest=verdict.digest,
        said=parse_time(event.time),
        expires=parse_time(event.expirytime) if event.expirytime else None,
        sequence=int(event.sequence),
        registry_version=verdict.registry_version,
        marks=verdict.marks,
        env=env,
        leaf=leaf_hash(bytes(Leaf(env, verdict.registry_version, instant(at)))),
        countries=_in_order(origins_entitled(registry, event)),
        archived=not isinstance(kind, tuple) and kind.archived,
        node=verdict.row.node,
    )


@cache
def _in_order(countries: frozenset[Country]) -> tuple[Country, ...]:
    return tuple(sorted(countries))


def _country(inbound: Inbound | None) -> Country | None:
    try:
        return inbound_of(inbound.topic)[0] if inbound else None
    except ValueError:
        return None
