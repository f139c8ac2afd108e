"""The Kafka of the embedded default: the jars that `kafka.lock` names, each checked against its SHA-256.

The lock holds Maven coordinates and digests, one jar a line. Maven Central is trusted for nothing but availability.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from tamani.core.errors import DefectError


@dataclass(frozen=True, slots=True)
class Jar:
    """One line of the lock."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def filename(self) -> str:
        """The name Maven gives the file."""
        return f"{self.artifact}-{self.version}.jar"

    def check(self, path: Path) -> None:
        """Make sure that this file is the jar that the lock names.

        Raises:
            DefectError: it is absent (`failed.jars`) or another file (`failed.checksum`).
        """
        if not path.is_file():
            raise DefectError("failed.jars", str(path))
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != self.sha256:
            raise DefectError("failed.checksum", f"{path}: {found}, lock: {self.sha256}")


def parse_lock(text: str) -> tuple[Jar, ...]:
    """Read `group:artifact:version sha256:HEX` lines; `#` begins a comment line."""
    return tuple(_parse_line(line) for line in text.splitlines() if line.strip() and not line.startswith("#"))


def shipped_lock() -> tuple[Jar, ...]:
    """The lock of this version of Tamani."""
    return parse_lock(files("tamani.embedded").joinpath("kafka.lock").read_text("utf-8"))


def checked_class_path(folder: Path, jars: Iterable[Jar]) -> str:
    """The Java class path of all jars, after every one of them has been checked (43 MB: a tenth of a second).

    Raises:
        DefectError: a jar is absent or altered; nothing of it may run.
    """
    paths = []
    for jar in jars:
        jar.check(folder / jar.filename)
        paths.append(str(folder / jar.filename))
    return ":".join(paths)


def _parse_line(line: str) -> Jar:
    coordinates, digest = line.split()
    group, artifact, version = coordinates.split(":")
    algorithm, _, value = digest.partition(":")
    if algorithm != "sha256" or len(value) != 64:
        raise DefectError("failed.checksum", line)
    return Jar(group, artifact, version, value)
