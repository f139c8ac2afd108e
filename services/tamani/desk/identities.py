"""The reading keys of the bodies that read here: one encrypted file an identity, opened when the desk starts.

They open what is sealed for these bodies, and exist nowhere else: not at the region, not at another site.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from tamani.core.errors import DefectError, RefusedError
from tamani.core.names import SOURCE
from tamani.core.recipients import Identity
from tamani.runtime.sealed_key import USUAL, Cost, open_seed, read_key, write_key

SUFFIX = ".reading"


@dataclass(frozen=True, slots=True)
class IdentityFile:
    """What can be read without the passphrase."""

    path: Path
    body: str
    recipient: str


@dataclass(frozen=True, slots=True)
class Identities:
    """The opened identities of a site, by body."""

    of_body: Mapping[str, tuple[Identity, ...]] = field(default_factory=dict)

    def of(self, body: str | None) -> tuple[Identity, ...]:
        """Those of this body; none if it does not read here."""
        return self.of_body.get(body or "", ())


def save_identity(folder: Path, body: str, identity: Identity, passphrase: bytes, cost: Cost = USUAL) -> IdentityFile:
    """Write a new file, readable by its owner only; never over another. `LIGHT` is for passphrases made by chance.

    Raises:
        RefusedError: `refused.request` (not a body's name), `refused.key.reused` (this file exists).
    """
    if not SOURCE.fullmatch(body):
        raise RefusedError("refused.request", f"{body!r}: /<cc>/<body>")
    name = sha256(identity.recipient.encode()).hexdigest()[:16]
    path = folder / f"{body[1:].replace('/', '.')}.{name}{SUFFIX}"
    write_key(path, {"body": body, "recipient": identity.recipient}, identity.secret.encode(), passphrase, cost)
    return IdentityFile(path, body, identity.recipient)


def list_identities(folder: Path) -> list[IdentityFile]:
    """The identities in a folder, without opening them.

    Raises:
        DefectError: `failed.keystore` (a file that is none).
    """
    return [_describe(path, fields) for path, fields in _files(folder)]


def open_identities(folder: Path, passphrase: bytes) -> Identities:
    """Open every identity of a folder.

    Raises:
        DefectError: `failed.keystore` (wrong passphrase, altered file).
    """
    found: dict[str, tuple[Identity, ...]] = {}
    for path, fields in _files(folder):
        body = _describe(path, fields).body
        found[body] = (*found.get(body, ()), _open(path, fields, passphrase))
    return Identities(found)


def open_identity(path: Path, passphrase: bytes) -> Identity:
    """Open one file.

    Raises:
        DefectError: `failed.keystore`.
    """
    return _open(path, read_key(path), passphrase)


def _files(folder: Path) -> Iterator[tuple[Path, Mapping[str, object]]]:
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        yield path, read_key(path)


def _describe(path: Path, fields: Mapping[str, object]) -> IdentityFile:
    match fields:
        case {"body": str(body), "recipient": str(recipient)}:
            return IdentityFile(path, body, recipient)
    raise DefectError("failed.keystore", path.name)


def _open(path: Path, fields: Mapping[str, object], passphrase: bytes) -> Identity:
    described = _describe(path, fields)
    try:
        identity = Identity.from_secret(open_seed(path, fields, passphrase).decode("ascii"))
    except ValueError as error:
        raise DefectError("failed.keystore", f"{path.name}: not a reading key") from error
    if identity.recipient != described.recipient:
        raise DefectError("failed.keystore", f"{path.name}: recipient")
    return identity
