"""The accounts' file as its readers and writers meet it: a transaction, the time, an officer of it, the trail."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, Engine, Row, insert, select

from tamani.core.errors import RefusedError
from tamani.core.roles import Role, Roles, needs_second_factor
from tamani.runtime.accounts.tables import audit, officer
from tamani.runtime.clock import Clock
from tamani.runtime.sqlite import open_sqlite

State = Literal["invited", "active", "closed"]
# In the trail, who is no officer: the person with a shell on the site's machine.
OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Officer:
    """Somebody who acts for a body at this site. `function` is a title, never required to be a person's name."""

    id: str
    source: str
    function: str
    login: str
    state: State
    roles: Roles
    second_factor: bool
    demo: bool
    created: int

    @property
    def needs_second_factor(self) -> bool:
        """Whether the roles ask for one."""
        return needs_second_factor(self.roles)


class Book:
    """The file. Transactions of all its users exclude each other when they write."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    @classmethod
    def open(cls, path: Path, clock: Clock) -> "Book":
        """The file at this place, made or migrated as needed.

        Raises:
            DefectError: `failed.database.version`.
        """
        return cls(open_sqlite(path, Path(__file__).parent / "migrations"), clock)

    @property
    def engine(self) -> Engine:
        """What the file is opened with."""
        return self._engine

    @property
    def now(self) -> int:
        """The time in the file's unit."""
        return int(self._clock().timestamp())

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A snapshot."""
        with self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """The only writer, until the block ends; then it is on the disk, or nothing was written."""
        with self._engine.connect().execution_options(writing=True) as connection, connection.begin():
            yield connection

    def note(self, connection: Connection, actor: str, act: str, about: str, detail: str = "") -> None:
        """Write a line of the trail, in the transaction of the act."""
        connection.execute(insert(audit).values(at=self.now, actor=actor, act=act, officer=about, detail=detail))

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()


def officer_of(row: Row[Any]) -> Officer:
    """The officer in a row of the table."""
    return Officer(
        id=row.id,
        source=row.source,
        function=row.function,
        login=row.login,
        state=row.state,
        roles=frozenset(Role(name) for name in row.roles.split(" ")),
        second_factor=row.totp is not None,
        demo=row.demo,
        created=row.created,
    )


def row_of(connection: Connection, id_: str) -> Row[Any]:
    """The row of an officer.

    Raises:
        RefusedError: `refused.officer.unknown`.
    """
    row = connection.execute(select(officer).where(officer.c.id == id_)).first()
    if row is None:
        raise RefusedError("refused.officer.unknown", id_[:40])
    return row
