"""A node restored from a copy says nothing until it has heard from the region what the copy has forgotten.

Otherwise it could give an id or a number a second time, to another content, and the region would call that an
equivocation. `tamani restore` leaves a mark in the node's folder; reading the receipts to their end takes it away.
"""

from pathlib import Path

from tamani.core.errors import OutageError

MARK = "restored"


class Hold:
    """Whether this node must wait. Without a folder (tests, a node of one process) it never must."""

    def __init__(self, folder: Path | None = None) -> None:
        self._mark = folder and folder / MARK
        self.on = self._mark is not None and self._mark.exists()

    def check(self) -> None:
        """Let nothing new be said while the node waits.

        Raises:
            OutageError: `failed.node.restored`.
        """
        if self.on:
            raise OutageError("failed.node.restored")

    def lift(self) -> None:
        """The region's answers were read to their end."""
        if self._mark is not None and self.on:
            self._mark.unlink(missing_ok=True)
            self.on = False


def mark_restored(folder: Path) -> None:
    """Make the node of this folder wait at its next start."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).touch()
