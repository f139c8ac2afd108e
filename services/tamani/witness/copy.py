"""The copy of the log in a witness's database: entries in order, the hashes over them, and every proof made of them."""

import sqlite3
from collections.abc import Iterable

from tamani.core.errors import RefusedError
from tamani.core.log.leaf import Leaf
from tamani.core.log.merkle import Hashes, leaf_hash
from tamani.core.log.tiles import ENTRIES, HEIGHT, WIDTH, Tile, bundle, hashes_of, subtree_hash

MOST_LEVELS = 8


class Copy:
    """The tree as far as it was copied, within the transaction of a connection."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    @property
    def size(self) -> int:
        """How many entries are here, proven or not."""
        (last,) = self._db.execute("SELECT max(place) FROM entry").fetchone()
        return 0 if last is None else int(last) + 1

    def append(self, entries: Iterable[bytes]) -> None:
        """Put these behind the last, with the hashes that become complete."""
        for place, entry in enumerate(entries, self.size):
            self._db.execute("INSERT INTO entry VALUES (?, ?, ?)", (place, entry, _env(entry)))
            self._close(place + 1)

    def cut(self, size: int) -> None:
        """Forget what is beyond these entries."""
        self._db.execute("DELETE FROM entry WHERE place >= ?", (size,))
        for level in range(1, MOST_LEVELS):
            self._db.execute("DELETE FROM subtree WHERE level = ? AND place >= ?", (level, size >> HEIGHT * level))

    def hashes(self, size: int) -> Hashes:
        """The subtrees of the first `size` entries."""
        return hashes_of(size, self.read)

    def read(self, tile: Tile) -> bytes:
        """The bytes of a tile, or of a bundle of entries.

        Raises:
            KeyError: the copy does not reach so far.
        """
        table, column = ("entry", "bytes") if tile.level < 1 else ("subtree", "hash")
        level = "" if tile.level < 1 else f"level = {int(tile.level)} AND"
        query = f"SELECT {column} FROM {table} WHERE {level} place >= ? AND place < ? ORDER BY place"  # noqa: S608 - ours
        found = [row[0] for row in self._db.execute(query, (tile.first, tile.first + tile.width))]
        if len(found) != tile.width:
            raise KeyError(tile.path)
        if tile.level == ENTRIES:
            return bundle(found)
        return b"".join(map(leaf_hash, found) if tile.level == 0 else found)

    def entry(self, place: int) -> bytes:
        """The bytes of one entry."""
        (entry,) = self._db.execute("SELECT bytes FROM entry WHERE place = ?", (place,)).fetchone()
        return bytes(entry)

    def find(self, env: bytes, size: int) -> int | None:
        """Where the first entry stands that names this envelope, among the first `size`."""
        query = "SELECT min(place) FROM entry WHERE env = ? AND place < ?"
        (place,) = self._db.execute(query, (env, size)).fetchone()
        return None if place is None else int(place)

    def _close(self, size: int) -> None:
        """Write the hash of each tile that the last entry of `size` has completed."""
        level, tiles = 0, size
        while tiles % WIDTH == 0:
            tiles //= WIDTH
            hash_ = subtree_hash(self.read(Tile(level, tiles - 1)))
            self._db.execute("INSERT INTO subtree VALUES (?, ?, ?)", (level + 1, tiles - 1, hash_))
            level += 1


def _env(entry: bytes) -> bytes | None:
    """What it names. What an entry says is not a witness's business: one it cannot read is copied like any other."""
    try:
        return Leaf.parse(entry).env
    except RefusedError:
        return None
