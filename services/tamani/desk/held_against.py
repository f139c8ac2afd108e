"""Holding one answer of the log against what the feed gave: pure, so that what an alarm rests on can be read here."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tamani.core.errors import RefusedError
from tamani.core.event import format_time
from tamani.core.log.leaf import EVENT, REGISTRY, Leaf
from tamani.core.log.merkle import HASH, leaf_hash, verify_inclusion
from tamani.core.log.policy import Policy, Seen
from tamani.core.proving import witnessed_at
from tamani.core.strict_json import BadJson, loads


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the feed gave: the envelope's name, when it was recorded (none for a registry), of which kind."""

    key: int
    env: bytes
    recorded: datetime | None
    kind: str = EVENT


@dataclass(frozen=True, slots=True)
class Found:
    """An entry that is in the tree of a checkpoint, and says what the feed says."""

    key: int
    index: int
    entry: str
    reg: int
    path: bytes


@dataclass(frozen=True, slots=True)
class Contradiction:
    """An entry that is not what the feed says, or not where it is said to be."""

    key: int
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer: under which checkpoint, what was found in it, what it lacks, what contradicts."""

    seen: Seen
    note: bytes
    attested: datetime | None
    found: tuple[Found, ...]
    missing: tuple[int, ...]
    contradicted: tuple[Contradiction, ...]


def read_answer(content: bytes, wanted: Sequence[Wanted], policy: Policy) -> Answer:
    """The answer to `POST /log/proofs` for these.

    Raises:
        RefusedError: `refused.log.answer`: it is none; or what `Policy.see` says of its checkpoint.
    """
    note, rows = _shape(content, len(wanted))
    seen = policy.see(note)
    judged = [_judge(row, one, seen) for row, one in zip(rows, wanted, strict=True) if row is not None]
    return Answer(
        seen=seen,
        note=note,
        attested=witnessed_at(seen, policy),
        found=tuple(one for one in judged if isinstance(one, Found)),
        missing=tuple(one.key for row, one in zip(rows, wanted, strict=True) if row is None),
        contradicted=tuple(one for one in judged if isinstance(one, Contradiction)),
    )


def _shape(content: bytes, count: int) -> tuple[bytes, list[Any]]:
    try:
        body = loads(content)
        note, rows = body["checkpoint"].encode(), body["proofs"]
    except (BadJson, KeyError, TypeError, AttributeError) as error:
        raise RefusedError("refused.log.answer", type(error).__name__) from error
    if not isinstance(rows, list) or len(rows) != count:
        raise RefusedError("refused.log.answer", "proofs")
    return note, rows


def _judge(row: Any, wanted: Wanted, seen: Seen) -> Found | Contradiction:
    """(1) an entry, (2) that names this envelope, (3) with the feed's own time, (4) where it is said to stand."""
    try:
        index, entry, path = row["index"], row["entry"], b"".join(map(_unbase64, row["path"]))
        leaf = Leaf.parse(entry.encode())
    except (RefusedError, KeyError, TypeError, AttributeError, ValueError) as error:
        return Contradiction(wanted.key, "refused.log.entry", type(error).__name__)
    if (leaf.kind, leaf.env) != (wanted.kind, wanted.env):
        return Contradiction(wanted.key, "failed.log.contradicts", f"{leaf.kind} {leaf.env.hex()}")
    if wanted.recorded is not None and leaf.rt != format_time(wanted.recorded):
        return Contradiction(wanted.key, "failed.log.contradicts", f"{leaf.rt} != {format_time(wanted.recorded)}")
    tree = seen.checkpoint
    hashes = [path[at : at + HASH] for at in range(0, len(path), HASH)]
    if not isinstance(index, int) or not verify_inclusion(
        index, tree.size, leaf_hash(entry.encode()), hashes, tree.root
    ):
        return Contradiction(wanted.key, "refused.log.inclusion", f"{index}/{tree.size}")
    return Found(wanted.key, index, entry, leaf.reg, path)


def _unbase64(text: str) -> bytes:
    raw = binascii.a2b_base64(text, strict_mode=True)
    if len(raw) != HASH or base64.b64encode(raw).decode() != text:
        raise ValueError(text)
    return raw


def wanted_registry(version: int, env: bytes) -> Wanted:
    """The leaf of a version of the registry."""
    return Wanted(version, env, None, REGISTRY)
