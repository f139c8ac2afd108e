"""Forms that an officer has put aside: at their own site, sealed under the site's passphrase, gone after their time.

They may say what must never be seen, and were read over by nobody: so the owner alone opens one, unless they share it
with the posters of their body. Nothing of it is ever logged, sent, or kept on a telephone.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, func, insert, or_, select, update

from tamani.core.errors import RefusedError
from tamani.runtime.accounts.book import Book, Officer
from tamani.runtime.accounts.tables import draft, officer
from tamani.runtime.accounts.vault import Vault

DAY = 24 * 60 * 60
# So many that nobody needs more, and few enough that forgotten ones do not pile up.
MOST = 50


@dataclass(frozen=True, slots=True)
class Kept:
    """A form that was put aside: whose, what, and until when. `version` grows with each time it is saved."""

    id: str
    owner: str
    function: str
    shared: bool
    posted: bool
    version: int
    saved: int
    expires: int
    content: str


class Drafts:
    """The drafts of one site."""

    def __init__(self, book: Book, vault: Vault) -> None:
        self._book = book
        self._vault = vault

    def save(
        self, by: Officer, id_: str, content: str, *, seen: int, days: int, shared: bool = False, posted: bool = False
    ) -> None:
        """Keep a form for so many days; `seen` is the version that it was opened at (0: never kept before).

        Raises:
            RefusedError: `refused.draft.unknown` (another's), `refused.draft.changed`, `refused.draft.many`.
        """
        # Opening the vault may write: before our own transaction begins.
        box = self._vault.seal(_owner(by.source, id_), content)
        now = self._book.now
        values = {"shared": shared, "posted": posted, "saved": now, "expires": now + days * DAY, "box": box}
        with self._book.writing() as connection:
            connection.execute(delete(draft).where(draft.c.expires <= now))
            row = _row(connection, by.source, id_)
            if row is None:
                if not posted:
                    _check_room(connection, by)
                new = {"source": by.source, "id": id_, "officer": by.id, "version": 1}
                connection.execute(insert(draft).values(values | new))
                return
            _check_mine(row, by)
            if not posted and row.version != seen:
                raise RefusedError("refused.draft.changed", id_)
            # Who shares is the owner's word: a colleague who saves changes nothing about it.
            values |= {} if row.officer == by.id else {"shared": row.shared}
            here = (draft.c.source == by.source, draft.c.id == id_)
            connection.execute(update(draft).where(*here).values(values | {"version": row.version + 1}))

    def open(self, by: Officer, id_: str) -> Kept:
        """One of those that this officer may open.

        Raises:
            RefusedError: `refused.draft.unknown`; DefectError `failed.keystore`, `failed.settings`.
        """
        found = self._listed(by, draft.c.id == id_)
        if not found:
            raise RefusedError("refused.draft.unknown", id_[:40])
        return found[0]

    def holds(self, by: Officer, id_: str) -> bool:
        """Whether there is one of this name that this officer may open."""
        here = (draft.c.id == id_, _mine(by), draft.c.expires > self._book.now)
        with self._book.reading() as connection:
            return connection.execute(select(draft.c.id).where(*here)).first() is not None

    def of(self, by: Officer) -> list[Kept]:
        """Those that this officer may open and that were not posted, newest first."""
        return self._listed(by, draft.c.posted.is_(False))

    def drop(self, by: Officer, id_: str) -> None:
        """Forget one that this officer may open; nothing if it is gone."""
        with self._book.writing() as connection:
            connection.execute(delete(draft).where(draft.c.id == id_, _mine(by)))

    def drop_posted(self, source: str, id_: str) -> None:
        """Forget what was released or refused: from now on there is the notice, or nothing."""
        with self._book.writing() as connection:
            posted = (draft.c.source == source, draft.c.id == id_, draft.c.posted.is_(True))
            connection.execute(delete(draft).where(*posted))

    def _listed(self, by: Officer, which: Any) -> list[Kept]:
        query = select(draft, officer.c.function).join(officer, officer.c.id == draft.c.officer)
        alive = draft.c.expires > self._book.now
        with self._book.reading() as connection:
            rows = connection.execute(query.where(_mine(by), alive, which).order_by(draft.c.saved.desc())).all()
        return [self._kept(row) for row in rows]

    def _kept(self, row: Row[Any]) -> Kept:
        content = self._vault.unseal(_owner(row.source, row.id), row.box)
        told = {name: getattr(row, name) for name in ("id", "function", "shared", "posted", "version", "saved")}
        return Kept(owner=row.officer, expires=row.expires, content=content, **told)


def _owner(source: str, id_: str) -> str:
    return f"draft {source} {id_}"


def _mine(by: Officer) -> Any:
    """Drafts of this officer, and those that a colleague of the same body shares."""
    return and_(draft.c.source == by.source, or_(draft.c.officer == by.id, draft.c.shared))


def _row(connection: Connection, source: str, id_: str) -> Row[Any] | None:
    return connection.execute(select(draft).where(draft.c.source == source, draft.c.id == id_)).first()


def _check_mine(row: Row[Any], by: Officer) -> None:
    if row.officer != by.id and not row.shared:
        raise RefusedError("refused.draft.unknown", row.id)


def _check_room(connection: Connection, by: Officer) -> None:
    count = connection.execute(select(func.count()).select_from(draft).where(draft.c.officer == by.id)).scalar_one()
    if count >= MOST:
        raise RefusedError("refused.draft.many", str(MOST))
