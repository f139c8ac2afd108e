"""What an entry of the log commits to: no source and no id, so that tiles are public and anybody may hold them.

`env` names the signed statement together with its signature, not the text alone: nobody without the signature can guess
it, and when the bytes are erased the entry says nothing of what they were.
"""

import hashlib
import json
import re
from dataclasses import dataclass

from tamani.core.envelope import Envelope, pae
from tamani.core.errors import RefusedError
from tamani.core.event import TIME

EVENT = "event"
# The second content under an id that was taken: evidence, named by its own envelope.
EQUIVOCATION = "equivocation"
# A version of the registry that the archive held; `env` is the SHA-256 of the document's bytes.
REGISTRY = "registry"
# An order by which the bytes of an earlier entry were erased; `env` names the order with its signatures.
ERASE = "erase"
_KIND = re.compile(r"[a-z][a-z-]{0,30}")
MAX_LEAF = 1024


def env_of(envelope: Envelope) -> bytes:
    """SHA-256 over the pre-authentication encoding and the signature: one envelope, however its base64 was spelled."""
    return hashlib.sha256(pae(envelope.payload, envelope.payload_type) + envelope.sig).digest()


@dataclass(frozen=True, slots=True)
class Leaf:
    """An entry: its kind, the envelope it names, the registry version and the time (`recordedtime`) of its verdict."""

    env: bytes
    reg: int
    rt: str
    kind: str = EVENT

    def __bytes__(self) -> bytes:
        # Written by hand: it is made for every notice, and only this one spelling is ever read back.
        return f'{{"v":1,"kind":"{self.kind}","env":"{self.env.hex()}","reg":{self.reg},"rt":"{self.rt}"}}'.encode()

    @classmethod
    def parse(cls, entry: bytes) -> "Leaf":
        """From an entry's bytes.

        Raises:
            RefusedError: `refused.log.entry`: it is not an entry of version 1, spelled as we spell it.
        """
        try:
            found = json.loads(entry[:MAX_LEAF])
            made = cls(bytes.fromhex(found["env"]), found["reg"], found["rt"], found["kind"])
        except (ValueError, KeyError, TypeError) as error:
            raise RefusedError("refused.log.entry", entry[:40].hex()) from error
        sound = isinstance(made.reg, int) and made.reg >= 0 and len(made.env) == 32 and isinstance(made.rt, str)
        if not sound or not TIME.fullmatch(made.rt) or not _KIND.fullmatch(str(made.kind)) or bytes(made) != entry:
            raise RefusedError("refused.log.entry", entry[:40].hex())
        return made
