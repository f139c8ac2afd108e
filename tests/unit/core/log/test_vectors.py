"""The log against what others publish: the tree of eight leaves, proofs and their forgeries, notes and keys."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from tamani.core.errors import RefusedError
from tamani.core.log.merkle import (
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root_hash,
    verify_consistency,
    verify_inclusion,
)
from tamani.core.log.note import Kind, Note, NoteKey, VerifierKey
from tamani.core.log.tiles import Tile, parse_path
from tamani.core.signing import SigningKey

FOLDER = Path(__file__).parent / "vectors"
MERKLE = json.loads((FOLDER / "merkle.json").read_text())
NOTE = json.loads((FOLDER / "note.json").read_text())
NODES = [[bytes.fromhex(hash_) for hash_ in level] for level in MERKLE["nodes"]]
ROOTS = [bytes.fromhex(root) for root in MERKLE["roots"]]
SIGNED = (NOTE["text"] + "\n" + NOTE["sig"] + NOTE["other_sig"]).encode()
INCLUSION = [case for case in MERKLE["cases"] if case["kind"] == "inclusion"]
CONSISTENCY = [case for case in MERKLE["cases"] if case["kind"] == "consistency"]


def published(level: int, index: int) -> bytes:
    """A complete subtree of the published tree."""
    return NODES[level][index]


def hashes(case: dict[str, Any]) -> list[bytes]:
    """The path of a case."""
    return [bytes.fromhex(hash_) for hash_ in case["proof"]]


def test_the_tree_of_eight_leaves() -> None:
    """Leaves, nodes and the root of every size; the last is known from RFC 6962's first implementations."""
    assert [leaf_hash(bytes.fromhex(leaf)) for leaf in MERKLE["leaves"]] == NODES[0]
    assert [root_hash(size, published) for size in range(9)] == ROOTS
    assert ROOTS[8].hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


@pytest.mark.parametrize("case", INCLUSION, ids=lambda case: case["desc"])
def test_inclusion(case: dict[str, Any]) -> None:
    """What must hold holds, and is what we would have made; each forgery falls."""
    leaf, root = bytes.fromhex(case["leaf"]), bytes.fromhex(case["root"])
    assert verify_inclusion(case["index"], case["size"], leaf, hashes(case), root) is not case["wantErr"]
    if case["desc"] == "happy path":
        assert inclusion_proof(case["index"], case["size"], published) == hashes(case)


@pytest.mark.parametrize("case", CONSISTENCY, ids=lambda case: case["desc"])
def test_consistency(case: dict[str, Any]) -> None:
    """As published, but that a root of another length is none, and from size 0 only the empty tree leads on.

    (They take any two roots there; C2SP tlog-witness asks for an empty proof.)
    """
    old, size = case["size1"], case["size2"]
    roots = [bytes.fromhex(case[name]) for name in ("root1", "root2")]
    are_roots = all(len(root) == 32 for root in roots) and (old > 0 or roots[0] == ROOTS[0])
    assert verify_consistency(old, size, hashes(case), *roots) is (not case["wantErr"] and are_roots)
    if case["desc"] == "happy path":
        assert consistency_proof(old, size, published) == hashes(case)


def test_there_are_as_many_cases_as_were_copied() -> None:
    """None was lost; most must be refused."""
    cases = INCLUSION + CONSISTENCY
    assert (len(cases), sum(case["wantErr"] for case in cases)) == (195, 181)


def test_a_published_note_is_verified_and_made() -> None:
    """Two signers; a key that is not known is passed over."""
    peter, enoch = VerifierKey.parse(NOTE["vkey"]), VerifierKey.parse(NOTE["other_vkey"])
    note = Note.parse(SIGNED)
    assert note.signed_by([peter]) == {peter: 0}
    assert note.signed_by([peter, enoch]) == {peter: 0, enoch: 0}
    assert note.signed_by([]) == {}

    seed = base64.b64decode(NOTE["skey"].split("+", 4)[4])[1:]
    key = NoteKey("PeterNeumann", Kind.NOTE, SigningKey.from_seed(seed))
    assert str(key.sign(NOTE["text"])) + "\n" == NOTE["sig"]


def _slices() -> list[str]:
    key = NOTE["vkey"]
    ends = range(len(key) + 1)
    return [key[i:j] for i in ends for j in ends if i < j and (i, j) != (0, len(key))]


def test_a_damaged_key_is_refused() -> None:
    """Each part of it, each sign of it one further, and the two with a fitting hint but a wrong key."""
    key = NOTE["vkey"].encode()
    shifted = [(key[:at] + bytes([key[at] + 1]) + key[at + 1 :]).decode() for at in range(len(key))]
    for text in [*_slices(), *shifted, *NOTE["bad_vkeys"]]:
        with pytest.raises(RefusedError, match=r"refused\.log\.key"):
            VerifierKey.parse(text)


@pytest.mark.parametrize(
    "content",
    [
        NOTE["text"].encode(),
        (NOTE["text"] + "\n").encode(),
        SIGNED[:-1],
        b"\x01" + SIGNED,
        b"\xff" + SIGNED,
        (NOTE["text"] + "\n" + NOTE["sig"].replace("PeterNeumann", "Bad Name")).encode(),
        SIGNED + b"Unexpected line.\n",
        (NOTE["text"] + "\n" + NOTE["sig"] * 101).encode(),
    ],
)
def test_a_malformed_note_is_refused(content: bytes) -> None:
    """No signature, no end, control characters, bad UTF-8, a name with a space, a stray line, a flood."""
    with pytest.raises(RefusedError, match=r"refused\.log\.note"):
        Note.parse(content)


def test_a_damaged_signature_of_a_known_key_spoils_the_note() -> None:
    """Four characters put in; under another name or hint it is a stranger's, hence nothing."""
    peter = VerifierKey.parse(NOTE["vkey"])
    longer = NOTE["sig"][:60] + "ABCD" + NOTE["sig"][60:]
    with pytest.raises(RefusedError, match=r"refused\.log\.signature"):
        Note.parse((NOTE["text"] + "\n" + longer).encode()).signed_by([peter])
    for old, new in (("PeterNeumann", "CarmenSandiego"), ("x08g", "xxxx")):
        assert Note.parse(SIGNED.replace(old.encode(), new.encode())).signed_by([peter]) == {}


@pytest.mark.parametrize(
    ("path", "tile"),
    [
        ("tile/0/001", Tile(0, 1)),
        ("tile/0/001.p/5", Tile(0, 1, 5)),
        ("tile/5/x123/x456/078", Tile(5, 123456078)),
        ("tile/5/x123/x456/078.p/2", Tile(5, 123456078, 2)),
        ("tile/0/x003/x057/500", Tile(0, 3057500)),
        ("tile/5/123/456/078", None),
        ("tile/-1/x123/x456/078", None),
    ],
)
def test_tile_paths(path: str, tile: Tile | None) -> None:
    """Those of golang.org/x/mod, whose paths also name the height that C2SP fixes at 8."""
    assert parse_path(path) == tile
    assert tile is None or tile.path == path
