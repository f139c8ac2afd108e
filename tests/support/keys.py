"""Fixed keys: derived from a name, so that a value made in one process is verified in another."""

import hashlib

from tamani.core.signing import SigningKey


def key_of(source: str, number: int = 0) -> SigningKey:
    """The fixed key of a body; other numbers are further keys of it."""
    return SigningKey.from_seed(seed_of(source, number))


def seed_of(source: str, number: int = 0) -> bytes:
    """The 32 secret bytes of it (RFC 8032 §5.1.5), for whoever signs without us."""
    return hashlib.sha256(f"test key {source} {number}".encode()).digest()
