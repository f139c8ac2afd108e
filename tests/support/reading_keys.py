"""The reading keys of the tests' bodies: fixed, so that what one process seals another opens."""

import hashlib
from collections.abc import Iterable
from functools import cache

from tamani.core.recipients import Identity

_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


@cache
def identity_of(source: str, number: int = 0) -> Identity:
    """The identity of a body; other numbers are further ones of it."""
    secret = hashlib.sha256(f"test reading key {source} {number}".encode()).digest()
    return Identity.from_secret(bech32("age-secret-key-", secret).upper())


def bech32(prefix: str, data: bytes) -> str:
    """Any bytes in the spelling of BIP 173."""
    number, count = int.from_bytes(data) << -len(data) * 8 % 5, -(-len(data) * 8 // 5)
    words = [number >> 5 * (count - 1 - i) & 31 for i in range(count)]
    spread = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    check = _polymod([*spread, *words, 0, 0, 0, 0, 0, 0]) ^ 1
    words += [check >> 5 * (5 - i) & 31 for i in range(6)]
    return prefix + "1" + "".join(_ALPHABET[word] for word in words)


def _polymod(values: Iterable[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATOR):
            check ^= generator if top >> bit & 1 else 0
    return check
