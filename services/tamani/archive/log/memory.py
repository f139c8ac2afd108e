"""What the log remembers of its own signatures outside the database: one small file, on the disk before each is made.

A database can be restored from yesterday; this file, beside it on the host, then knows that more was signed since.
"""

import base64
import json
import os
from pathlib import Path

from tamani.core.errors import DefectError
from tamani.core.log.checkpoint import Checkpoint


def read_memory(path: Path) -> Checkpoint | None:
    """The last checkpoint that was signed, or was about to be; nothing if none ever was.

    Raises:
        DefectError: `failed.log.state`: the file is there and cannot be read. It must not be taken for a new log.
    """
    try:
        found = json.loads(path.read_bytes())
        return Checkpoint(str(found["origin"]), int(found["size"]), base64.b64decode(found["root"], validate=True))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DefectError("failed.log.state", f"{path.name}: {error}") from error


def write_memory(path: Path, checkpoint: Checkpoint) -> None:
    """Remember this one, on the disk when this returns.

    Raises:
        OSError: it could not be written; the one before stands.
    """
    told = {"origin": checkpoint.origin, "size": checkpoint.size, "root": base64.b64encode(checkpoint.root).decode()}
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    with fresh.open("wb") as file:
        file.write(json.dumps(told).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
