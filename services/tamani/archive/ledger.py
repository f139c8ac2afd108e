"""From judged notices to rows: which are new, which number each gets, who is answered, which feeds grow. Pure.

Everything that the database alone can know is given in `Known`; nothing here depends on a type of notice.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from tamani.archive.findings.facts import CONTEST, Finding
from tamani.archive.head import Head
from tamani.archive.notice import Entry, Held, Notice
from tamani.archive.wire import Answer, Claims, instant, receipt_value
from tamani.core.erasure.confirming import confirmed_in
from tamani.core.feed import CONFIRMED
from tamani.core.judge import AHEAD
from tamani.core.log.leaf import EQUIVOCATION, EVENT, REGISTRY, Leaf
from tamani.core.log.merkle import leaf_hash
from tamani.core.names import Country
from tamani.core.verdict import Refuse

CONTESTED = "contested"
REUSED = "sequence-reused"
Place = tuple[int, int, int]
# The number of a source, and the 16 bytes of an id.
Name = tuple[int, bytes]


@dataclass(frozen=True, slots=True)
class Seen:
    """What stands in the ledger under a (source, id)."""

    digest: bytes
    log_index: int
    place: Place
    countries: tuple[Country, ...]
    contested: bool = False
    leaf_index: int | None = None
    erased: bool = False


@dataclass(slots=True)
class Ordered:
    """An erasure: whose notice, which feeds told it, and where it was carried out already."""

    log_index: int
    digest: bytes
    countries: tuple[Country, ...]
    confirmed: set[str]


@dataclass(slots=True)
class Known:
    """What the database said, under the lock, about the notices of a batch."""

    sources: dict[str, int]
    streams: dict[str, int]
    seen: dict[Name, Seen]
    # (keyid, lane, sequence) that stand in the ledger
    sequences: set[tuple[bytes, str, int]]
    # (source_no, id, digest) of the evidence kept so far
    evidence: set[tuple[int, bytes, bytes]]
    # versions of the registry that the log does not yet name, with the SHA-256 of each document
    registries: dict[int, bytes] = field(default_factory=dict)
    # by the order's name in the log: those that signs of life of this batch say were carried out
    erasures: dict[bytes, Ordered] = field(default_factory=dict)


@dataclass(slots=True)
class Rows:
    """What a transaction will write, and the head after it."""

    head: Head
    at: datetime
    ledger: list[tuple[Any, ...]] = field(default_factory=list)
    leaves: list[tuple[Any, ...]] = field(default_factory=list)
    seen: list[tuple[Any, ...]] = field(default_factory=list)
    evidence: list[tuple[Any, ...]] = field(default_factory=list)
    answers: list[tuple[Any, ...]] = field(default_factory=list)
    feed: list[tuple[Any, ...]] = field(default_factory=list)
    heartbeats: dict[bytes, tuple[Any, ...]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    confirmations: list[tuple[Any, ...]] = field(default_factory=list)
    # (keyid, lane, sequence) of what is signed and is not archived
    numbered: set[tuple[bytes, str, int]] = field(default_factory=set)
    positions: dict[tuple[int, int], int] = field(default_factory=dict)


def draw_up(head: Head, notices: Sequence[Notice], known: Known, at: datetime) -> Rows:
    """The rows of a batch, in its order. `head` is moved, `known` is kept up to date."""
    rows = Rows(head, at)
    for version, digest in sorted(known.registries.items()):
        enter(rows, REGISTRY, digest, version)
    for notice in notices:
        stream = known.streams[notice.record.topic]
        place = (stream, notice.record.partition, notice.record.offset)
        draw(rows, known, notice, place)
        rows.positions[place[:2]] = place[2] + 1
    head.recorded = at
    return rows


def draw(rows: Rows, known: Known, notice: Notice, place: Place) -> None:
    """What becomes of one notice, as of `rows.at`."""
    match notice.outcome:
        case Refuse() as refused:
            _count(rows, refused)
            _answer(rows, notice, place, Answer("refused", refused.name, detail=refused.detail))
        case Held(code, detail):
            _answer(rows, notice, place, Answer("held", code, detail=detail))
        case Entry(archived=False) as entry:
            _beat(rows, known, notice, place, entry)
        case Entry() as entry:
            _settle(rows, known, notice, place, entry)


def _settle(rows: Rows, known: Known, notice: Notice, place: Place, entry: Entry) -> None:
    """New, again, or another content under the same id."""
    name = (known.sources[entry.event.source], entry.id)
    first = known.seen.get(name)
    if first is None:
        leaf_index = rows.head.leaves
        known.seen[name] = Seen(entry.digest, rows.head.size, place, entry.countries, leaf_index=leaf_index)
        _append(rows, known, notice, place, entry)
        _answer(rows, notice, place, Answer("archived", "archived", rows.head.size, leaf_index=leaf_index))
        rows.head.size += 1
    elif first.digest != entry.digest:
        _contest(rows, known, notice, place, entry)
        _answer(rows, notice, place, Answer("equivocation", "equivocation", first.log_index))
    elif first.place == place:
        # read again after a crash or a rewind: the same answer as then, and no duplicate of anybody's making
        _answer(rows, notice, place, Answer("archived", "archived", first.log_index, leaf_index=first.leaf_index))
    else:
        _answer(rows, notice, place, Answer("duplicate", "duplicate", first.log_index, leaf_index=first.leaf_index))


def _append(rows: Rows, known: Known, notice: Notice, place: Place, entry: Entry) -> None:
    event, index = entry.event, rows.head.size
    name = (known.sources[event.source], entry.id)
    number = (entry.keyid, entry.lane, entry.sequence)
    marks = (*entry.marks, REUSED) if number in known.sequences else entry.marks
    known.sequences.add(number)
    said = (event.type, event.profile, event.subject, entry.lane, entry.said, event.tlp, event.audience or "")
    claim = (event.lang, entry.expires, entry.sequence, entry.keyid, entry.digest, notice.value_sha256)
    kept = (rows.at, entry.registry_version, " ".join(marks), notice.record.value)
    rows.ledger.append((index, *name, *said, *claim, *place, *kept))
    rows.seen.append((*name, entry.digest, index))
    rows.leaves.append((rows.head.leaves, EVENT, entry.env, entry.registry_version, rows.at, entry.leaf, index))
    rows.head.leaves += 1
    for country in entry.countries:
        tell(rows, country, index, None, entry.digest)


def _contest(rows: Rows, known: Known, notice: Notice, place: Place, entry: Entry) -> None:
    """The first stands, visible and marked; the second is kept beside it, once; that it came is told once.

    Beside an erased one nothing is kept.
    """
    name = (known.sources[entry.event.source], entry.id)
    first = known.seen[name]
    rows.numbered.add((entry.keyid, entry.lane, entry.sequence))
    if first.erased or (*name, entry.digest) in known.evidence:
        return
    known.evidence.add((*name, entry.digest))
    enter(rows, EQUIVOCATION, entry.env, entry.registry_version)
    found = (first.log_index, entry.keyid, notice.value_sha256, *place)
    rows.evidence.append((*name, entry.digest, *found, rows.at, entry.registry_version, notice.record.value))
    if first.contested:
        return
    known.seen[name] = replace(first, contested=True)
    facts = {"source": entry.event.source, "id": entry.event.id, "second": entry.env.hex()}
    rows.findings.append(Finding(CONTEST, facts, rows.at))
    for country in first.countries:
        tell(rows, country, first.log_index, CONTESTED, first.digest)


def _count(rows: Rows, refused: Refuse) -> None:
    """The number of a notice that is refused here has come all the same; it is not missing."""
    event, keyid = refused.event, refused.keyid
    if event is not None and keyid is not None:
        rows.numbered.add((bytes.fromhex(keyid), event.lane.value, int(event.sequence)))


def enter(rows: Rows, kind: str, env: bytes, registry_version: int) -> None:
    """An entry of the log that is not of a notice in the ledger."""
    hash_ = leaf_hash(bytes(Leaf(env, registry_version, instant(rows.at), kind)))
    rows.leaves.append((rows.head.leaves, kind, env, registry_version, rows.at, hash_, None))
    rows.head.leaves += 1


def tell(rows: Rows, country: Country, index: int, mark: str | None, digest: bytes) -> None:
    """The next entry of a country's feed: the notice itself, or a mark on it."""
    tail = rows.head.feeds[country]
    tail.size += 1
    rows.feed.append((str(country), tail.size, rows.head.epoch, index, mark, tail.digest, rows.at))
    tail.digest = digest


