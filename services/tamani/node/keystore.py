"""The signing keys of the bodies that post here: one encrypted file a key, opened with one passphrase read from a file.

Argon2id makes the passphrase costly to guess, XSalsa20-Poly1305 (libsodium's secretbox) hides and authenticates the
seed. Nothing secret is ever printed or logged; a key's public part is what the registry enrols.
"""

import base64
import binascii
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from nacl import pwhash
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox
from nacl.utils import random

from tamani.core.errors import DefectError, RefusedError
from tamani.core.names import SOURCE
from tamani.core.signing import SigningKey

SUFFIX = ".key"
# The defaults of libsodium for interactive use: 64 MiB, a tenth of a second. A file says its own, within these bounds.
OPSLIMIT, MEMLIMIT = pwhash.argon2id.OPSLIMIT_INTERACTIVE, pwhash.argon2id.MEMLIMIT_INTERACTIVE
MOST_OPS, MOST_MEMORY = pwhash.argon2id.OPSLIMIT_SENSITIVE, pwhash.argon2id.MEMLIMIT_SENSITIVE


@dataclass(frozen=True, slots=True)
class KeyFile:
    """What can be read without the passphrase."""

    path: Path
    body: str
    keyid: str
    public: bytes


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


def read_passphrase(path: Path) -> bytes:
    """The passphrase in a file: its first line.

    Raises:
        DefectError: `failed.keystore` (no such file, or an empty one).
    """
    try:
        line = path.read_bytes().split(b"\n", 1)[0].strip()
    except OSError as error:
        raise DefectError("failed.keystore", f"{path.name}: {error.strerror}") from error
    if not line:
        raise DefectError("failed.keystore", f"{path.name}: empty")
    return line


def save_key(folder: Path, body: str, key: SigningKey, passphrase: bytes) -> KeyFile:
    """Write a new key file, readable by its owner only; never over another.

    Raises:
        RefusedError: `refused.request` (not a body's name), `refused.key.reused` (this file exists).
    """
    if not SOURCE.fullmatch(body):
        raise RefusedError("refused.request", f"{body!r}: /<cc>/<body>")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{body[1:].replace('/', '.')}.{key.keyid[:16]}{SUFFIX}"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise RefusedError("refused.key.reused", path.name) from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(_seal(body, key, passphrase))
        file.flush()
        os.fsync(file.fileno())
    return KeyFile(path, body, key.keyid, key.public)


def _seal(body: str, key: SigningKey, passphrase: bytes) -> bytes:
    salt = random(pwhash.argon2id.SALTBYTES)
    box = SecretBox(pwhash.argon2id.kdf(SecretBox.KEY_SIZE, passphrase, salt, OPSLIMIT, MEMLIMIT))
    fields = {
        "v": 1,
        "body": body,
        "keyid": key.keyid,
        "public": key.public.hex(),
        "kdf": {"name": "argon2id", "salt": _text(salt), "ops": OPSLIMIT, "memory": MEMLIMIT},
        "cipher": "xsalsa20-poly1305",
        "box": _text(bytes(box.encrypt(key.seed))),
    }
    return json.dumps(fields, indent=1).encode() + b"\n"


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
    return _open(path, _fields(path), passphrase)


def _files(folder: Path) -> Iterator[tuple[Path, dict[str, object]]]:
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        yield path, _fields(path)


def _fields(path: Path) -> dict[str, object]:
    try:
        fields = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise DefectError("failed.keystore", path.name) from error
    if not isinstance(fields, dict) or fields.get("v") != 1:
        raise DefectError("failed.keystore", f"{path.name}: version")
    return fields


def _describe(path: Path, fields: dict[str, object]) -> KeyFile:
    match fields:
        case {"body": str(body), "keyid": str(keyid), "public": str(public)}:
            return KeyFile(path, body, keyid, _unhex(path, public))
    raise DefectError("failed.keystore", path.name)


def _open(path: Path, fields: dict[str, object], passphrase: bytes) -> SigningKey:
    described = _describe(path, fields)
    match fields:
        case {
            "kdf": {"name": "argon2id", "salt": str(salt), "ops": int(ops), "memory": int(memory)},
            "cipher": "xsalsa20-poly1305",
            "box": str(box),
        } if ops <= MOST_OPS and memory <= MOST_MEMORY:
            seed = _unseal(path, box, lambda: _stretch(passphrase, salt, ops, memory))
        case _:
            raise DefectError("failed.keystore", f"{path.name}: kdf")
    key = SigningKey.from_seed(seed)
    # The public part stands outside the box: what it says must be what the box holds.
    if (key.keyid, key.public) != (described.keyid, described.public):
        raise DefectError("failed.keystore", f"{path.name}: public key")
    return key


def _stretch(passphrase: bytes, salt: str, ops: int, memory: int) -> bytes:
    return bytes(pwhash.argon2id.kdf(SecretBox.KEY_SIZE, passphrase, base64.b64decode(salt), ops, memory))


def _unseal(path: Path, box: str, secret: Callable[[], bytes]) -> bytes:
    try:
        return bytes(SecretBox(secret()).decrypt(base64.b64decode(box)))
    except (CryptoError, binascii.Error, ValueError) as error:
        raise DefectError("failed.keystore", path.name) from error


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _unhex(path: Path, text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise DefectError("failed.keystore", path.name) from error
