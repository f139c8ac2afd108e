"""Proof that a log has lied: two checkpoints under its key that cannot both be true, in one file that needs no network.

Of one size with different roots; or of different sizes, with the path which shows that the larger tree does not begin
with the smaller one. Who cosigned both lied as well.
"""

import base64
import binascii
import json
from dataclasses import dataclass

from tamani.core.errors import RefusedError
from tamani.core.log.checkpoint import Checkpoint
from tamani.core.log.merkle import EMPTY, prefix_roots
from tamani.core.log.policy import Policy, Seen
from tamani.core.strict_json import BadJson, loads

KIND = "tamani/log-conflict@v1"
MAX_CONFLICT = 256 * 1024


@dataclass(frozen=True, slots=True)
class Liars:
    """A conflict that holds: what was said, and who said both."""

    smaller: Seen
    larger: Seen

    @property
    def names(self) -> tuple[str, ...]:
        """The log, and those witnesses that cosigned both."""
        both = sorted(self.smaller.witnesses.keys() & self.larger.witnesses.keys())
        return (self.smaller.checkpoint.origin, *both)


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two signed checkpoints, the smaller tree first, and the path of the larger one (`merkle.prefix_path`), if any."""

    smaller: bytes
    larger: bytes
    path: tuple[bytes, ...] = ()

    def __bytes__(self) -> bytes:
        notes = [self.smaller.decode(), self.larger.decode()]
        path = [base64.b64encode(hash_).decode() for hash_ in self.path]
        return json.dumps({"kind": KIND, "checkpoints": notes, "path": path}, ensure_ascii=False, indent=1).encode()

    @classmethod
    def parse(cls, content: bytes) -> "Conflict":
        """From a file's bytes.

        Raises:
            RefusedError: `refused.log.conflict`.
        """
        try:
            found = loads(content[: MAX_CONFLICT + 1])
        except BadJson as error:
            raise RefusedError("refused.log.conflict", error.detail) from error
        match found:
            case {"kind": "tamani/log-conflict@v1", "checkpoints": [str(smaller), str(larger)], "path": [*path]}:
                return cls(smaller.encode(), larger.encode(), tuple(map(_hash, path)))
        raise RefusedError("refused.log.conflict", "form")

    def verify(self, policy: Policy) -> Liars:
        """Hold both against the policy, and against each other.

        Raises:
            RefusedError: `refused.log.conflict`, they can both be true; or what `Policy.see` raises.
        """
        smaller, larger = policy.see(self.smaller), policy.see(self.larger)
        if not contradict(smaller.checkpoint, larger.checkpoint, self.path):
            raise RefusedError("refused.log.conflict", f"{smaller.checkpoint.size}, {larger.checkpoint.size}")
        return Liars(smaller, larger)


def contradict(smaller: Checkpoint, larger: Checkpoint, path: tuple[bytes, ...]) -> bool:
    """Whether these two of one log cannot both be true, as the path shows."""
    if smaller.origin != larger.origin:
        return False
    if smaller.size == larger.size:
        return smaller.root != larger.root
    if smaller.size == 0:
        return smaller.root != EMPTY
    roots = prefix_roots(smaller.size, larger.size, path)
    return roots is not None and roots[1] == larger.root and roots[0] != smaller.root


def _hash(text: object) -> bytes:
    try:
        found = binascii.a2b_base64(text, strict_mode=True) if isinstance(text, str) else b""
    except ValueError as error:
        raise RefusedError("refused.log.conflict", "base64") from error
    if len(found) != 32:
        raise RefusedError("refused.log.conflict", "hash")
    return found
