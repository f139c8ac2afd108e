"""API tokens of a site: 256 random bits, kept as SHA-256, each for one body and role. Shared by node and desk."""

import hashlib
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tamani.core.errors import RefusedError

# `validated`: a program through which only that passes which two people of the body have already seen. `confirmer`: a
# node elsewhere that asks a desk which erasures it has carried out, and reads nothing.
CONFIRMER = "confirmer"
ROLES = ("poster", "validated", "reader", CONFIRMER)
# Each entry brings the file from the version before; the file's own `user_version` says where it stands.
_MIGRATIONS = (
    """CREATE TABLE token (
        digest BLOB PRIMARY KEY, source TEXT NOT NULL, role TEXT NOT NULL, label TEXT NOT NULL,
        created TEXT NOT NULL, revoked TEXT) WITHOUT ROWID, STRICT""",
)


@dataclass(frozen=True, slots=True)
class Token:
    """Whom a token stands for."""

    source: str
    role: str
    label: str
    created: str
    revoked: str | None = None

    @property
    def may_post(self) -> bool:
        """Whether it opens the posting side."""
        return self.role in {"poster", "validated"}

    @property
    def vouches(self) -> bool:
        """Whether what it posts has had its second person before it came here."""
        return self.role == "validated"


class TokenStore:
    """The tokens of one site, in a SQLite file that two processes may open."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        with self._open() as db:
            (version,) = db.execute("PRAGMA user_version").fetchone()
            for number, step in enumerate(_MIGRATIONS[version:], version + 1):
                db.execute(step)
                db.execute(f"PRAGMA user_version = {number}")
        path.chmod(0o600)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        db = sqlite3.connect(self._path, timeout=10)
        try:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
            with db:
                yield db
        finally:
            db.close()

    def issue(self, source: str, role: str, label: str = "") -> str:
        """Make a token; it is shown once and cannot be read back."""
        if role not in ROLES:
            raise RefusedError("refused.auth.role", role)
        token = "tmn_" + secrets.token_urlsafe(32)
        row = (token_digest(token), source, role, label, datetime.now(UTC).isoformat(timespec="seconds"))
        with self._open() as db:
            db.execute("INSERT INTO token (digest, source, role, label, created) VALUES (?, ?, ?, ?, ?)", row)
        return token

    def find(self, token: str) -> Token:
        """Whom this token stands for.

        Raises:
            RefusedError: `refused.auth.token` (unknown or revoked).
        """
        return self.find_digest(token_digest(token))

    def find_digest(self, digest: bytes) -> Token:
        """Whom the token of this SHA-256 stands for: what a session keeps instead of the token.

        Raises:
            RefusedError: `refused.auth.token` (unknown or revoked).
        """
        with self._open() as db:
            row = db.execute(
                "SELECT source, role, label, created, revoked FROM token WHERE digest = ?", (digest,)
            ).fetchone()
        if row is None or row[4] is not None:
            raise RefusedError("refused.auth.token")
        return Token(*row)

    def revoke(self, token: str) -> None:
        """Close a token for good."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with self._open() as db:
            db.execute("UPDATE token SET revoked = ? WHERE digest = ? AND revoked IS NULL", (now, token_digest(token)))

    def all(self) -> list[Token]:
        """Every token without its secret."""
        with self._open() as db:
            rows = db.execute("SELECT source, role, label, created, revoked FROM token ORDER BY created, source")
            return [Token(*row) for row in rows]


def token_digest(token: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).digest()


def bearer(header: str | None, scheme: str = "bearer") -> str | None:
    """The token of an `Authorization` header (RFC 6750 §2.1) of this scheme, or nothing."""
    given, _, token = (header or "").partition(" ")
    return token.strip() if given.lower() == scheme and token.strip() else None
