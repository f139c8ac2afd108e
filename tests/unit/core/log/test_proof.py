"""One file that proves one entry: written, read back, verified; every byte of it counts."""

import pytest

from tamani.core.errors import RefusedError
from tamani.core.log.checkpoint import Checkpoint
from tamani.core.log.merkle import inclusion_proof, root_hash
from tamani.core.log.proof import Proof
from tests.unit.core.log.parties import ORIGIN, policy, signed
from tests.unit.core.log.test_merkle import ENTRIES, HASHES

TREE = Checkpoint(ORIGIN, 70, root_hash(70, HASHES))
PROOF = Proof(41, tuple(inclusion_proof(41, 70, HASHES)), signed(TREE, "bf", "ml"))


def refused(content: bytes, entry: bytes = ENTRIES[41]) -> str:
    """The code of the refusal, or nothing."""
    try:
        seen = Proof.parse(content).verify(entry, policy())
    except RefusedError as error:
        return error.code.name
    return "" if seen.attested else "not attested"


def test_a_proof_holds_and_reads_as_it_was_written() -> None:
    """With and without extra data."""
    assert refused(bytes(PROOF)) == ""
    more = Proof(PROOF.index, PROOF.path, PROOF.checkpoint, b"more")
    assert Proof.parse(bytes(more)) == more
    assert refused(bytes(more)) == ""


def test_it_holds_for_its_entry_alone() -> None:
    """The neighbour's bytes, and the neighbour's place."""
    assert refused(bytes(PROOF), ENTRIES[42]) == "refused.log.inclusion"
    assert refused(bytes(PROOF).replace(b"index 41", b"index 40")) == "refused.log.inclusion"


def test_no_byte_can_be_changed() -> None:
    """Each byte in turn: never accepted as attested."""
    content = bytes(PROOF)
    for at in range(len(content)):
        assert refused(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]) != "", at


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"@v1", b"@v2"),
        (b"index 41", b"index 041"),
        (b"index 41\n", b""),
        (b"index 41\n", b"index 41\nAAAA\n"),
        (b"index 41\n", b"extra !\nindex 41\n"),
        (b"index 41\n", b"index 41\n" + b"A" * 43 + b"=\n" * 1 + (b"A" * 43 + b"=\n") * 60),
        (b"\n\n", b"\n"),
        (b"index", "índex".encode()),
        (b"index 41", b"index " + b"x" * 140_000),
    ],
)
def test_what_is_no_proof_is_refused(old: bytes, new: bytes) -> None:
    """Version, index, hashes, the empty line, size."""
    assert refused(bytes(PROOF).replace(old, new)) == "refused.log.proof"
