"""`tamani backup --part node`: a node's outbox, tokens and keys come back, and the node knows that it was restored."""

from pathlib import Path

import pytest

from tamani.core.errors import RefusedError
from tamani.node.hold import MARK
from tests.support.node_folder import NodeFolder
from tests.support.notices import COMMISSION_ML, api_body, new_id
from tests.support.posting import posting
from tests.support.typed import typed


async def test_a_node_comes_back_while_it_works(tmp_path: Path) -> None:
    """Its rows, keys and tokens; a folder in use is not written over unless that is asked for."""
    file, old, new = str(tmp_path / "node.backup"), NodeFolder(tmp_path / "old"), tmp_path / "new"
    said = new_id()
    async with posting(old.folder) as node, node.client(COMMISSION_ML) as client:
        assert (await client.post("/v1/messages", json=api_body(id=said))).status_code == 202
        told = typed("backup", file, "--part", "node", "--data", str(old.folder))
    assert typed("restore", file, "--part", "node", "--data", str(new)) == told
    assert said in typed("outbox", "list", "--file", str(new / "outbox.sqlite"))
    assert (new / MARK).exists()
    assert sorted(path.name for path in (new / "keys").iterdir()) == sorted(
        path.name for path in (old.folder / "keys").iterdir()
    )
    with pytest.raises(RefusedError) as refused:
        typed("restore", file, "--part", "node", "--data", str(new))
    assert refused.value.code.name == "refused.backup.exists"
    assert typed("restore", file, "--part", "node", "--data", str(new), "--replace") == told
