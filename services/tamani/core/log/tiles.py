"""The tree cut into static files (C2SP tlog-tiles): tiles of up to 256 hashes, bundles of up to 256 entries, and paths.

Whoever has the tiles of a tree can make every proof of it; `hashes_of` turns them into what `merkle` asks for.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from tamani.core.log.merkle import Hashes, node_hash

HEIGHT = 8
WIDTH = 1 << HEIGHT
HASH = 32
MAX_ENTRY = 0xFFFF
_PATH = re.compile(r"tile/(entries|[0-9]|[1-5][0-9]|6[0-3])/((?:x[0-9]{3}/)*)([0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")
ENTRIES = -1


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """One file: `level` 0 holds leaf hashes, `ENTRIES` the entries themselves; `width` is 256 unless it is partial."""

    level: int
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Its path below the log's prefix: `tile/0/x001/x234/067.p/3`."""
        groups = [f"{self.index % 1000:03}"]
        rest = self.index // 1000
        while rest:
            groups.insert(0, f"x{rest % 1000:03}")
            rest //= 1000
        level = "entries" if self.level == ENTRIES else str(self.level)
        return f"tile/{level}/{'/'.join(groups)}" + (f".p/{self.width}" if self.width < WIDTH else "")

    @property
    def first(self) -> int:
        """The first position of its hashes at its level."""
        return self.index * WIDTH

    def is_within(self, size: int) -> bool:
        """Whether a tree of `size` entries has it, as wide as it is here."""
        return self.first + self.width <= size >> (HEIGHT * max(self.level, 0))


def parse_path(path: str) -> Tile | None:
    """The tile at a path; nothing if it does not read so, exactly."""
    match = _PATH.fullmatch(path)
    if match is None:
        return None
    index = int(match[2].replace("x", "").replace("/", "") + match[3])
    tile = Tile(ENTRIES if match[1] == "entries" else int(match[1]), index, int(match[4] or WIDTH))
    return tile if tile.path == path else None


def tile_at(level: int, index: int, size: int) -> Tile | None:
    """The tile at this place in a tree of `size` entries, as wide as it is there; nothing if it is empty."""
    hashes = size >> (HEIGHT * max(level, 0))
    width = min(WIDTH, hashes - index * WIDTH)
    return Tile(level, index, width) if width > 0 else None


def tiles_between(old: int, size: int) -> Iterator[Tile]:
    """The tiles that a tree of `size` entries has and one of `old` has not, level by level."""
    level = 0
    while size >> (HEIGHT * level):
        for index in range((old >> (HEIGHT * level)) // WIDTH, (size >> (HEIGHT * level)) // WIDTH + 1):
            tile = tile_at(level, index, size)
            if tile is not None and tile != tile_at(level, index, old):
                yield tile
        level += 1


def tile_of(level: int, index: int, size: int) -> Tile:
    """The tile of a tree of `size` entries in which the hash of a complete subtree (see `merkle.Hashes`) is found."""
    tile = tile_at(level // HEIGHT, (index << (level % HEIGHT)) // WIDTH, size)
    if tile is None:
        raise ValueError(f"no subtree {index} at level {level} in a tree of {size}")
    return tile


def hashes_of(size: int, read: Callable[[Tile], bytes]) -> Hashes:
    """The subtrees of a tree of `size` entries, from its tiles; each is read once, and hashed up once."""
    rows = lru_cache(maxsize=256)(lambda tile: _rows(read(tile), tile))

    def hashes(level: int, index: int) -> bytes:
        tile = tile_of(level, index, size)
        height = level % HEIGHT
        return rows(tile)[height][index - (tile.first >> height)]

    return hashes


def tiles_needed(size: int, prove: Callable[[Hashes], object]) -> list[Tile]:
    """The tiles that a proof will read, so that they can be fetched first: `prove` is run once on nothing."""
    wanted: set[Tile] = set()

    def note(level: int, index: int) -> bytes:
        wanted.add(tile_of(level, index, size))
        return bytes(HASH)

    prove(note)
    return sorted(wanted)


def _rows(content: bytes, tile: Tile) -> list[list[bytes]]:
    """All complete subtrees within a tile, by height above its own hashes.

    Raises:
        ValueError: it is not as long as its width says.
    """
    if len(content) != tile.width * HASH:
        raise ValueError(f"{tile.path}: {len(content)} bytes")
    rows = [[content[at : at + HASH] for at in range(0, len(content), HASH)]]
    while len(rows) <= HEIGHT:
        below = rows[-1]
        rows.append([node_hash(below[at], below[at + 1]) for at in range(0, len(below) - 1, 2)])
    return rows


def subtree_hash(content: bytes) -> bytes:
    """The hash over a full tile: one hash of the tile above."""
    return _rows(content, Tile(0, 0))[HEIGHT][0]


def bundle(entries: Iterable[bytes]) -> bytes:
    """Entries as they are served: each after its length in two bytes, big-endian."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def unbundle(content: bytes) -> list[bytes]:
    """The entries of a bundle.

    Raises:
        ValueError: it ends within an entry.
    """
    entries, at = [], 0
    while at < len(content):
        end = at + 2 + int.from_bytes(content[at : at + 2], "big")
        if at + 2 > len(content) or end > len(content):
            raise ValueError("the bundle ends within an entry")
        entries.append(content[at + 2 : end])
        at = end
    return entries
