"""Signatures that no good signer makes: every class of the edges of Ed25519, computed, each judged as our rule says.

A key and a first half (R) are points of low order in each of their spellings, or honest ones plus each of the eight
points of low order. As all numbers are known, the rest S is made so that the equation holds but for a part of low
order (the *residue*), which is there or not; and once more with the hash of the right spellings in place of those that
are sent. Our rule: no point of low order, no second spelling, and the equation without a factor of eight.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import pytest

from tamani.core.signing import SigningKey, is_weak_key, verify_bytes
from tests.support.edwards import (
    BASE,
    LOW_ORDER,
    ZERO,
    L,
    add,
    challenge,
    decode,
    encode,
    holds_loosely,
    scalar_of,
    spellings,
    times,
)

SEED = b"an honest key of thirty-two byte"
SECRETS = {"key": scalar_of(SEED), "first": scalar_of(SEED[::-1])}


@dataclass(frozen=True, slots=True)
class Half:
    """A key or an R: `number` · base + `torsion` · (a point of order eight), as these bytes spell it."""

    raw: bytes
    right: bytes
    number: int
    torsion: int

    @property
    def is_low(self) -> bool:
        """Of low order."""
        return self.number == 0

    @property
    def is_canonical(self) -> bool:
        """In its only right spelling."""
        return self.raw == self.right


@dataclass(frozen=True, slots=True)
class Edge:
    """A signature of a class."""

    key: Half
    first: Half
    residue: bool
    respelt: bool
    message: bytes
    sig: bytes

    @property
    def is_good(self) -> bool:
        """By our rule."""
        halves = self.key, self.first
        return not self.residue and all(half.is_canonical and not half.is_low for half in halves)


def halves(number: int) -> list[Half]:
    """The points of low order in all spellings, and this multiple of the base plus each of them."""
    honest = times(number, BASE)
    low = [Half(raw, encode(p), 0, t) for t, p in enumerate(LOW_ORDER) for raw in spellings(p)]
    mixed = [encode(add(honest, point)) for point in LOW_ORDER]
    return low + [Half(raw, raw, number % L, torsion) for torsion, raw in enumerate(mixed)]


def edges() -> Iterator[Edge]:
    """One signature of each class that there is."""
    for key, first in product(halves(SECRETS["key"]), halves(SECRETS["first"])):
        respellings = (False,) if key.is_canonical and first.is_canonical else (False, True)
        for residue, respelt in product((False, True), respellings):
            hashed = (first.right, key.right) if respelt else (first.raw, key.raw)
            found = _message(key, first, hashed, residue)
            if found is not None:
                message, k = found
                s = (first.number + k * key.number) % L
                yield Edge(key, first, residue, respelt, message, first.raw + s.to_bytes(32, "little"))


def _message(key: Half, first: Half, hashed: tuple[bytes, bytes], residue: bool) -> tuple[bytes, int] | None:
    """A message whose hash leaves a part of low order, or none; for some pairs there is only one of the two."""
    for number in range(128):
        message = b"message %d" % number
        k = challenge(*hashed, message)
        if ((first.torsion + k * key.torsion) % 8 != 0) is residue:
            return message, k
    return None


EDGES = tuple(edges())


def test_the_arithmetic_is_that_of_the_library() -> None:
    """Our numbers give the library's key, and its signatures hold under them."""
    key = SigningKey.from_seed(SEED)
    assert encode(times(SECRETS["key"], BASE)) == key.public
    assert times(L, BASE) == ZERO
    sig = key.sign(b"message").sig
    assert decode(sig[:32]) is not None
    assert [times(8, point) for point in LOW_ORDER] == [ZERO] * 8
    assert len({raw for point in LOW_ORDER for raw in spellings(point)}) == 14


def test_each_class_is_judged_by_our_rule() -> None:
    """Of 43 pairs of honest points with a part of low order the equation holds whole; all others are refused."""
    wrong = [edge for edge in EDGES if verify_bytes(edge.message, edge.sig, edge.key.raw) is not edge.is_good]
    assert wrong == []
    assert sum(edge.is_good for edge in EDGES) == 43


def test_there_are_as_many_classes_as_the_group_allows() -> None:
    """22 keys and 22 first halves: 309 pairs can do without a residue, 459 with one; then those respelt."""
    counted = Counter((edge.respelt, edge.residue) for edge in EDGES)
    assert counted == {(False, False): 309, (False, True): 459, (True, False): 137, (True, True): 207}
    honest = [edge for edge in EDGES if not (edge.key.is_low or edge.first.is_low)]
    assert (len(EDGES), len(honest)) == (1112, 43 + 63)


@pytest.mark.parametrize("edge", [edge for edge in EDGES if not edge.respelt][::97], ids=lambda e: e.sig.hex()[:16])
def test_a_verifier_that_looks_at_nothing_takes_them(edge: Edge) -> None:
    """Which is why ours must look: each of these is a signature to somebody."""
    assert holds_loosely(edge.message, edge.sig, edge.key.raw)


def test_no_key_but_an_honest_one_is_enrolled() -> None:
    """Not even an honest one plus a point of low order: it would have eight names."""
    keys = {edge.key.raw: edge.key for edge in EDGES}
    assert {raw for raw, key in keys.items() if not is_weak_key(raw)} == {encode(times(SECRETS["key"], BASE))}
    assert len(keys) == 22
