"""Files as one ZIP, written as they come: the same files give the same bytes, and no file is ever held whole."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import BinaryIO, cast
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

SUMS = "SHA256SUMS"
# The oldest year that the format knows (APPNOTE.TXT 4.4.6), and its last.
YEARS = range(1980, 2108)


@dataclass(frozen=True, slots=True)
class File:
    """A file to come: a name in ASCII, and its bytes piece by piece."""

    name: str
    pieces: AsyncIterator[bytes]


@dataclass
class _Sink:
    """Where the archive writes; it cannot go back, so sizes follow each file (APPNOTE.TXT 4.3.9)."""

    held: list[bytes] = field(default_factory=list)

    def write(self, piece: bytes) -> int:
        """Hold what is to be sent."""
        self.held.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing lies further down."""

    def take(self) -> bytes:
        """What has been written since."""
        found, self.held = b"".join(self.held), []
        return found


async def zipped(files: AsyncIterator[File], when: datetime) -> AsyncIterator[bytes]:
    """The archive's bytes, with the checksums of all files in a last one, as `sha256sum -c` reads them."""
    sink, sums = _Sink(), list[str]()
    with ZipFile(cast("BinaryIO", sink), "w") as archive:
        async for file in files:
            digest = hashlib.sha256()
            with archive.open(_entry(file.name, when), "w") as entry:
                async for piece in file.pieces:
                    entry.write(piece)
                    digest.update(piece)
                    yield sink.take()
            sums.append(f"{digest.hexdigest()}  {file.name}\n")
        archive.writestr(_entry(SUMS, when), "".join(sums))
    yield sink.take()


async def whole(content: bytes) -> AsyncIterator[bytes]:
    """A file that is there already."""
    yield content


def _entry(name: str, when: datetime) -> ZipInfo:
    if not name.isascii():
        raise ValueError(name)
    at = when.astimezone(UTC)
    day = (min(max(at.year, YEARS.start), YEARS.stop - 1), at.month, at.day)
    made = ZipInfo(name, (*day, at.hour, at.minute, at.second))
    made.compress_type, made.create_system, made.external_attr = ZIP_DEFLATED, 3, 0o100644 << 16
    return made
