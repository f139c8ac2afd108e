"""A log and its witnesses, for tests."""

from tamani.core.log.checkpoint import Checkpoint
from tamani.core.log.note import Kind, Note, NoteKey
from tamani.core.log.policy import Policy, parse_policy
from tamani.core.signing import SigningKey

ORIGIN = "tamani.example/log"
LOG = NoteKey(ORIGIN, Kind.NOTE, SigningKey.from_seed(b"L" * 32))
WITNESSES = {
    name: NoteKey(f"tamani.example/witness/{name}", Kind.COSIGNATURE, SigningKey.from_seed(name.encode() * 16))
    for name in ("bf", "ml", "ne")
}
TEXT = f"""
# two of the two that do not host
log {LOG.verifier}
witness bf {WITNESSES["bf"].verifier} http://127.0.0.1:1/
witness\tml {WITNESSES["ml"].verifier}
witness ne {WITNESSES["ne"].verifier}
group states 2 bf ml
quorum states
"""


def policy(text: str = TEXT) -> Policy:
    """The policy of these parties."""
    return parse_policy(text.encode())


def signed(checkpoint: Checkpoint, *names: str, log: NoteKey = LOG, time: int = 1_800_000_000) -> bytes:
    """The checkpoint as the log signed it and these witnesses cosigned it."""
    note = Note(checkpoint.text, (log.sign(checkpoint.text),))
    return str(note.with_(*(WITNESSES[name].sign(note.text, time) for name in names))).encode()
