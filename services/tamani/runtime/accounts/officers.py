"""The officers of a site's bodies: invited, given roles, reset and closed, by a head of their body or by the operator.

A body cannot lock itself out: while it has an active head, none of this takes its last one away. Every act stands in
the trail. What an act takes away is gone at once: its transaction ends the officer's sessions.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from tamani.core.errors import RefusedError
from tamani.core.roles import Role, Roles, check_role
from tamani.runtime.accounts.book import OPERATOR, Book, Officer, officer_of, row_of
from tamani.runtime.accounts.sessions import Sessions
from tamani.runtime.accounts.tables import audit, draft, link, officer, recovery, visit

# An act in the trail that is about a notice, not about an officer.
OPENED = "opened"
LINK_SECONDS = 72 * 3600
LOGIN = re.compile(r"[a-z0-9](?:[a-z0-9._-]{1,38}[a-z0-9])")
LONGEST_FUNCTION = 80
_FORGOTTEN = {"password": None, "totp": None, "totp_pending": None, "totp_step": None}


@dataclass(frozen=True, slots=True)
class Act:
    """A line of the trail: when, by whom (nothing if that was the operator), what, to whom."""

    at: int
    by: Officer | None
    act: str
    about: Officer
    detail: str


class Officers:
    """Managing the officers. `by` is the head who acts, as signed in; nothing stands for the operator."""

    def __init__(self, book: Book, sessions: Sessions) -> None:
        self._book = book
        self._sessions = sessions

    def invite(self, by: Officer | None, source: str, function: str, login: str, roles: Roles) -> tuple[Officer, str]:
        """A new account, and the secret of its one-time link (72 hours).

        Raises:
            RefusedError: `refused.auth.role`, `refused.officer.function`, `refused.officer.login[.taken]`.
        """
        function, login = function.strip(), login.strip().lower()
        _check_words(function, login)
        row = self._row(source, function, login, roles) | {"state": "invited", "demo": False}
        with self._book.writing() as connection:
            actor = self._authorise(connection, by, source)
            try:
                connection.execute(insert(officer).values(row))
            except IntegrityError as error:
                raise RefusedError("refused.officer.login.taken", login) from error
            self._book.note(connection, actor, "invited", row["id"], row["roles"])
            return officer_of(row_of(connection, row["id"])), self._link(connection, row["id"])

    def reset(self, by: Officer | None, id_: str) -> str:
        """Forget password and second factor, end the sessions; the secret of a new one-time link.

        Raises:
            RefusedError: `refused.auth.role`, `refused.officer.unknown`, `refused.officer.closed`,
                `refused.officer.head`.
        """
        with self._book.writing() as connection:
            actor, row = self._changing(connection, by, id_)
            # The operator may: who has a shell on the machine can let the body in again.
            if by is not None:
                _keep_a_head(connection, row, frozenset())
            self._set(connection, id_, state="invited", **_FORGOTTEN)
            connection.execute(delete(recovery).where(recovery.c.officer == id_))
            self._book.note(connection, actor, "reset", id_)
            return self._link(connection, id_)

    def close(self, by: Officer | None, id_: str) -> None:
        """Close an account for good: sessions, links, codes and unshared drafts are gone, its line in the trail stays.

        Raises:
            RefusedError: as `reset`.
        """
        with self._book.writing() as connection:
            actor, row = self._changing(connection, by, id_)
            _keep_a_head(connection, row, frozenset())
            self._set(connection, id_, state="closed", **_FORGOTTEN)
            for table in (recovery, link, visit):
                connection.execute(delete(table).where(table.c.officer == id_))
            connection.execute(delete(draft).where(draft.c.officer == id_, draft.c.shared.is_(False)))
            self._book.note(connection, actor, "closed", id_)

    def set_roles(self, by: Officer | None, id_: str, roles: Roles) -> None:
        """Give other roles; the officer signs in again, with a second factor if the new ones ask for it.

        Raises:
            RefusedError: as `reset`.
        """
        with self._book.writing() as connection:
            actor, row = self._changing(connection, by, id_)
            _keep_a_head(connection, row, roles)
            self._set(connection, id_, roles=_text(roles))
            self._book.note(connection, actor, "roles", id_, f"{row.roles} > {_text(roles)}")

    def get(self, id_: str) -> Officer:
        """An officer.

        Raises:
            RefusedError: `refused.officer.unknown`.
        """
        with self._book.reading() as connection:
            return officer_of(row_of(connection, id_))

    def by_login(self, login: str) -> Officer:
        """The officer who signs in so.

        Raises:
            RefusedError: `refused.officer.unknown`.
        """
        with self._book.reading() as connection:
            query = select(officer).where(officer.c.login == login, officer.c.state != "closed")
            row = connection.execute(query).first()
        if row is None:
            raise RefusedError("refused.officer.unknown", login[:40])
        return officer_of(row)

    def of_body(self, source: str | None) -> list[Officer]:
        """The officers of a body (or of all), those that are closed last."""
        query = select(officer).order_by(officer.c.state == "closed", officer.c.source, officer.c.function)
        with self._book.reading() as connection:
            rows = connection.execute(query if source is None else query.where(officer.c.source == source))
            return [officer_of(row) for row in rows]

    def trail(self, source: str, limit: int = 50) -> list[Act]:
        """What was done to the accounts of a body, newest first."""
        query = select(audit).join(officer, officer.c.id == audit.c.officer).where(officer.c.source == source)
        with self._book.reading() as connection:
            everybody = {row.id: officer_of(row) for row in connection.execute(select(officer))}
            rows = connection.execute(query.order_by(audit.c.no.desc()).limit(limit)).all()
        return [Act(row.at, everybody.get(row.actor), row.act, everybody[row.officer], row.detail) for row in rows]

    def note_opened(self, who: Officer, notice: str) -> None:
        """Who opened a sealed notice (its source and id), and when: the first time."""
        line = (audit.c.act == OPENED, audit.c.actor == who.id, audit.c.detail == notice)
        with self._book.writing() as connection:
            if connection.execute(select(audit.c.no).where(*line)).first() is None:
                self._book.note(connection, who.id, OPENED, who.id, notice)

    def adopt(self, source: str, function: str, login: str, roles: Roles) -> None:
        """Make an account of the demo, which is entered with a click; nothing if it is there."""
        row = self._row(source, function, login, roles) | {"state": "active", "demo": True}
        with self._book.writing() as connection:
            there = select(officer.c.id).where(officer.c.login == login, officer.c.state != "closed")
            if connection.execute(there).first() is None:
                connection.execute(insert(officer).values(row))

    def _row(self, source: str, function: str, login: str, roles: Roles) -> dict[str, Any]:
        row = {"id": secrets.token_hex(8), "source": source, "function": function, "login": login}
        return row | {"roles": _text(roles), "created": self._book.now}

    def _authorise(self, connection: Connection, by: Officer | None, source: str) -> str:
        """The actor's name in the trail, if they may act for this body now, whatever their page showed."""
        if by is None:
            return OPERATOR
        head = officer_of(row_of(connection, by.id))
        if head.state != "active" or head.source != source:
            raise RefusedError("refused.auth.role", Role.HEAD.value)
        check_role(head.roles, Role.HEAD)
        return head.id

    def _changing(self, connection: Connection, by: Officer | None, id_: str) -> tuple[str, Row[Any]]:
        row = row_of(connection, id_)
        if by is not None and by.source != row.source:
            raise RefusedError("refused.officer.unknown", id_[:40])
        actor = self._authorise(connection, by, row.source)
        if row.state == "closed":
            raise RefusedError("refused.officer.closed", row.login)
        return actor, row

    def _set(self, connection: Connection, id_: str, **values: Any) -> None:
        connection.execute(update(officer).where(officer.c.id == id_).values(values))
        self._sessions.end_all(connection, id_)

    def _link(self, connection: Connection, id_: str) -> str:
        """A fresh link; an earlier one is worth nothing any more."""
        token = secrets.token_urlsafe(32)
        connection.execute(delete(link).where(link.c.officer == id_))
        row = {"digest": link_digest(token), "officer": id_, "expires": self._book.now + LINK_SECONDS}
        connection.execute(insert(link).values(row))
        return token


def link_digest(token: str) -> bytes:
    """What is kept of a link."""
    return hashlib.sha256(token.encode()).digest()


def _check_words(function: str, login: str) -> None:
    if not 3 <= len(function) <= LONGEST_FUNCTION or not function.isprintable():
        raise RefusedError("refused.officer.function", function[:40])
    if not LOGIN.fullmatch(login):
        raise RefusedError("refused.officer.login", login[:40])


def _keep_a_head(connection: Connection, row: Row[Any], after: Roles) -> None:
    """Refuse to take its last active head away from a body."""
    if row.state != "active" or Role.HEAD.value not in row.roles.split(" ") or Role.HEAD in after:
        return
    others = select(officer.c.roles).where(
        officer.c.source == row.source, officer.c.state == "active", officer.c.id != row.id
    )
    if not any(Role.HEAD.value in roles.split(" ") for roles in connection.scalars(others)):
        raise RefusedError("refused.officer.head", row.login)


def _text(roles: Roles) -> str:
    return " ".join(sorted(roles))
