"""The tree against its definition: RFC 6962 §2.1 written down as it reads, for every size up to 70."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamani.core.log.merkle import (
    EMPTY,
    Hashes,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_hash,
    verify_consistency,
    verify_inclusion,
)

ENTRIES = [b"entry %d" % number for number in range(70)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]


def defined(leaves: list[bytes]) -> bytes:
    """MTH as RFC 6962 §2.1 defines it."""
    if not leaves:
        return EMPTY
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(defined(leaves[:k]), defined(leaves[k:]))


def subtrees(leaves: list[bytes]) -> Hashes:
    """Complete subtrees by their definition."""
    return lambda level, index: defined(leaves[index << level : (index + 1) << level])


HASHES = subtrees(LEAVES)


@pytest.mark.parametrize("size", range(71))
def test_the_root_is_as_defined(size: int) -> None:
    """Every size."""
    assert root_hash(size, HASHES) == defined(LEAVES[:size])


@pytest.mark.parametrize("size", range(1, 71))
def test_every_entry_is_proved_and_no_other(size: int) -> None:
    """Each index holds with its own path, and with no other's leaf, place or size."""
    root = defined(LEAVES[:size])
    for index in range(size):
        path = inclusion_proof(index, size, HASHES)
        assert verify_inclusion(index, size, LEAVES[index], path, root)
        assert not verify_inclusion(index, size, LEAVES[(index + 1) % 70], path, root)
        assert not verify_inclusion(index, size, LEAVES[index], [*path, root], root)
        if path:
            assert not verify_inclusion(index, size, LEAVES[index], path[:-1], root)
            assert not verify_inclusion(index ^ 1, size, LEAVES[index], path, root)


@pytest.mark.parametrize("size", range(71))
def test_every_beginning_is_proved_and_no_other(size: int) -> None:
    """From each older size; a path that is cut, prolonged or of other roots does not hold."""
    root = defined(LEAVES[:size])
    for old in range(size + 1):
        path, older = consistency_proof(old, size, HASHES), defined(LEAVES[:old])
        assert verify_consistency(old, size, path, older, root)
        assert not verify_consistency(old, size, [*path, root], older, root)
        assert not verify_consistency(old, size, path, b"\0" * 32, root)
        if path:
            assert not verify_consistency(old, size, path[:-1], older, root)
            assert not verify_consistency(old, size, path, older, defined(LEAVES[1 : size + 1]))


@pytest.mark.parametrize(("index", "size"), [(-1, 5), (5, 5), (0, 0)])
def test_no_proof_of_what_is_not_there(index: int, size: int) -> None:
    """An index outside the tree."""
    with pytest.raises(ValueError, match="entry"):
        inclusion_proof(index, size, HASHES)
    assert not verify_inclusion(index, size, LEAVES[0], [], LEAVES[0])


@pytest.mark.parametrize(("old", "size"), [(6, 5), (-1, 5)])
def test_no_beginning_is_longer_than_the_tree(old: int, size: int) -> None:
    """A log that shrinks."""
    with pytest.raises(ValueError, match="from"):
        consistency_proof(old, size, HASHES)
    assert not verify_consistency(old, size, [], EMPTY, EMPTY)


@given(st.data())
def test_one_flipped_bit_proves_nothing(data: st.DataObject) -> None:
    """Any bit of any hash of a path, or of the leaf."""
    size = data.draw(st.integers(2, 70))
    index = data.draw(st.integers(0, size - 1))
    chain = [LEAVES[index], *inclusion_proof(index, size, HASHES)]
    at, bit = data.draw(st.integers(0, len(chain) - 1)), data.draw(st.integers(0, 255))
    chain[at] = (int.from_bytes(chain[at], "big") ^ (1 << bit)).to_bytes(32, "big")

    assert not verify_inclusion(index, size, chain[0], chain[1:], defined(LEAVES[:size]))
