"""The files that wait, in the desk's database: seen by the officer who gave them, gone after a week."""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import uuid_utils
from sqlalchemy import delete, func, insert, select, update

from tamani.core.errors import RefusedError
from tamani.desk.database import Database
from tamani.desk.imports import limits
from tamani.desk.imports.rows import Row, Verdict, Wrong
from tamani.desk.imports.tables import import_file, import_row
from tamani.runtime.clock import Clock

WAITING, TAKEN, REFUSED, NONE = "waiting", "taken", "refused", "none"
# The detail of a row that the node has taken and that a second person must release.
WAITS = "to-validate"
TO_POST = frozenset({Verdict.NEW, Verdict.CHANGE})
LONGEST_NAME = 120
# Rows of one INSERT: PostgreSQL takes 65,535 parameters.
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Given:
    """What an officer says of a file, and where it came from."""

    body: str
    officer: str
    type: str
    profile: str
    tlp: str
    audience: tuple[str, ...]
    lang: str
    name: str
    headings: tuple[str, ...]
    strange: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class File:
    """A file that waits. `confirmed`: its person has seen what it would publish and wants it."""

    id: str
    given: Given
    created: datetime
    confirmed: datetime | None
    stopped: str | None


@dataclass(frozen=True, slots=True)
class Kept:
    """A row of it."""

    number: int
    id: str
    verdict: Verdict
    title: str
    subject: str
    by: str
    data: dict[str, Any] | None
    texts: tuple[str, ...]
    wrong: tuple[Wrong, ...]
    state: str
    code: str | None
    detail: str | None

    def draft(self, given: Given) -> dict[str, Any]:
        """The body of `POST /v1/messages`: the same each time."""
        said = {"type": given.type, "profile": given.profile, "id": self.id, "tlp": given.tlp, "lang": given.lang}
        thread = {"subject": self.subject} if self.subject else {}
        return said | thread | {"audience": list(given.audience), "data": self.data}


def digest_of(given: Given, data: dict[str, Any] | None) -> str:
    """What makes two rows of two files the same: body, profile and content."""
    said = json.dumps([given.body, given.type, given.profile, data], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


class Store:
    """The files of one desk."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def add(self, given: Given, rows: Sequence[tuple[Row, tuple[str, ...]]]) -> str:
        """Keep a file that was read, each row with its texts; the ids of its notices are chosen now. Old files go."""
        id_ = str(uuid_utils.uuid7())
        kept = {name: getattr(given, name) for name in Given.__dataclass_fields__}
        kept |= {name: list(kept[name]) for name in ("audience", "headings", "strange")}
        values = [_values(id_, given, row, texts) for row, texts in rows]
        async with self._database.writing() as connection:
            over = self._clock() - timedelta(days=limits.KEPT_DAYS)
            await connection.execute(delete(import_file).where(import_file.c.created < over))
            await connection.execute(insert(import_file).values(id=id_, created=self._clock(), **kept))
            for start in range(0, len(values), AT_ONCE):
                await connection.execute(insert(import_row), values[start : start + AT_ONCE])
        return id_

    async def find(self, id_: str, officer: str) -> tuple[File, list[Kept]]:
        """A file and its rows.

        Raises:
            RefusedError: `refused.import.unknown`: none that is this officer's.
        """
        asked = select(import_file).where(import_file.c.id == id_, import_file.c.officer == officer)
        rows = select(import_row).where(import_row.c.file == id_).order_by(import_row.c.number)
        async with self._database.reading() as connection:
            found = (await connection.execute(asked)).one_or_none()
            if found is None:
                raise RefusedError("refused.import.unknown")
            return _file(found), [_kept(row) for row in await connection.execute(rows)]

    async def mine(self, officer: str) -> list[tuple[File, dict[str, int]]]:
        """This officer's files, newest first, with how many rows are in which state."""
        asked = select(import_file).where(import_file.c.officer == officer).order_by(import_file.c.created.desc())
        counts = select(import_row.c.file, import_row.c.state, func.count()).group_by(
            import_row.c.file, import_row.c.state
        )
        async with self._database.reading() as connection:
            files = [_file(row) for row in await connection.execute(asked.limit(20))]
            held: dict[str, dict[str, int]] = {}
            for file, state, count in await connection.execute(
                counts.where(import_row.c.file.in_([f.id for f in files]))
            ):
                held.setdefault(str(file), {})[state] = count
        return [(file, held.get(file.id, {})) for file in files]

    async def taken(self, digests: Collection[str]) -> frozenset[str]:
        """Those of these contents that the node has taken from another file: the mirror may not show them yet."""
        asked = select(import_row.c.digest).where(import_row.c.state == TAKEN, import_row.c.digest.in_(digests))
        async with self._database.reading() as connection:
            return frozenset((await connection.scalars(asked)).all())

    async def confirm(self, id_: str) -> None:
        """Its person wants it published, for the first time or once more; rows that were refused are tried again."""
        again = (import_row.c.file == id_, import_row.c.state == REFUSED, import_row.c.data.is_not(None))
        async with self._database.writing() as connection:
            change = {"confirmed": func.coalesce(import_file.c.confirmed, self._clock()), "stopped": None}
            await connection.execute(update(import_file).where(import_file.c.id == id_).values(**change))
            await connection.execute(update(import_row).where(*again).values(state=WAITING, code=None, detail=None))

    async def ended(
        self, id_: str, number: int, state: str, code: str | None = None, detail: str | None = None
    ) -> None:
        """What became of a row; what the node has taken is no longer kept here."""
        change: dict[str, Any] = {"state": state, "code": code, "detail": detail}
        if state == TAKEN:
            change["data"] = None
        where = import_row.c.file == id_, import_row.c.number == number
        async with self._database.writing() as connection:
            await connection.execute(update(import_row).where(*where).values(**change))

    async def stop(self, id_: str, code: str) -> None:
        """Publishing stopped short."""
        async with self._database.writing() as connection:
            await connection.execute(update(import_file).where(import_file.c.id == id_).values(stopped=code))

    async def drop(self, id_: str) -> None:
        """Forget a file."""
        async with self._database.writing() as connection:
            await connection.execute(delete(import_file).where(import_file.c.id == id_))


def _values(file: str, given: Given, row: Row, texts: tuple[str, ...]) -> dict[str, Any]:
    to_post = row.verdict in TO_POST
    return {
        "file": file,
        "number": row.number,
        "id": str(uuid_utils.uuid7()),
        "verdict": row.verdict.value,
        "title": row.title,
        "subject": row.subject,
        "by": row.by,
        "digest": digest_of(given, row.data) if to_post else None,
        "data": row.data if to_post else None,
        "texts": list(texts) if row.verdict is Verdict.WRONG else None,
        "wrong": [asdict(one) for one in row.wrong],
        "state": WAITING if to_post else NONE,
    }


def _file(row: Any) -> File:
    given = {name: getattr(row, name) for name in Given.__dataclass_fields__}
    given |= {name: tuple(given[name]) for name in ("audience", "headings", "strange")}
    return File(str(row.id), Given(**given), row.created, row.confirmed, row.stopped)


def _kept(row: Any) -> Kept:
    return Kept(
        row.number,
        str(row.id),
        Verdict(row.verdict),
        row.title,
        row.subject,
        row.by,
        row.data,
        tuple(row.texts or ()),
        tuple(Wrong(**one) for one in row.wrong),
        row.state,
        row.code,
        row.detail,
    )
