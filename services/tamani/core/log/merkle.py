"""The Merkle tree of RFC 6962 §2.1 with SHA-256: roots, inclusion and consistency proofs, and their verification.

A tree is known by the hashes of its complete subtrees: `Hashes(level, index)` is the hash over the entries
[index · 2^level, (index + 1) · 2^level). Where those hashes are kept is not its concern.
"""

import hashlib
from collections.abc import Callable, Sequence

Hashes = Callable[[int, int], bytes]
HASH = 32
EMPTY = hashlib.sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def split(count: int) -> int:
    """The largest power of two below `count` (RFC 6962's k), for a count of two or more."""
    return 1 << ((count - 1).bit_length() - 1)


def root_hash(size: int, hashes: Hashes) -> bytes:
    """The hash of the tree of the first `size` entries."""
    return _range_hash(0, size, hashes) if size else EMPTY


def _range_hash(first: int, end: int, hashes: Hashes) -> bytes:
    """The hash over the entries [first, end): a complete subtree at hand, or its two parts."""
    count = end - first
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return hashes(level, first >> level)
    middle = first + split(count)
    return node_hash(_range_hash(first, middle, hashes), _range_hash(middle, end, hashes))


def inclusion_proof(index: int, size: int, hashes: Hashes) -> list[bytes]:
    """The hashes from the entry's sibling up to the root's child (RFC 6962 §2.1.1).

    Raises:
        ValueError: the tree of this size has no such entry.
    """
    if not 0 <= index < size:
        raise ValueError(f"entry {index} in a tree of {size}")
    first, end = 0, size
    proof: list[bytes] = []
    while end - first > 1:
        middle = first + split(end - first)
        if index < middle:
            proof.append(_range_hash(middle, end, hashes))
            end = middle
        else:
            proof.append(_range_hash(first, middle, hashes))
            first = middle
    return proof[::-1]


def consistency_proof(old: int, size: int, hashes: Hashes) -> list[bytes]:
    """The hashes which show that the tree of `old` entries is the beginning of that of `size` (RFC 6962 §2.1.2).

    Empty where there is nothing to show: from an empty tree, or between trees of one size.

    Raises:
        ValueError: the older tree is the larger.
    """
    if not 0 <= old <= size:
        raise ValueError(f"from {old} to {size}")
    if old in (0, size):
        return []
    first, end, whole = 0, size, True
    proof: list[bytes] = []
    while old < end:
        middle = first + split(end - first)
        if old <= middle:
            proof.append(_range_hash(middle, end, hashes))
            end = middle
        else:
            proof.append(_range_hash(first, middle, hashes))
            first, whole = middle, False
    if not whole:
        proof.append(_range_hash(first, end, hashes))
    return proof[::-1]


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the leaf hash stands at `index` in the tree with this root (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size or not _are_hashes(leaf, root, *proof):
        return False
    place, last, found = index, size - 1, leaf
    for hash_ in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(hash_, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, hash_)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def verify_consistency(old: int, size: int, proof: Sequence[bytes], old_root: bytes, root: bytes) -> bool:
    """Whether the tree with `old_root` is the beginning of the one with `root` (RFC 9162 §2.1.4.2).

    From an empty tree everything follows, with an empty proof only (C2SP tlog-witness).
    """
    if not 0 <= old <= size or not _are_hashes(old_root, root, *proof):
        return False
    if old == size:
        return not proof and old_root == root and (size > 0 or root == EMPTY)
    if old == 0:
        return not proof and old_root == EMPTY
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    return prefix_roots(old, size, path) == (old_root, root)


def prefix_path(old: int, size: int, hashes: Hashes) -> list[bytes]:
    """A consistency proof that takes nothing for known: it begins with the largest whole subtree that ends at `old`.

    Raises:
        ValueError: unless 0 < `old` < `size`.
    """
    if not 0 < old < size:
        raise ValueError(f"from {old} to {size}")
    proof = consistency_proof(old, size, hashes)
    return [hashes(old.bit_length() - 1, 0), *proof] if old & (old - 1) == 0 else proof


def prefix_roots(old: int, size: int, path: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """The roots of the first `old` entries and of all `size` that such a path leads to; nothing if it is no such path.

    If the second is a tree's root, then the first is that of its beginning: there is no other path to the same root.
    """
    return _follow(old - 1, size - 1, path) if 0 < old < size and path else None


def _are_hashes(*values: bytes) -> bool:
    return all(len(value) == HASH for value in values)


def _follow(place: int, last: int, path: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """The two roots that a consistency path leads to; nothing if it is too long or too short."""
    while place & 1:
        place, last = place >> 1, last >> 1
    older = newer = path[0]
    for hash_ in path[1:]:
        if last == 0:
            return None
        if place & 1 or place == last:
            older, newer = node_hash(hash_, older), node_hash(hash_, newer)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            newer = node_hash(newer, hash_)
        place, last = place >> 1, last >> 1
    return (older, newer) if last == 0 else None
