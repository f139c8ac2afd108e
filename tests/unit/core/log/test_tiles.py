"""The tree in files: paths, widths, and every proof made from tiles alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tamani.core.log.merkle import consistency_proof, inclusion_proof, leaf_hash, root_hash, verify_consistency
from tamani.core.log.merkle import verify_inclusion as holds
from tamani.core.log.tiles import (
    ENTRIES,
    Tile,
    bundle,
    hashes_of,
    parse_path,
    subtree_hash,
    tile_at,
    tiles_between,
    tiles_needed,
    unbundle,
)
from tests.unit.core.log.test_merkle import defined

SIZE = 70_000
LEAVES = [leaf_hash(b"%d" % number) for number in range(SIZE)]
FULL: dict[int, list[bytes]] = {0: LEAVES}
for level in (1, 2):
    below = FULL[level - 1]
    FULL[level] = [subtree_hash(b"".join(below[at : at + 256])) for at in range(0, len(below) - 255, 256)]


def read(tile: Tile) -> bytes:
    """A tile's bytes, as a log would serve them."""
    return b"".join(FULL[tile.level][tile.first : tile.first + tile.width])


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 1234067), "tile/0/x001/x234/067"),
        (Tile(63, 1000, 1), "tile/63/x001/000.p/1"),
        (Tile(ENTRIES, 999, 255), "tile/entries/999.p/255"),
    ],
)
def test_paths_are_those_of_the_specification(tile: Tile, path: str) -> None:
    """Three digits a step, all but the last with an x."""
    assert tile.path == path
    assert parse_path(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/0",
        "tile/64/000",
        "tile/00/000",
        "tile/-1/000",
        "tile/0/000.p/256",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/x000/001",
        "tile/0/1000",
        "tile/0/x001/x02/003",
        "/tile/0/000",
        "tile/0/000/",
        "tile/0/٠٠٠",
        "checkpoint",
    ],
)
def test_no_other_path_is_a_tile(path: str) -> None:
    """One tile, one address."""
    assert parse_path(path) is None


def test_the_tiles_of_seventy_thousand_entries() -> None:
    """The example of tlog-tiles: 273 full and one of 112, one full and one of 17, one of 1."""
    tiles = list(tiles_between(0, SIZE))
    count = {
        (tile.level, tile.width): sum(t.level == tile.level and t.width == tile.width for t in tiles) for tile in tiles
    }

    assert count == {(0, 256): 273, (0, 112): 1, (1, 256): 1, (1, 17): 1, (2, 1): 1}


def test_a_full_tile_gives_the_next_level_its_first_hash() -> None:
    """The specification's other example: 256 entries are one full tile and a partial one above."""
    assert list(tiles_between(0, 256)) == [Tile(0, 0), Tile(1, 0, 1)]
    assert list(tiles_between(255, 256)) == [Tile(0, 0), Tile(1, 0, 1)]
    assert list(tiles_between(256, 257)) == [Tile(0, 1, 1)]
    assert list(tiles_between(256, 256)) == []
    assert tile_at(1, 0, 255) is None
    assert tile_at(ENTRIES, 1, 300) == Tile(ENTRIES, 1, 44)


def test_the_root_from_tiles_is_the_tree_s() -> None:
    """The whole, and a size in its midst."""
    for size in (SIZE, 65_537, 257, 1):
        assert root_hash(size, hashes_of(size, read)) == defined(LEAVES[:size])


@settings(max_examples=60, deadline=None)
@given(st.integers(1, SIZE), st.data())
def test_every_proof_comes_from_the_tiles_that_were_asked_for(size: int, data: st.DataObject) -> None:
    """The list of tiles needed is complete: with those alone both proofs are made, and hold."""
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    fetched = {tile: read(tile) for tile in tiles_needed(size, lambda h: inclusion_proof(index, size, h))}
    fetched |= {tile: read(tile) for tile in tiles_needed(size, lambda h: consistency_proof(old, size, h))}
    hashes, whole = hashes_of(size, fetched.__getitem__), hashes_of(size, read)
    root, older = root_hash(size, whole), root_hash(old, hashes_of(old, read))

    assert holds(index, size, LEAVES[index], inclusion_proof(index, size, hashes), root)
    assert verify_consistency(old, size, consistency_proof(old, size, hashes), older, root)


def test_a_tile_of_another_length_is_not_read() -> None:
    """One byte short."""
    with pytest.raises(ValueError, match="8191 bytes"):
        root_hash(256, hashes_of(256, lambda _: bytes(8191)))
    with pytest.raises(ValueError, match="no subtree"):
        hashes_of(3, read)(0, 3 << 8)


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_a_bundle_gives_its_entries_back(entries: list[bytes]) -> None:
    """Empty ones included."""
    assert unbundle(bundle(entries)) == entries


@pytest.mark.parametrize("content", [b"\x00", b"\x00\x02a", b"\x00\x01ab"])
def test_a_bundle_that_ends_too_early_is_refused(content: bytes) -> None:
    """Within a length, or within an entry."""
    with pytest.raises(ValueError, match="within an entry"):
        unbundle(content)


@pytest.mark.parametrize(
    ("tile", "size", "within"),
    [
        (Tile(0, 0, 3), 3, True),
        (Tile(0, 0, 3), 2, False),
        (Tile(0, 0, 3), 300, True),
        (Tile(ENTRIES, 1, 44), 300, True),
        (Tile(ENTRIES, 1, 45), 300, False),
        (Tile(1, 0, 1), 256, True),
        (Tile(1, 0, 1), 255, False),
    ],
)
def test_a_tile_is_within_the_trees_that_reach_its_end(tile: Tile, size: int, within: bool) -> None:
    """At any level; entries count like leaves."""
    assert tile.is_within(size) is within
