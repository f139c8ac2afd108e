"""A secret seed in a file, encrypted under a passphrase that another file holds.

Argon2id makes the passphrase costly to guess, XSalsa20-Poly1305 (libsodium's secretbox) hides and authenticates the
seed. What a key is for stands beside the box, in the clear: the node's keystore and the note keys each write their own.
"""

import base64
import binascii
import json
import os
from collections.abc import Mapping
from pathlib import Path

from nacl import pwhash
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox
from nacl.utils import random

from tamani.core.errors import DefectError, RefusedError

SUFFIX = ".key"
# The defaults of libsodium for interactive use: 64 MiB, a tenth of a second. A file says its own, within these bounds.
Cost = tuple[int, int]
USUAL: Cost = (pwhash.argon2id.OPSLIMIT_INTERACTIVE, pwhash.argon2id.MEMLIMIT_INTERACTIVE)
# For a passphrase of 200 bits that a machine drew: nobody guesses it, so stretching it would only cost time.
LIGHT: Cost = (pwhash.argon2id.OPSLIMIT_MIN, pwhash.argon2id.MEMLIMIT_MIN)
MOST_OPS, MOST_MEMORY = pwhash.argon2id.OPSLIMIT_SENSITIVE, pwhash.argon2id.MEMLIMIT_SENSITIVE


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


def write_key(path: Path, told: Mapping[str, object], seed: bytes, passphrase: bytes, cost: Cost = USUAL) -> None:
    """A new key file that says `told` in the clear, readable by its owner only; never over another.

    Raises:
        RefusedError: `refused.key.reused` (this file exists).
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise RefusedError("refused.key.reused", path.name) from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(json.dumps({"v": 1, **told, **_seal(seed, passphrase, cost)}, indent=1).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _seal(seed: bytes, passphrase: bytes, cost: Cost) -> dict[str, object]:
    salt = random(pwhash.argon2id.SALTBYTES)
    box = SecretBox(pwhash.argon2id.kdf(SecretBox.KEY_SIZE, passphrase, salt, *cost))
    return {
        "kdf": {"name": "argon2id", "salt": _text(salt), "ops": cost[0], "memory": cost[1]},
        "cipher": "xsalsa20-poly1305",
        "box": _text(bytes(box.encrypt(seed))),
    }


def read_key(path: Path) -> dict[str, object]:
    """What a key file says, without opening it.

    Raises:
        DefectError: `failed.keystore` (a file that is not a key).
    """
    try:
        fields = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise DefectError("failed.keystore", path.name) from error
    if not isinstance(fields, dict) or fields.get("v") != 1:
        raise DefectError("failed.keystore", f"{path.name}: version")
    return fields


def open_seed(path: Path, fields: Mapping[str, object], passphrase: bytes) -> bytes:
    """The seed in the box.

    Raises:
        DefectError: `failed.keystore` (wrong passphrase, altered file).
    """
    match fields:
        case {
            "kdf": {"name": "argon2id", "salt": str(salt), "ops": int(ops), "memory": int(memory)},
            "cipher": "xsalsa20-poly1305",
            "box": str(box),
        } if ops <= MOST_OPS and memory <= MOST_MEMORY:
            pass
        case _:
            raise DefectError("failed.keystore", f"{path.name}: kdf")
    try:
        secret = pwhash.argon2id.kdf(SecretBox.KEY_SIZE, passphrase, base64.b64decode(salt), ops, memory)
        return bytes(SecretBox(secret).decrypt(base64.b64decode(box)))
    except (CryptoError, binascii.Error, ValueError) as error:
        raise DefectError("failed.keystore", path.name) from error


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
