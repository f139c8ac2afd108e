"""One ciphertext of XChaCha20-Poly1305 that opens under two keys: the cipher says nothing of the key that was meant.

A block of the ciphertext is chosen so that both one-time authenticators (RFC 8439 §2.5) give the same tag. What is
read under each key is another text; only one of the two can be chosen.
"""

import struct
from itertools import count

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms

P = 2**130 - 5
TOP = 2**128
BLOCK = 16
_CONSTANTS = struct.unpack("<4I", b"expand 32-byte k")
_QUARTERS = ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15))
_DIAGONALS = ((0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14))


def for_two_keys(plain: bytes, aad: bytes, nonce: bytes, one: bytes, other: bytes) -> bytes:
    """A ciphertext that opens under both; under `one` to this text but for its last two blocks.

    The text's length is a multiple of 16 bytes, the nonce has 24.
    """
    streams = [_stream(key, nonce, len(plain)) for key in (one, other)]
    keys = [(int.from_bytes(s[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF, s[16:32]) for s in streams]
    start = bytes(a ^ b for a, b in zip(plain, streams[0][64:], strict=False))[: -2 * BLOCK]
    for number in count():
        body = start + number.to_bytes(BLOCK, "little")
        if (last := _last_block(body, aad, keys)) is not None:
            return body + last + _tag(body + last, aad, *keys[0])
    raise AssertionError


def _last_block(body: bytes, aad: bytes, keys: list[tuple[int, bytes]]) -> bytes | None:
    """The block with which both tags agree, if there is one of 16 bytes: for one text in two there is."""
    (r1, s1), (r2, s2) = keys
    base1, base2 = (_sum(body + bytes(BLOCK), aad, r) for r, _ in keys)
    pads = int.from_bytes(s2, "little") - int.from_bytes(s1, "little")
    # The block is followed by the lengths alone: it is multiplied twice.
    inverse = pow(r1 * r1 - r2 * r2, -1, P)
    for carry in range(-4, 5):
        block = (base2 - base1 + pads + carry * TOP) * inverse % P
        raw = block.to_bytes(17, "little")
        if block < TOP and _tag(body + raw[:16], aad, r1, s1) == _tag(body + raw[:16], aad, r2, s2):
            return raw[:16]
    return None


def _tag(cipher: bytes, aad: bytes, r: int, s: bytes) -> bytes:
    return ((_sum(cipher, aad, r) + int.from_bytes(s, "little")) % TOP).to_bytes(16, "little")


def _sum(cipher: bytes, aad: bytes, r: int) -> int:
    text = aad + bytes(-len(aad) % BLOCK) + cipher + struct.pack("<QQ", len(aad), len(cipher))
    found = 0
    for at in range(0, len(text), BLOCK):
        found = (found + int.from_bytes(text[at : at + BLOCK], "little") + TOP) * r % P
    return found


def _stream(key: bytes, nonce: bytes, length: int) -> bytes:
    """The first block, of which the authenticator's key is made, and as much of the stream as the text needs."""
    algorithm = algorithms.ChaCha20(_hchacha20(key, nonce[:16]), bytes(8) + nonce[16:])
    return Cipher(algorithm, None).encryptor().update(bytes(64 + length))


def _hchacha20(key: bytes, nonce: bytes) -> bytes:
    """The key of this nonce's first 16 bytes (draft-irtf-cfrg-xchacha §2.2)."""
    state = [*_CONSTANTS, *struct.unpack("<8I", key), *struct.unpack("<4I", nonce)]
    for _ in range(10):
        for a, b, c, d in (*_QUARTERS, *_DIAGONALS):
            for x, y, z, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
                state[x] = (state[x] + state[y]) & 0xFFFFFFFF
                mixed = state[z] ^ state[x]
                state[z] = (mixed << turn | mixed >> 32 - turn) & 0xFFFFFFFF
    return struct.pack("<8I", *state[:4], *state[12:])
