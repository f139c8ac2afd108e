"""The key with which a log signs its checkpoints, or a witness cosigns them: one encrypted file a key."""

from pathlib import Path

from tamani.core.errors import DefectError, RefusedError
from tamani.core.log.note import Kind, NoteKey, VerifierKey
from tamani.core.signing import SigningKey
from tamani.runtime.sealed_key import USUAL, Cost, open_seed, read_key, write_key


def make_note_key(path: Path, name: str, kind: Kind, passphrase: bytes, cost: Cost = USUAL) -> VerifierKey:
    """Make a new key of this name and write it; never over another. Its public half.

    Raises:
        RefusedError: `refused.log.key` (no name of a key), `refused.key.reused` (this file exists).
    """
    key = NoteKey(name, kind, SigningKey.generate())
    public = VerifierKey.parse(str(key.verifier))
    write_key(path, {"vkey": str(public)}, key.key.seed, passphrase, cost)
    return public


def read_verifier(path: Path) -> VerifierKey:
    """The public half that a key file tells, without opening it.

    Raises:
        DefectError: `failed.keystore`.
    """
    return _told(path, read_key(path))


def open_note_key(path: Path, passphrase: bytes) -> NoteKey:
    """Open a key file.

    Raises:
        DefectError: `failed.keystore` (no such file, wrong passphrase, altered).
    """
    fields = read_key(path)
    told = _told(path, fields)
    key = NoteKey(told.name, told.kind, SigningKey.from_seed(open_seed(path, fields, passphrase)))
    # The public half stands outside the box: what it says must be what the box holds.
    if key.verifier != told:
        raise DefectError("failed.keystore", f"{path.name}: public key")
    return key


def _told(path: Path, fields: dict[str, object]) -> VerifierKey:
    try:
        return VerifierKey.parse(str(fields["vkey"]))
    except (KeyError, RefusedError) as error:
        raise DefectError("failed.keystore", f"{path.name}: vkey") from error