def _beat(rows: Rows, known: Known, notice: Notice, place: Place, entry: Entry) -> None:
    """A heartbeat: kept as the latest of its key, not archived. What it says was erased is told to the feeds, once.

    One from a clock that is ahead is no sign of life: whoever repeats it later could make a dead node live.
    """
    if AHEAD not in entry.marks:
        rows.heartbeats[entry.keyid] = (entry.keyid, entry.event.source, entry.said, rows.at, notice.record.value)
    for order, part in confirmed_in(entry.event, entry.node):
        found, where = known.erasures.get(order), str(part)
        if found is not None and where not in found.confirmed:
            found.confirmed.add(where)
            rows.confirmations.append((order, where, entry.keyid, rows.at, notice.record.value))
            for country in found.countries:
                tell(rows, country, found.log_index, f"{CONFIRMED}/{where}", found.digest)
    _answer(rows, notice, place, Answer("archived", "archived"))


def _answer(rows: Rows, notice: Notice, place: Place, answer: Answer) -> None:
    rows.head.answers += 1
    claims, country = _claims(notice), notice.country
    value = receipt_value(
        answer,
        value_sha256=notice.value_sha256,
        inbound=notice.record.inbound,
        at=rows.at,
        epoch=rows.head.epoch,
        claims=claims,
    )
    number = (rows.head.answers, str(country) if country else None)
    rows.answers.append((*number, answer.verdict, answer.code, *place, claims.source if claims else "", value))


def _claims(notice: Notice) -> Claims | None:
    """What may be said of the notice: only if its signature held."""
    outcome = notice.outcome
    if isinstance(outcome, Held) or outcome.event is None:
        return None
    event = outcome.event
    if isinstance(outcome, Entry):
        return Claims(event.source, event.id, event.sequence, outcome.keyid.hex(), outcome.lane)
    return Claims(event.source, event.id, event.sequence, outcome.keyid or "", event.lane.value)
