"""One file that proves an entry (C2SP tlog-proof): where it stands, the path to the root, and the signed checkpoint."""

import base64
import binascii
import re
from dataclasses import dataclass

from tamani.core.errors import RefusedError
from tamani.core.log.merkle import leaf_hash, verify_inclusion
from tamani.core.log.note import Note
from tamani.core.log.policy import Policy, Seen

VERSION = "c2sp.org/tlog-proof@v1"
MAX_PROOF = 128 * 1024
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})")


@dataclass(frozen=True, slots=True)
class Proof:
    """The entry's index, the hashes from its sibling up, and the checkpoint as it was signed."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def __bytes__(self) -> bytes:
        lines = [VERSION]
        if self.extra is not None:
            lines.append(f"extra {base64.b64encode(self.extra).decode()}")
        lines += [f"index {self.index}", *(base64.b64encode(hash_).decode() for hash_ in self.path), "", ""]
        return "\n".join(lines).encode() + self.checkpoint

    @classmethod
    def parse(cls, content: bytes) -> "Proof":
        """From a file's bytes.

        Raises:
            RefusedError: `refused.log.proof`.
        """
        head, found, checkpoint = content.partition(b"\n\n")
        try:
            first, *lines = head.decode("ascii").split("\n")
            extra = _unbase64(lines.pop(0).removeprefix("extra ")) if lines[0].startswith("extra ") else None
            index = _INDEX.fullmatch(lines.pop(0))
            path = tuple(map(_unbase64, lines))
        except (ValueError, IndexError) as error:
            raise RefusedError("refused.log.proof", "lines") from error
        sound = first == VERSION and found and index and len(content) <= MAX_PROOF
        if not sound or len(path) > 63 or any(len(hash_) != 32 for hash_ in path):
            raise RefusedError("refused.log.proof", "form")
        made = cls(int(index[1]) if index else 0, path, checkpoint, extra)
        if bytes(made) != content:
            raise RefusedError("refused.log.proof", "spelling")
        return made

    def for_policy(self, policy: Policy) -> "Proof":
        """The same without `extra`, and without the signatures that this policy does not know."""
        note = Note.parse(self.checkpoint)
        lines = tuple(filter(policy.knows, note.signatures))
        return Proof(self.index, self.path, str(Note(note.text, lines)).encode())

    def verify(self, entry: bytes, policy: Policy) -> Seen:
        """Hold the entry against the checkpoint, and the checkpoint against the policy; whether the witnesses are
        enough is in the answer.

        Raises:
            RefusedError: `refused.log.inclusion`, or what `Policy.see` raises.
        """
        seen = policy.see(self.checkpoint)
        tree = seen.checkpoint
        if not verify_inclusion(self.index, tree.size, leaf_hash(entry), self.path, tree.root):
            raise RefusedError("refused.log.inclusion", f"{self.index}/{tree.size}")
        return seen


def _unbase64(text: str) -> bytes:
    return binascii.a2b_base64(text, strict_mode=True)
