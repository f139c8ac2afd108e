"""The examples that C2SP's specifications of logs give, read as they stand there (`../vectors/SOURCES.md`).

Their keys are not published, but for one: the example of a checkpoint is a head of Go's checksum database under another
name, so its signature holds under that database's key and name.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tamani.core.errors import RefusedError
from tamani.core.log.checkpoint import open_checkpoint
from tamani.core.log.merkle import verify_inclusion
from tamani.core.log.note import Kind, Note, NoteKey, Signature, VerifierKey
from tamani.core.log.policy import parse_policy
from tamani.core.log.proof import Proof
from tamani.core.signing import SigningKey
from tests.unit.core.log.parties import LOG

FOLDER = Path(__file__).parent / "vectors"
C2SP: dict[str, Any] = json.loads((FOLDER / "c2sp.json").read_text())
GO: dict[str, Any] = json.loads((FOLDER / "note.json").read_text())
TIME = 1679315147


def _go() -> tuple[VerifierKey, bytes]:
    """A note of golang.org/x/mod, with its key."""
    return VerifierKey.parse(GO["vkey"]), (GO["text"] + "\n" + GO["sig"]).encode()


def _checksums() -> tuple[VerifierKey, bytes]:
    """The example of a checkpoint, under the name under which it was signed."""
    key = VerifierKey.parse(C2SP["checksum_database"]["vkey"])
    origin, _, rest = C2SP["checkpoint"].partition("\n")
    body = f"{C2SP['checksum_database']['origin']}\n{rest}"
    return key, body.replace(f"— {origin}", f"— {key.name}").encode()


@pytest.mark.parametrize("published", [_go, _checksums])
def test_a_published_note_holds_and_with_any_byte_changed_does_not(published: Any) -> None:
    """Text, name, hint, signature: each byte in turn, its lowest and its highest bit."""
    key, content = published()
    assert Note.parse(content).signed_by([key]) == {key: 0}
    for at in range(len(content)):
        for bit in (1, 0x80):
            changed = content[:at] + bytes([content[at] ^ bit]) + content[at + 1 :]
            assert not _held(changed, key), (at, bit)


def _held(content: bytes, key: VerifierKey) -> bool:
    try:
        return bool(Note.parse(content).signed_by([key]))
    except RefusedError:
        return False


def test_the_checkpoint() -> None:
    """Its three lines; under the name that it bears, the key is a stranger's."""
    checkpoint, note = open_checkpoint(C2SP["checkpoint"].encode())
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert str(note) == C2SP["checkpoint"]
    assert note.text == checkpoint.text
    assert note.signed_by([_checksums()[0]]) == {}


def test_the_cosignature() -> None:
    """The time in its line is that of the text that is signed; ours for that text is signed the same way."""
    _, note = open_checkpoint(C2SP["cosigned"].encode())
    witness = note.signatures[1]
    assert (witness.name, len(witness.value)) == ("witness.example.com/w1", 8 + 64)
    assert int.from_bytes(witness.value[:8], "big") == TIME

    ours = NoteKey("witness.example.com/w1", Kind.COSIGNATURE, SigningKey.from_seed(b"w" * 32))
    made = ours.sign(note.text, TIME)
    plain = NoteKey(ours.name, Kind.NOTE, ours.key).sign(C2SP["cosigned_text"])
    assert made.value == TIME.to_bytes(8, "big") + plain.value


def test_what_a_witness_answers() -> None:
    """Several lines of several keys; none is known here, so none counts."""
    lines = tuple(map(Signature.parse, C2SP["answer"]))
    assert [line.name.rpartition("/")[2] for line in lines] == ["w1", "w1", "w2"]
    assert len({(line.name, line.hint) for line in lines}) == 3
    assert Note(C2SP["cosigned"].partition("\n\n")[0] + "\n", lines).signed_by([LOG.verifier]) == {}


def test_the_proof() -> None:
    """Index, extra data and path as they stand; the path is too short for its tree, so that it proves nothing."""
    signed = str(Note(C2SP["proof"]["checkpoint"]).with_(LOG.sign(C2SP["proof"]["checkpoint"])))
    first, rest = C2SP["proof"]["path"].split("\n", 1)
    proof = Proof.parse(f"{first}\n{C2SP['proof']['extra']}{rest}{signed}".encode())
    tree, _ = open_checkpoint(proof.checkpoint)
    assert (proof.index, len(proof.path), tree.origin, tree.size) == (73894, 5, "example.com/fancylog", 109482)
    assert proof.extra is not None
    assert proof.extra.startswith(b"age-v1.2.1-darwin-arm64.tar.gz")
    assert not verify_inclusion(proof.index, tree.size, bytes(32), proof.path, tree.root)


@pytest.mark.parametrize(
    ("names", "enough"),
    [
        (("X1", "X2", "Y3"), True),
        (("X1", "X2", "X3", "Y1", "Y2", "Y3"), True),
        (("X1", "X2", "X3"), False),
        (("X1", "Y1", "Y2", "Y3"), False),
        ((), False),
    ],
)
def test_the_policy(names: tuple[str, ...], enough: bool) -> None:
    """Two of three, and any of three: with keys where the example has left them out."""
    lines = [_keyed(number, line) for number, line in enumerate(C2SP["policy"].split("\n"))]
    found = parse_policy("\n".join(lines).encode())
    assert (len(found.logs), len(found.witnesses), found.quorum) == (1, 6, "X-and-Y")
    assert found.is_enough(frozenset(names)) is enough


def _keyed(number: int, line: str) -> str:
    kind = Kind.NOTE if line.startswith("log") else Kind.COSIGNATURE
    key = NoteKey(f"example.com/{number}", kind, SigningKey.from_seed(bytes([number]) * 32))
    return line.replace("<vkey>", str(key.verifier))
