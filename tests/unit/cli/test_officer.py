"""`tamani officer`: the first head of a body, and what the operator does for it later."""

from pathlib import Path

import pytest

from tamani.core.names import Country
from tamani.core.roles import Role
from tamani.runtime.accounts.accounts import Accounts, open_accounts
from tamani.runtime.clock import system_clock
from tests.unit.cli.test_commands import tamani

BODY = "/ml/commission-defense"


@pytest.fixture
def data(tmp_path: Path) -> list[str]:
    """The option that names the platform's folder."""
    return ["--data", str(tmp_path)]


def accounts(tmp_path: Path) -> Accounts:
    return open_accounts(tmp_path / "sites" / Country.ML.value, system_clock)


def test_the_first_head_is_invited_by_a_link_that_is_shown_once(tmp_path: Path, data: list[str]) -> None:
    done = tamani("officer", "add", BODY, "Cheffe de secrétariat", "cheffe", *data)
    assert done.returncode == 0, done.stderr
    address, _, link = done.stdout.decode().strip().rpartition("/")
    assert address == "http://127.0.0.1:8402/invitation"
    made = accounts(tmp_path).signin.invited(link)
    assert (made.source, made.function, made.roles) == (BODY, "Cheffe de secrétariat", frozenset({Role.HEAD}))
    assert "72 heures" in done.stderr.decode()


def test_roles_reset_close_and_list(tmp_path: Path, data: list[str]) -> None:
    """Each by the login; the address is that of the site where one is given."""
    tamani("officer", "add", BODY, "Greffe", "greffe", "--role", "poster", "--role", "reader", *data)
    assert tamani("officer", "roles", "ml", "greffe", "reader", *data).returncode == 0
    assert accounts(tmp_path).officers.by_login("greffe").roles == {Role.READER}
    again = tamani("officer", "reset", "ml", "greffe", "--url", "https://lecture.example.ml/", *data)
    assert again.stdout.startswith(b"https://lecture.example.ml/invitation/")
    assert tamani("officer", "close", "ml", "greffe", *data).returncode == 0
    listed = tamani("officer", "list", "ml", *data).stdout.decode()
    assert listed.split() == ["greffe", BODY, "closed", "reader", "Greffe"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("add", "pas-un-organisme", "Greffe", "greffe"), "refused.request"),
        (("add", BODY, "Greffe", "É"), "refused.officer.login"),
        (("add", BODY, "Greffe", "greffe", "--role", "root"), "refused.officer.roles"),
        (("close", "ml", "inconnu"), "refused.officer.unknown"),
        (("reset", "ml", "inconnu"), "refused.officer.unknown"),
        (("roles", "ml", "inconnu", "reader"), "refused.officer.unknown"),
    ],
)
def test_a_refusal_has_its_code_and_sentence(data: list[str], arguments: tuple[str, ...], code: str) -> None:
    done = tamani("officer", *arguments, *data, lang="en")
    assert done.returncode == 1
    assert done.stderr.decode().startswith(code)
