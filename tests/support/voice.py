"""The body in whose name a test's archive tells what it finds: its rows in the registry, and its key file."""

from pathlib import Path
from typing import Any

from tamani.core.registry import ARCHIVE
from tamani.embedded.archive_voice import NODE, RIGHTS, SOURCE
from tamani.node.keystore import LIGHT, save_key
from tests.support.notices import body_row, key_of, key_row, registry_document


def with_voice() -> dict[str, Any]:
    """What the tests' registry says besides, for `registry_value`."""
    document = registry_document()
    body = body_row(SOURCE, kind=ARCHIVE)
    key = key_row(SOURCE, node=NODE, rights=list(RIGHTS), tlp_max="AMBER")
    return {"bodies": [*document["bodies"], body], "keys": [*document["keys"], key]}


def save_voice(folder: Path, passphrase: bytes) -> Path:
    """Write the key file, and beside it the file `passphrase`."""
    folder.mkdir(parents=True)
    (folder / "passphrase").write_bytes(passphrase + b"\n")
    return save_key(folder, SOURCE, key_of(SOURCE), passphrase, LIGHT).path
