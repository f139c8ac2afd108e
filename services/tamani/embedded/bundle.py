"""A backup is one file: a tar whose first member lists the others with their SHA-256. Whole and unaltered, or refused.

It holds secrets (passwords, encrypted keys and their passphrase): it is made for its owner's eyes only.
"""

import hashlib
import io
import json
import os
import tarfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from tamani import __version__
from tamani.core.errors import DefectError
from tamani.core.event import format_time

MANIFEST = "manifest.json"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself: of which part, when, by which version, and the digest of each file."""

    part: str
    made: str
    software: str
    files: dict[str, str]


def pack(folder: Path, part: str, target: Path) -> Manifest:
    """Put all files below a folder into one, mode 0600, which appears whole or not at all."""
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    digests = {name: _digest(folder / name) for name in names}
    manifest = Manifest(part, format_time(datetime.now(UTC)), __version__, digests)
    draft = target.with_name(target.name + ".new")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        with tarfile.open(fileobj=file, mode="w") as tar:
            _add_manifest(tar, manifest)
            for name in names:
                tar.add(folder / name, name, recursive=False)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(target)
    return manifest


def unpack(source: Path, folder: Path, part: str) -> Manifest:
    """Write a backup's files below a folder, after checking that they are what its manifest lists.

    Raises:
        DefectError: `failed.backup`: not a backup, of another part or version, incomplete or altered.
    """
    try:
        with tarfile.open(source, "r:") as tar:
            manifest = _read_manifest(tar, part)
            for name in manifest.files:
                _extract(tar, name, folder)
    except (tarfile.TarError, OSError, KeyError, ValueError, TypeError) as error:
        raise DefectError("failed.backup", f"{source}: {error}") from error
    for name, digest in manifest.files.items():
        if _digest(folder / name) != digest:
            raise DefectError("failed.backup", f"{source}: {name}")
    return manifest


def _add_manifest(tar: tarfile.TarFile, manifest: Manifest) -> None:
    fields = {"v": VERSION, "part": manifest.part, "made": manifest.made, "software": manifest.software}
    text = json.dumps(fields | {"files": manifest.files}, indent=1).encode()
    member = tarfile.TarInfo(MANIFEST)
    member.size, member.mode = len(text), 0o600
    tar.addfile(member, io.BytesIO(text))


def _read_manifest(tar: tarfile.TarFile, part: str) -> Manifest:
    first = tar.next()
    file = tar.extractfile(first) if first is not None and first.name == MANIFEST else None
    if file is None:
        raise ValueError("no manifest")
    fields = json.load(file)
    if fields["v"] != VERSION or fields["part"] != part:
        raise ValueError(f"{fields['part']!r} v{fields['v']}, not {part!r} v{VERSION}")
    return Manifest(fields["part"], fields["made"], fields["software"], dict(fields["files"]))


def _extract(tar: tarfile.TarFile, name: str, folder: Path) -> None:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise ValueError(name)
    file = tar.extractfile(name)
    if file is None:
        raise ValueError(name)
    target = folder / path
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with file, open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as copy:
        while chunk := file.read(1024 * 1024):
            copy.write(chunk)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
