"""The edge of a growing tree: whatever the steps, the same tiles and the same root as the tree made at once."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tamani.archive.log.tree import Edge, widths
from tamani.core.log.merkle import EMPTY, leaf_hash
from tamani.core.log.tiles import HASH, WIDTH, Tile, tiles_between
from tests.support.small_log import SmallLog

LOG = SmallLog().append(WIDTH * WIDTH + WIDTH + 3)
LEAVES = [leaf_hash(entry) for entry in LOG.entries]


def test_an_empty_tree_has_the_root_of_nothing() -> None:
    """RFC 6962 §2.1."""
    assert Edge().root() == EMPTY


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(0, 400), max_size=6))
def test_it_grows_in_any_steps_to_the_same_root(steps: list[int]) -> None:
    """A checkpoint may be made after any batch."""
    edge = Edge()
    for step in steps:
        edge.extend(LEAVES[edge.size : edge.size + step])
        assert edge.root() == LOG.checkpoint(edge.size).root


def test_the_tiles_that_it_finishes_are_those_of_the_tree() -> None:
    """Up to the third level, each once, with the hash that the level above has of it."""
    edge = Edge()
    found = edge.extend(LEAVES)

    assert {Tile(tile.level, tile.index) for tile in found} == {
        tile for tile in tiles_between(0, len(LEAVES)) if tile.width == WIDTH
    }
    assert len(found) == WIDTH + 1 + 1
    for tile in found:
        hashes = [LOG.hashes(8 * tile.level, WIDTH * tile.index + place) for place in range(WIDTH)]
        assert tile.hashes == b"".join(hashes)
        assert tile.root == LOG.hashes(8 * (tile.level + 1), tile.index)
        assert len(tile.hashes) == WIDTH * HASH


def test_a_copy_grows_alone() -> None:
    """What is not committed must leave no trace."""
    edge = Edge()
    edge.extend(LEAVES[:10])
    edge.copy().extend(LEAVES[10:20])

    assert (edge.size, edge.root()) == (10, LOG.checkpoint(10).root)


@pytest.mark.parametrize(("size", "expected"), [(0, []), (5, [5]), (256, [0, 1]), (65_536 + 259, [3, 1, 1])])
def test_widths_are_the_digits_of_the_size(size: int, expected: list[int]) -> None:
    """To the base of a tile's width."""
    assert widths(size) == expected
