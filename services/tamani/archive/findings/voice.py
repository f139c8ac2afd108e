"""The key with which the archive signs notices of its own: that of a body in the registry, used for nothing else."""

from dataclasses import dataclass
from pathlib import Path

from tamani.core.envelope import encode_envelope
from tamani.core.errors import DefectError
from tamani.core.event import Event, encode_event
from tamani.core.names import SOURCE
from tamani.core.signing import SigningKey
from tamani.runtime.sealed_key import open_seed, read_key


@dataclass(frozen=True, slots=True)
class Voice:
    """The body in whose name the archive speaks, and its key."""

    source: str
    key: SigningKey

    def value(self, event: Event) -> bytes:
        """The Kafka value of a notice; the same for the same notice."""
        return encode_envelope(self.key.sign(encode_event(event)))


def open_voice(path: Path, passphrase: bytes) -> Voice:
    """Open a body's key file (`tamani keys new`).

    Raises:
        DefectError: `failed.keystore` (no such file, wrong passphrase, altered, or no body's key).
    """
    fields = read_key(path)
    body, key = str(fields.get("body", "")), SigningKey.from_seed(open_seed(path, fields, passphrase))
    # What stands outside the box must be what the box holds.
    if not SOURCE.fullmatch(body) or fields.get("keyid") != key.keyid:
        raise DefectError("failed.keystore", f"{path.name}: public key")
    return Voice(body, key)
