"""The body of `add-checkpoint` (C2SP tlog-witness): an old size, a consistency proof, an empty line, a checkpoint."""

import binascii
import re
from dataclasses import dataclass

from tamani.core.errors import RefusedError
from tamani.core.log.checkpoint import Checkpoint, open_checkpoint
from tamani.core.log.note import MAX_NOTE, Note

MOST_HASHES = 63
MAX_REQUEST = MAX_NOTE + 32 + MOST_HASHES * 45
_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for: to go from `old` entries to this checkpoint. `content` is the signed note as it came."""

    old: int
    proof: tuple[bytes, ...]
    checkpoint: Checkpoint
    note: Note
    content: bytes

    @classmethod
    def parse(cls, body: bytes) -> "Request":
        """From a request's bytes; nothing in it is believed yet.

        Raises:
            RefusedError: `refused.witness.request`.
        """
        head, found, content = body.partition(b"\n\n")
        try:
            first, *lines = head.decode("ascii").split("\n")
            proof = tuple(binascii.a2b_base64(line, strict_mode=True) for line in lines)
            old = _OLD.fullmatch(first)
            checkpoint, note = open_checkpoint(content)
        except (ValueError, RefusedError) as error:
            raise RefusedError("refused.witness.request", str(error)) from error
        if not found or old is None or len(body) > MAX_REQUEST or len(proof) > MOST_HASHES:
            raise RefusedError("refused.witness.request", "form")
        if any(len(hash_) != 32 for hash_ in proof) or int(old[1]) > checkpoint.size:
            raise RefusedError("refused.witness.request", "old size or proof")
        return cls(int(old[1]), proof, checkpoint, note, content)
