"""Looking for a word in whatever a running bus has written: plain, or hidden in base64, once or twice over."""

import base64
from collections.abc import Iterable, Iterator
from pathlib import Path

import psycopg
from aiokafka.record.memory_records import MemoryRecords

from tests.support.cluster import PostgresCluster

SEGMENT = ".log"
# Kafka's indexes: offsets and times alone, in files far larger than what they hold.
OFFSETS = {".index", ".timeindex"}


def spellings(word: str) -> set[bytes]:
    """As it is, in hexadecimal, and within base64 of base64 wherever it may begin in each."""
    raw = word.encode()
    once = _within_base64(raw)
    twice = {outer for inner in once for outer in _within_base64(inner)}
    return {raw, raw.hex().encode(), *once, *twice}


def _within_base64(raw: bytes) -> set[bytes]:
    """The part that does not depend on what stands around it, at each of three places."""
    found = set()
    for shift in range(3):
        encoded = base64.b64encode(bytes(shift) + raw + bytes(3))
        begin, end = -(-shift * 8 // 6), (shift + len(raw)) * 8 // 6
        found.add(encoded[begin:end])
    return found


def files_with(word: str, folders: Iterable[Path]) -> list[str]:
    """The files below these folders in which it stands; of Kafka's segments also what was compressed."""
    wanted = spellings(word)
    return [
        str(path.relative_to(folder))
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file() and any(spelt in text for text in _texts(path) for spelt in wanted)
    ]


def database_files_with(word: str, postgres: PostgresCluster) -> list[str]:
    """The same in a server's data directory, after all that it holds in memory has been written."""
    with psycopg.connect(postgres.postgres.dsn("postgres"), autocommit=True) as connection:
        connection.execute("CHECKPOINT")
    return files_with(word, [postgres.postgres.data])


def _texts(path: Path) -> Iterator[bytes]:
    if path.suffix in OFFSETS:
        return
    raw = path.read_bytes()
    yield raw
    if path.suffix == SEGMENT and path.stem.isdecimal():
        yield b"\n".join(_records(raw))


def _records(segment: bytes) -> Iterator[bytes]:
    """Keys and values of a log segment, decompressed (Kafka's record batch format, magic 2)."""
    batches = MemoryRecords(segment)
    while (batch := batches.next_batch()) is not None:
        for record in batch:
            yield (record.key or b"") + b"\n" + (record.value or b"")
