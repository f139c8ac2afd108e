"""Files as one ZIP: the same bytes for the same files, sent as they come, checked by anybody's `sha256sum`."""

import hashlib
import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from zipfile import ZipFile

import pytest

from tamani.desk.dossier.zipping import SUMS, File, whole, zipped

WHEN = datetime(2026, 3, 2, 9, 1, 30, tzinfo=UTC)
PIECE = 64 * 1024


async def noise(pieces: int) -> AsyncIterator[bytes]:
    """What does not compress."""
    for number in range(pieces):
        yield b"".join(hashlib.sha256(f"{number}.{n}".encode()).digest() for n in range(PIECE // 32))


async def files(*names: str, pieces: int = 1) -> AsyncIterator[File]:
    for name in names:
        yield File(name, noise(pieces))


async def bytes_of(made: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in made])


async def test_a_zip_that_others_read_with_the_sums_of_all() -> None:
    made = await bytes_of(zipped(files("index.html", "originaux/001.json"), WHEN))
    with ZipFile(io.BytesIO(made)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["index.html", "originaux/001.json", SUMS]
        assert {info.date_time for info in archive.infolist()} == {(2026, 3, 2, 9, 1, 30)}
        for line in archive.read(SUMS).decode().splitlines():
            digest, _, name = line.partition("  ")
            assert hashlib.sha256(archive.read(name)).hexdigest() == digest


async def test_the_same_files_give_the_same_bytes() -> None:
    one, other = [await bytes_of(zipped(files("a", "b"), WHEN)) for _ in range(2)]
    assert one == other


async def test_no_file_is_held_whole() -> None:
    """Sixteen megabytes leave in pieces not much larger than they came."""
    largest = total = 0
    async for piece in zipped(files("large", pieces=256), WHEN):
        largest, total = max(largest, len(piece)), total + len(piece)
    assert total > 256 * PIECE
    assert largest < 4 * PIECE


@pytest.mark.parametrize(("year", "kept"), [(1, 1980), (1999, 1999), (9999, 2107)])
async def test_a_year_that_zip_cannot_write_is_moved_to_one_that_it_can(year: int, kept: int) -> None:
    made = await bytes_of(zipped(files("a"), WHEN.replace(year=year)))
    with ZipFile(io.BytesIO(made)) as archive:
        assert archive.infolist()[0].date_time[0] == kept


async def test_names_are_ascii() -> None:
    async def one() -> AsyncIterator[File]:
        yield File("séance.html", whole(b""))

    with pytest.raises(ValueError, match="séance"):
        await bytes_of(zipped(one(), WHEN))
