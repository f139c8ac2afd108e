"""Looking for a string in all that is on the disk: in clear, and as base64 spells it at each of its three offsets."""

import base64
from collections.abc import Iterable
from pathlib import Path

import psycopg

from tests.support.cluster import PostgresCluster


def spellings(text: str) -> tuple[bytes, ...]:
    """How the string may lie in a file: UTF-8, JSON's escapes, and inside base64, whatever stands before it."""
    raw = text.encode()
    found = {raw, text.encode("unicode_escape")}
    for before in range(3):
        code = base64.b64encode(b"\0" * before + raw)
        # The first and the last quad are shared with the neighbours: only what is the string's own is looked for.
        found.add(code[4 if before else 0 : len(code) - 4])
    return tuple(found)


def files_with(folder: Path, texts: Iterable[str]) -> set[str]:
    """The files below this folder that hold one of the strings, in any spelling; by their path from there."""
    wanted = [spelling for text in texts for spelling in spellings(text)]
    found = set()
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            if any(spelling in content for spelling in wanted):
                found.add(str(path.relative_to(folder)))
    return found


def database_files_with(postgres: PostgresCluster, *texts: str) -> set[str]:
    """The same in the server's data directory, after all that is in memory has been written."""
    with psycopg.connect(postgres.postgres.dsn("postgres"), autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        row = connection.execute("SHOW data_directory").fetchone()
    assert row is not None
    return files_with(Path(row[0]), texts)
