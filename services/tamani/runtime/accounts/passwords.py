"""Passwords: what one must be, and argon2id (RFC 9106) with parameters that may grow: an old hash is made anew.

The parameters cost about 0.2 s on the machine of `docs/performance.md`; memory is what makes guessing dear.
"""

import unicodedata

from nacl import pwhash
from nacl.exceptions import InvalidkeyError

from tamani.core.errors import RefusedError
from tamani.runtime.accounts.common import is_common

OPSLIMIT, MEMLIMIT = 3, 64 * 1024 * 1024
_CURRENT = f"$argon2id$v=19$m={MEMLIMIT // 1024},t={OPSLIMIT},p=1$".encode()
# No password has this hash: what the guess at an unknown login is compared with, so that it costs the same.
NOBODY = f"{_CURRENT.decode()}{'A' * 22}${'A' * 43}"
SHORTEST, LONGEST = 12, 256
FEWEST_SIGNS = 5


def check_password(password: str, *others: str) -> None:
    """Refuse what is guessed first: short, few different signs, known of the officer, or words that everybody takes.

    Raises:
        RefusedError: `refused.officer.password`.
    """
    plain = _same(password).casefold()
    known = any(other and other.casefold() in plain and len(plain) < len(other) + SHORTEST for other in others)
    bare = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    weak = len(set(plain)) < FEWEST_SIGNS or is_common(bare)
    if not SHORTEST <= len(plain) <= LONGEST or weak or known:
        raise RefusedError("refused.officer.password")


def hash_password(password: str) -> str:
    """What is kept of a password: the parameters, the salt and the hash in one line."""
    return bytes(pwhash.argon2id.str(_same(password).encode(), OPSLIMIT, MEMLIMIT)).decode("ascii")


def is_password(kept: str, password: str) -> bool:
    """Whether this is the password of that line."""
    try:
        return bool(pwhash.verify(kept.encode("ascii"), _same(password[:LONGEST]).encode()))
    except InvalidkeyError:
        return False


def is_current(kept: str) -> bool:
    """Whether the line was made with today's parameters."""
    return kept.encode("ascii").startswith(_CURRENT)


def _same(password: str) -> str:
    """One form for what looks the same: keyboards write an accented letter as one sign or as two (NIST SP 800-63B)."""
    return unicodedata.normalize("NFKC", password)
