"""Stylesheet, script and drawings: from memory, compressed once, under a name that changes with the content.

A browser keeps them for a year; a new version has a new name.
"""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "static"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file."""

    name: str
    media_type: str
    body: bytes
    compressed: bytes


@cache
def assets() -> dict[str, Asset]:
    """All files, by the name under which they are served."""
    found = [_load(path) for path in sorted(FOLDER.iterdir()) if path.suffix in TYPES]
    return {asset.name: asset for asset in found}


@cache
def address(file: str) -> str:
    """The address of a file of `static/`.

    Raises:
        KeyError: there is no such file.
    """
    stem, _, suffix = file.partition(".")
    for name in assets():
        if name.startswith(stem + ".") and name.endswith("." + suffix):
            return f"/static/{name}"
    raise KeyError(file)


def _load(path: Path) -> Asset:
    body = path.read_bytes()
    digest = hashlib.sha256(body).hexdigest()[:12]
    return Asset(f"{path.stem}.{digest}{path.suffix}", TYPES[path.suffix], body, gzip.compress(body, 9, mtime=0))
