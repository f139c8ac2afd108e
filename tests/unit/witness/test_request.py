"""A request to cosign as C2SP tlog-witness shows one."""

import json
from pathlib import Path

from tamani.witness.request import Request

C2SP = json.loads((Path(__file__).parents[1] / "core/log/vectors/c2sp.json").read_text())


def test_the_example_of_the_specification_is_read() -> None:
    """An old size, four hashes, a checkpoint with two signatures of the log, kept as it came."""
    request = Request.parse(C2SP["request"].encode())
    tree = request.checkpoint
    assert (request.old, len(request.proof)) == (20852014, 4)
    assert (tree.origin, tree.size) == ("example.com/behind-the-sofa", 20852163)
    assert [line.name for line in request.note.signatures] == [tree.origin] * 2
    assert request.content.decode() == C2SP["request"].partition("\n\n")[2]
