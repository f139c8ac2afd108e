"""The group of Ed25519 in plain numbers (RFC 8032 §5.1), for tests alone: slow, and it leaks whatever it multiplies.

With it a test makes the points and signatures that a good signer never makes, and has a verifier that looks at nothing.
"""

import hashlib
from itertools import count

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT = pow(2, (P - 1) // 4, P)  # of −1
Point = tuple[int, int]
ZERO: Point = (0, 1)


def add(one: Point, other: Point) -> Point:
    """The sum of two points; the formula has no exceptions."""
    (x1, y1), (x2, y2) = one, other
    shared = D * x1 * x2 * y1 * y2 % P
    x = (x1 * y2 + x2 * y1) * pow(1 + shared, -1, P) % P
    return x, (y1 * y2 + x1 * x2) * pow(1 - shared, -1, P) % P


def times(factor: int, point: Point) -> Point:
    """The point so many times."""
    found = ZERO
    for bit in f"{factor:b}":
        found = add(found, found)
        found = add(found, point) if bit == "1" else found
    return found


def encode(point: Point) -> bytes:
    """Its only right spelling: y, and whether x is odd."""
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


def decode(raw: bytes) -> Point | None:
    """What a careless reader takes these 32 bytes for: y beyond the prime, and a sign of zero, are let pass."""
    whole = int.from_bytes(raw, "little")
    y, odd = whole % 2**255 % P, whole >> 255
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    for root in (x, x * ROOT % P):
        if root * root % P == square:
            return (root if root & 1 == odd else -root % P), y
    return None


def spellings(point: Point) -> list[bytes]:
    """Every 32 bytes that a careless reader takes for this point, the right ones first."""
    x, y = point
    signs = (x & 1,) if x else (0, 1)
    found = [(whole | sign << 255).to_bytes(32, "little") for whole in (y, y + P) if whole < 2**255 for sign in signs]
    return sorted(found, key=lambda raw: raw != encode(point))


def _of_order_eight() -> Point:
    for y in count(2):
        point = decode(y.to_bytes(32, "little"))
        found = times(L, point) if point else ZERO
        if times(4, found) != ZERO:
            return found
    raise AssertionError


BASE = decode((4 * pow(5, -1, P) % P).to_bytes(32, "little")) or ZERO
# The points whose order divides eight: the multiples of one of them.
LOW_ORDER = tuple(times(factor, _of_order_eight()) for factor in range(8))


def scalar_of(seed: bytes) -> int:
    """The secret number of a key (RFC 8032 §5.1.5)."""
    half = int.from_bytes(hashlib.sha512(seed).digest()[:32], "little")
    return half & (2**254 - 8) | 2**254


def challenge(first: bytes, public: bytes, message: bytes) -> int:
    """k = SHA-512(R ‖ A ‖ M), as a number below the order."""
    return int.from_bytes(hashlib.sha512(first + public + message).digest(), "little") % L


def holds_loosely(message: bytes, sig: bytes, public: bytes) -> bool:
    """A verifier that takes every spelling, every S, every order of points, and multiplies all by eight."""
    first, key = decode(sig[:32]), decode(public)
    if first is None or key is None:
        return False
    right = add(first, times(challenge(sig[:32], public, message), key))
    return times(8 * int.from_bytes(sig[32:], "little"), BASE) == times(8, right)
