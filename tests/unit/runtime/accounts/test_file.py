"""The accounts' file: what the migrations make is what the code expects, safe at each commit, nothing secret in it."""

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from tamani.core.errors import DefectError
from tamani.runtime.accounts.accounts import FILE, Accounts, open_accounts
from tamani.runtime.accounts.tables import metadata
from tamani.runtime.sqlite import pragmas
from tests.support.notices import COMMISSION_ML
from tests.support.officers import accounts_in, invited
from tests.support.posting import TestClock


def test_an_empty_file_becomes_the_tables_of_this_version(accounts: Accounts) -> None:
    with accounts.book.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_commits_are_synced_and_the_file_is_private(accounts: Accounts, tmp_path: Path) -> None:
    assert pragmas(accounts.book.engine) == {"journal_mode": "wal", "synchronous": "2"}
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


def test_a_file_of_a_later_version_is_refused(tmp_path: Path, clock: TestClock) -> None:
    accounts_in(tmp_path, clock).close()
    with sqlite3.connect(tmp_path / FILE) as db:
        db.execute("UPDATE alembic_version SET version_num = 'o9999'")
    with pytest.raises(DefectError, match="o9999"):
        open_accounts(tmp_path, clock)


def test_who_has_the_file_has_no_secret(accounts: Accounts, tmp_path: Path, clock: TestClock) -> None:
    """Password, telephone's secret, recovery codes, links and sessions are hashed or sealed."""
    person = invited(accounts, clock, COMMISSION_ML, "greffe")
    _, link = accounts.officers.invite(None, COMMISSION_ML, "Chef", "chef", person.officer.roles)
    cookie = _later(person, clock)
    accounts.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.glob(FILE + "*"))
    for secret in (person.password, person.secret or "", person.codes[0], link, cookie):
        assert secret.encode() not in kept
        assert secret.replace("-", "").encode() not in kept
    assert b"greffe" in kept


def _later(person: object, clock: TestClock) -> str:
    clock.turn(seconds=60)
    return person.signs_in()  # type: ignore[attr-defined,no-any-return]


def test_without_the_passphrase_no_telephone_is_linked(tmp_path: Path, clock: TestClock) -> None:
    """And with another one, what was sealed stays shut."""
    accounts = open_accounts(tmp_path, clock)
    with pytest.raises(DefectError) as told:
        invited(accounts, clock, COMMISSION_ML, "greffe")
    assert (told.value.code.name, told.value.detail) == ("failed.settings", "TAMANI_DESK_PASSPHRASE_FILE")
    accounts.close()
    good = accounts_in(tmp_path, clock)
    person = invited(good, clock, COMMISSION_ML, "greffe2")
    good.close()
    (tmp_path / "passphrase").write_text("une autre\n", "utf-8")
    other = open_accounts(tmp_path, clock, tmp_path / "passphrase")
    person.accounts = other
    clock.turn(seconds=60)
    with pytest.raises(DefectError, match=r"failed\.keystore"):
        person.signs_in()


def test_a_sealed_secret_copied_to_another_officer_opens_nothing(accounts: Accounts, clock: TestClock) -> None:
    one = invited(accounts, clock, COMMISSION_ML, "greffe")
    other = invited(accounts, clock, COMMISSION_ML, "autre")
    with accounts.book.writing() as connection:
        connection.exec_driver_sql(
            "UPDATE officer SET totp = (SELECT totp FROM officer WHERE id = ?) WHERE id = ?",
            (one.officer.id, other.officer.id),
        )
    other.secret = one.secret
    clock.turn(seconds=60)
    with pytest.raises(DefectError, match="another's"):
        other.signs_in()
