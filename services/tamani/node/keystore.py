"""The signing keys of the bodies that post here: one encrypted file a key (`runtime.sealed_key`), opened with one
passphrase. Nothing secret is ever printed or logged; a key's public part is what the registry enrols.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tamani.core.errors import DefectError, RefusedError
from tamani.core.names import SOURCE
from tamani.core.signing import SigningKey
from tamani.core.trust.statements import Approval, possession
from tamani.runtime.sealed_key import LIGHT, SUFFIX, USUAL, Cost, open_seed, read_key, read_passphrase, write_key

__all__ = [
    "LIGHT",
    "KeyFile",
    "Keystore",
    "list_keys",
    "open_key",
    "open_keystore",
    "read_passphrase",
    "save_key",
]


@dataclass(frozen=True, slots=True)
class KeyFile:
    """What can be read without the passphrase. `proof` is the key's own signature that it is to speak for the body."""

    path: Path
    body: str
    keyid: str
    public: bytes
    proof: Approval | None = None


@dataclass(frozen=True, slots=True)
class Keystore:
    """The opened keys of a node, by keyid."""

    keys: dict[str, SigningKey]

    @property
    def keyids(self) -> frozenset[str]:
        """Which keys live here."""
        return frozenset(self.keys)

    def get(self, keyid: str) -> SigningKey | None:
        """The key of this keyid, if it lives here."""
        return self.keys.get(keyid)


def save_key(folder: Path, body: str, key: SigningKey, passphrase: bytes, cost: Cost = USUAL) -> KeyFile:
    """Write a new key file, readable by its owner only; never over another. `LIGHT` is for passphrases made by chance.

    Raises:
        RefusedError: `refused.request` (not a body's name), `refused.key.reused` (this file exists).
    """
    if not SOURCE.fullmatch(body):
        raise RefusedError("refused.request", f"{body!r}: /<cc>/<body>")
    path = folder / f"{body[1:].replace('/', '.')}.{key.keyid[:16]}{SUFFIX}"
    proof = possession(body, key.keyid).sign(key)
    told = {"body": body, "keyid": key.keyid, "public": key.public.hex(), "proof": proof.sig}
    write_key(path, told, key.seed, passphrase, cost)
    return KeyFile(path, body, key.keyid, key.public, proof)


def list_keys(folder: Path) -> list[KeyFile]:
    """The keys in a folder, without opening them.

    Raises:
        DefectError: `failed.keystore` (a file that is not a key).
    """
    return [_describe(path, fields) for path, fields in _files(folder)]


def open_keystore(folder: Path, passphrase: bytes) -> Keystore:
    """Open every key of a folder.

    Raises:
        DefectError: `failed.keystore` (wrong passphrase, altered file).
    """
    keys = [_open(path, fields, passphrase) for path, fields in _files(folder)]
    return Keystore({key.keyid: key for key in keys})


def open_key(path: Path, passphrase: bytes) -> SigningKey:
    """Open one key file.

    Raises:
        DefectError: `failed.keystore`.
    """
    return _open(path, read_key(path), passphrase)


def _files(folder: Path) -> Iterator[tuple[Path, dict[str, object]]]:
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        yield path, read_key(path)


def _describe(path: Path, fields: Mapping[str, object]) -> KeyFile:
    match fields:
        case {"body": str(body), "keyid": str(keyid), "public": str(public)}:
            proof = fields.get("proof")
            approval = Approval(keyid=keyid, sig=proof) if isinstance(proof, str) else None
            return KeyFile(path, body, keyid, _unhex(path, public), approval)
    raise DefectError("failed.keystore", path.name)


def _open(path: Path, fields: Mapping[str, object], passphrase: bytes) -> SigningKey:
    described = _describe(path, fields)
    key = SigningKey.from_seed(open_seed(path, fields, passphrase))
    # The public part stands outside the box: what it says must be what the box holds.
    if (key.keyid, key.public) != (described.keyid, described.public):
        raise DefectError("failed.keystore", f"{path.name}: public key")
    return key


def _unhex(path: Path, text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise DefectError("failed.keystore", path.name) from error
