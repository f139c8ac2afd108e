"""Signing in: a login and a password, then a code; a one-time link the first time. What is wrong is not told apart.

Each wrong guess is counted (`limits`); a login that does not exist costs the same hashing as one that does.
"""

from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from tamani.core.errors import RefusedError
from tamani.runtime.accounts import second_factor
from tamani.runtime.accounts.book import Book, Officer, officer_of, row_of
from tamani.runtime.accounts.limits import Limits
from tamani.runtime.accounts.officers import link_digest
from tamani.runtime.accounts.passwords import NOBODY, check_password, hash_password, is_current, is_password
from tamani.runtime.accounts.sessions import Sessions, SignedIn, Stage, sid_of
from tamani.runtime.accounts.tables import link, officer, recovery, session
from tamani.runtime.accounts.vault import Vault


class SignIn:
    """The way in. Each method takes a tenth of a second or more where it hashes: call it in a thread."""

    def __init__(self, book: Book, sessions: Sessions, limits: Limits, vault: Vault) -> None:
        self._book = book
        self._sessions = sessions
        self._limits = limits
        self._vault = vault

    def by_password(self, login: str, password: str) -> tuple[str, Stage]:
        """A session's cookie and how far it opens: all the way only where no second factor is asked for.

        Raises:
            RefusedError: `refused.auth.rate`, `refused.auth.login`.
        """
        login = login.strip().lower()
        self._limits.begin(f"login:{login}")
        with self._book.reading() as connection:
            query = select(officer).where(officer.c.login == login, officer.c.state == "active")
            row = connection.execute(query).first()
        kept = row.password if row is not None and row.password is not None else None
        right = is_password(kept or NOBODY, password)
        if row is None or kept is None or not right:
            raise RefusedError("refused.auth.login")
        self._limits.right(f"login:{login}")
        fresh = kept if is_current(kept) else hash_password(password)
        return self._enter(row.id, kept, fresh)

    def by_code(self, cookie: str, code: str) -> str:
        """The cookie of an open session in place of one that waits for its code (or for a recovery code).

        Raises:
            RefusedError: `refused.auth.session`, `refused.auth.rate`, `refused.auth.code`.
        """
        halfway = self._halfway(cookie, Stage.CODE)
        self._limits.begin(f"code:{halfway.officer.id}")
        with self._book.writing() as connection:
            row = row_of(connection, halfway.officer.id)
            if not (self._take_code(connection, row, row.totp, code) or self._take_recovery(connection, row.id, code)):
                raise RefusedError("refused.auth.code")
            opened = self._open(connection, halfway)
        self._limits.right(f"code:{halfway.officer.id}")
        return opened

    def invited(self, token: str) -> Officer:
        """Whom a one-time link is for.

        Raises:
            RefusedError: `refused.auth.link`: unknown, used, replaced or older than 72 hours.
        """
        with self._book.reading() as connection:
            return officer_of(self._of_link(connection, token))

    def accept(self, token: str, password: str) -> tuple[str, Stage]:
        """Use the link up: the account is active with this password. A session's cookie and how far it opens.

        Raises:
            RefusedError: `refused.auth.link`, `refused.officer.password`.
        """
        who = self.invited(token)
        check_password(password, who.login)
        kept = hash_password(password)
        with self._book.writing() as connection:
            row = self._of_link(connection, token)
            connection.execute(delete(link).where(link.c.officer == row.id))
            values = {"state": "active", "password": kept}
            connection.execute(update(officer).where(officer.c.id == row.id).values(values))
            self._book.note(connection, row.id, "accepted", row.id)
        return self._enter(row.id, kept, kept)

    def enrolling(self, cookie: str) -> tuple[Officer, str]:
        """The officer who is to set up a second factor, and the secret for their telephone; the same until it is done.

        Raises:
            RefusedError: `refused.auth.session`; DefectError `failed.settings`, `failed.keystore`.
        """
        halfway = self._halfway(cookie, Stage.ENROL)
        id_ = halfway.officer.id
        sealed = self._vault.seal(id_, second_factor.new_secret())
        first = update(officer).where(officer.c.id == id_, officer.c.totp_pending.is_(None))
        with self._book.writing() as connection:
            connection.execute(first.values(totp_pending=sealed))
            pending = row_of(connection, id_).totp_pending
        return halfway.officer, self._vault.unseal(id_, pending)

    def enrol(self, cookie: str, code: str) -> tuple[str, list[str]]:
        """Set the second factor once a code shows that the telephone has it: the open session, the recovery codes.

        Raises:
            RefusedError: `refused.auth.session`, `refused.auth.rate`, `refused.auth.code`.
        """
        halfway = self._halfway(cookie, Stage.ENROL)
        id_ = halfway.officer.id
        self._limits.begin(f"code:{id_}")
        codes = second_factor.new_recovery_codes()
        with self._book.writing() as connection:
            row = row_of(connection, id_)
            if not self._take_code(connection, row, row.totp_pending, code):
                raise RefusedError("refused.auth.code")
            values = {"totp": row.totp_pending, "totp_pending": None}
            connection.execute(update(officer).where(officer.c.id == id_).values(values))
            self._keep_recovery(connection, id_, codes)
            self._book.note(connection, id_, "second-factor", id_)
            opened = self._open(connection, halfway)
        self._limits.right(f"code:{id_}")
        return opened, codes

    def change_password(self, signed_in: SignedIn, old: str, new: str) -> None:
        """Another password; every other session of the officer ends.

        Raises:
            RefusedError: `refused.auth.rate`, `refused.auth.login`, `refused.officer.password`.
        """
        who = signed_in.officer
        self._check_own(who, old)
        check_password(new, who.login)
        fresh = hash_password(new)
        with self._book.writing() as connection:
            connection.execute(update(officer).where(officer.c.id == who.id).values(password=fresh))
            self._sessions.end_all(connection, who.id, but=signed_in.sid)
            self._book.note(connection, who.id, "password", who.id)

    def renew_recovery(self, signed_in: SignedIn, password: str, code: str) -> list[str]:
        """New recovery codes in place of all that are left, for who shows both proofs again; shown once.

        Raises:
            RefusedError: `refused.auth.rate`, `refused.auth.login`, `refused.auth.code`.
        """
        who = signed_in.officer
        self._check_own(who, password)
        self._limits.begin(f"code:{who.id}")
        codes = second_factor.new_recovery_codes()
        with self._book.writing() as connection:
            row = row_of(connection, who.id)
            if not self._take_code(connection, row, row.totp, code):
                raise RefusedError("refused.auth.code")
            self._keep_recovery(connection, who.id, codes)
            self._book.note(connection, who.id, "recovery-renewed", who.id)
        self._limits.right(f"code:{who.id}")
        return codes

    def _check_own(self, who: Officer, password: str) -> None:
        """That it is the officer's password, once more; a wrong one counts as at the door."""
        self._limits.begin(f"login:{who.login}")
        with self._book.reading() as connection:
            kept = row_of(connection, who.id).password
        if kept is None or not is_password(kept, password):
            raise RefusedError("refused.auth.login")
        self._limits.right(f"login:{who.login}")

    def enter_demo(self, login: str) -> str:
        """An open session of an officer of the demo, without proof; the caller knows that the registry is a demo's.

        Raises:
            RefusedError: `refused.officer.unknown`.
        """
        with self._book.writing() as connection:
            query = select(officer.c.id).where(officer.c.login == login, officer.c.demo, officer.c.state == "active")
            id_ = connection.scalar(query)
            if id_ is None:
                raise RefusedError("refused.officer.unknown", login[:40])
            return self._sessions.start(connection, id_, Stage.OPEN)

    def _enter(self, id_: str, kept: str, fresh: str) -> tuple[str, Stage]:
        """The session after a right password; it is looked at again, for hashing took a while."""
        with self._book.writing() as connection:
            row = row_of(connection, id_)
            if row.state != "active" or row.password != kept:
                raise RefusedError("refused.auth.login")
            if fresh != kept:
                connection.execute(update(officer).where(officer.c.id == id_).values(password=fresh))
            stage = _stage_of(officer_of(row))
            return self._sessions.start(connection, id_, stage), stage

    def _halfway(self, cookie: str, stage: Stage) -> SignedIn:
        found = self._sessions.find(sid_of(cookie))
        if found is None or found.stage is not stage:
            raise RefusedError("refused.auth.session")
        return found

    def _open(self, connection: Connection, halfway: SignedIn) -> str:
        """A new session in place of the half-open one, whose cookie is worth nothing any more."""
        gone = connection.execute(delete(session).where(session.c.sid == halfway.sid))
        if gone.rowcount != 1:
            raise RefusedError("refused.auth.session")
        return self._sessions.start(connection, halfway.officer.id, Stage.OPEN)

    def _take_code(self, connection: Connection, row: Row[Any], sealed: bytes | None, code: str) -> bool:
        """Whether the code is right, and newer than the last one that was taken (RFC 6238 §5.2: once)."""
        if sealed is None:
            return False
        step = second_factor.step_of(self._vault.unseal(row.id, sealed), code, self._book.now)
        if step is None or (row.totp_step is not None and step <= row.totp_step):
            return False
        connection.execute(update(officer).where(officer.c.id == row.id).values(totp_step=step))
        return True

    def _take_recovery(self, connection: Connection, id_: str, code: str) -> bool:
        """Whether it is one of the officer's recovery codes, which is then used up."""
        digest = second_factor.recovery_digest(code)
        used = connection.execute(delete(recovery).where(recovery.c.digest == digest, recovery.c.officer == id_))
        if used.rowcount == 1:
            self._book.note(connection, id_, "recovery-code", id_)
        return used.rowcount == 1

    def _keep_recovery(self, connection: Connection, id_: str, codes: list[str]) -> None:
        connection.execute(delete(recovery).where(recovery.c.officer == id_))
        rows = [{"digest": second_factor.recovery_digest(code), "officer": id_} for code in codes]
        connection.execute(insert(recovery), rows)

    def _of_link(self, connection: Connection, token: str) -> Row[Any]:
        query = select(officer).join(link, link.c.officer == officer.c.id)
        alive = (link.c.digest == link_digest(token), link.c.expires > self._book.now, officer.c.state == "invited")
        row = connection.execute(query.where(*alive)).first()
        if row is None:
            raise RefusedError("refused.auth.link")
        return row


def _stage_of(who: Officer) -> Stage:
    if who.second_factor:
        return Stage.CODE
    return Stage.ENROL if who.needs_second_factor else Stage.OPEN
