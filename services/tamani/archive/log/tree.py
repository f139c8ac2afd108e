"""The right edge of a growing tree: what must be at hand to add leaves and to tell the root. Pure.

Of each level only the last, unfinished tile is held, at most 255 hashes; full ones are handed out as they are finished.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tamani.core.log.merkle import root_hash
from tamani.core.log.tiles import HEIGHT, WIDTH, hashes_of, subtree_hash


@dataclass(frozen=True, slots=True)
class FullTile:
    """256 hashes, and the hash over them (which is one of the level above)."""

    level: int
    index: int
    hashes: bytes
    root: bytes


class Edge:
    """A tree of `size` leaves."""

    def __init__(self, size: int = 0, rows: Sequence[Sequence[bytes]] = ()) -> None:
        self.size = size
        self._rows = [list(row) for row in rows]

    def copy(self) -> "Edge":
        """The same, to be grown without touching this one."""
        return Edge(self.size, self._rows)

    def extend(self, leaves: Iterable[bytes]) -> list[FullTile]:
        """Add leaf hashes; the tiles that this finishes."""
        full: list[FullTile] = []
        for leaf in leaves:
            self.size += 1
            self._push(0, leaf, full)
        return full

    def root(self) -> bytes:
        """The root hash."""
        return root_hash(self.size, hashes_of(self.size, lambda tile: b"".join(self._rows[tile.level])))

    def _push(self, level: int, hash_: bytes, full: list[FullTile]) -> None:
        if level == len(self._rows):
            self._rows.append([])
        row = self._rows[level]
        row.append(hash_)
        if len(row) == WIDTH:
            content = b"".join(row)
            row.clear()
            tile = FullTile(level, (self.size >> HEIGHT * (level + 1)) - 1, content, subtree_hash(content))
            full.append(tile)
            self._push(level + 1, tile.root, full)


def widths(size: int) -> list[int]:
    """How many hashes the unfinished tile of each level has in a tree of this size."""
    found = []
    while size:
        found.append(size % WIDTH)
        size //= WIDTH
    return found
