"""Checkpoints (C2SP tlog-checkpoint): what a log says of itself, in three lines: its name, its size, its root."""

import base64
import binascii
import re
from dataclasses import dataclass

from tamani.core.errors import RefusedError
from tamani.core.log.note import Note

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree of `size` entries with this root (32 bytes), of the log that calls itself `origin`."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """From the text of a note. Lines of extension are refused: we know none.

        Raises:
            RefusedError: `refused.log.checkpoint`.
        """
        lines = text.split("\n")
        if len(lines) != 4 or lines[3] or not lines[0] or not _SIZE.fullmatch(lines[1]):
            raise RefusedError("refused.log.checkpoint", "lines")
        try:
            root = binascii.a2b_base64(lines[2], strict_mode=True)
        except ValueError as error:
            raise RefusedError("refused.log.checkpoint", "root") from error
        made = cls(lines[0], int(lines[1]), root)
        if len(root) != 32 or made.text != text:
            raise RefusedError("refused.log.checkpoint", "root")
        return made


def open_checkpoint(content: bytes) -> tuple[Checkpoint, Note]:
    """The checkpoint in a signed note, and the note: its signatures are yet to be judged.

    Raises:
        RefusedError: `refused.log.note` or `refused.log.checkpoint`.
    """
    note = Note.parse(content)
    return Checkpoint.parse(note.text), note
