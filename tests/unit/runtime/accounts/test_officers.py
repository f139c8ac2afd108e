"""Managing officers: who may do what to whose account, and that a body never locks itself out."""

from collections.abc import Callable
from typing import Any

import pytest

from tamani.core.errors import RefusedError
from tamani.core.roles import Role, needs_second_factor, read_roles
from tamani.runtime.accounts.accounts import Accounts
from tamani.runtime.accounts.book import Officer
from tamani.runtime.accounts.officers import OPENED
from tests.support.notices import COMMISSION_ML, OBSERVATORY_ML
from tests.support.officers import ALL, HEAD, POSTER, READER, Person, invited, opened
from tests.support.posting import TestClock

ACTS: dict[str, Callable[[Accounts, Officer | None, str], Any]] = {
    "reset": lambda accounts, by, id_: accounts.officers.reset(by, id_),
    "close": lambda accounts, by, id_: accounts.officers.close(by, id_),
    "roles": lambda accounts, by, id_: accounts.officers.set_roles(by, id_, READER),
}


def refused(code: str) -> Any:
    return pytest.raises(RefusedError, match=rf"^{code}($|:)")


@pytest.fixture
def head(accounts: Accounts, clock: TestClock) -> Person:
    """The only head of the commission."""
    return invited(accounts, clock, COMMISSION_ML, "chef", HEAD)


def test_a_head_invites_and_the_trail_says_so(accounts: Accounts, head: Person, clock: TestClock) -> None:
    made, link = accounts.officers.invite(head.officer, COMMISSION_ML, " Secrétaire de séance ", "Greffe", POSTER)
    assert (made.state, made.login, made.function) == ("invited", "greffe", "Secrétaire de séance")
    assert opened(accounts, clock, link).officer.state == "active"
    said = [
        (act.act, act.by.login if act.by else None, act.about.login) for act in accounts.officers.trail(COMMISSION_ML)
    ]
    assert said == [
        ("second-factor", "greffe", "greffe"),
        ("accepted", "greffe", "greffe"),
        ("invited", "chef", "greffe"),
        ("second-factor", "chef", "chef"),
        ("accepted", "chef", "chef"),
        ("invited", None, "chef"),
    ]


@pytest.mark.parametrize("login", ["", "ab", "é.e.e", "a b c", "-abc", "abc-", "x" * 41, "../../x"])
def test_a_login_is_plain(accounts: Accounts, login: str) -> None:
    with refused("refused.officer.login"):
        accounts.officers.invite(None, COMMISSION_ML, "Greffe", login, POSTER)


@pytest.mark.parametrize("function", ["", " x ", "x" * 81, "Gref\nfe"])
def test_a_function_is_a_line(accounts: Accounts, function: str) -> None:
    with refused("refused.officer.function"):
        accounts.officers.invite(None, COMMISSION_ML, function, "greffe", POSTER)


def test_a_login_is_one_persons_until_the_account_is_closed(accounts: Accounts) -> None:
    first, _ = accounts.officers.invite(None, COMMISSION_ML, "Greffe", "greffe", POSTER)
    with refused("refused.officer.login.taken"):
        accounts.officers.invite(None, OBSERVATORY_ML, "Veille", "greffe", POSTER)
    accounts.officers.close(None, first.id)
    again, _ = accounts.officers.invite(None, OBSERVATORY_ML, "Veille", "greffe", POSTER)
    assert accounts.officers.by_login("greffe").id == again.id


@pytest.mark.parametrize("act", ACTS)
def test_the_last_active_head_stays(accounts: Accounts, head: Person, clock: TestClock, act: str) -> None:
    """Neither reset, closed nor demoted by their own hand; with a second head, any of it."""
    accounts.officers.invite(head.officer, COMMISSION_ML, "Adjoint", "adjoint", HEAD)
    with refused("refused.officer.head"):
        ACTS[act](accounts, head.officer, head.officer.id)
    assert accounts.officers.get(head.officer.id) == head.officer
    deputy = accounts.officers.by_login("adjoint")
    opened(accounts, clock, accounts.officers.reset(None, deputy.id))
    ACTS[act](accounts, head.officer, head.officer.id)
    with refused("refused.officer.head"):
        ACTS[act](accounts, deputy, deputy.id)


def test_a_head_of_another_body_does_not_count(accounts: Accounts, head: Person, clock: TestClock) -> None:
    invited(accounts, clock, OBSERVATORY_ML, "ailleurs", HEAD)
    with refused("refused.officer.head"):
        accounts.officers.close(head.officer, head.officer.id)


def test_the_operator_can_let_a_body_in_again(accounts: Accounts, head: Person, clock: TestClock) -> None:
    """The head has lost telephone, paper and password."""
    with refused("refused.officer.head"):
        accounts.officers.close(None, head.officer.id)
    again = opened(accounts, clock, accounts.officers.reset(None, head.officer.id))
    clock.turn(seconds=60)
    with refused("refused.auth.code"):
        head.signs_in()
    assert again.signs_in()


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("roles", [READER, POSTER, frozenset({Role.VALIDATOR})])
def test_without_the_role_nothing_is_managed(
    accounts: Accounts, head: Person, clock: TestClock, act: str, roles: frozenset[Role]
) -> None:
    other = invited(accounts, clock, COMMISSION_ML, "autre", roles)
    with refused("refused.auth.role"):
        ACTS[act](accounts, other.officer, head.officer.id)
    with refused("refused.auth.role"):
        accounts.officers.invite(other.officer, COMMISSION_ML, "Greffe", "greffe", POSTER)


@pytest.mark.parametrize("act", ACTS)
def test_another_bodys_accounts_are_unknown_to_a_head(
    accounts: Accounts, head: Person, clock: TestClock, act: str
) -> None:
    other = invited(accounts, clock, OBSERVATORY_ML, "autre", ALL)
    with refused("refused.officer.unknown"):
        ACTS[act](accounts, head.officer, other.officer.id)
    with refused("refused.auth.role"):
        accounts.officers.invite(head.officer, OBSERVATORY_ML, "Greffe", "greffe", POSTER)
    with refused("refused.officer.unknown"):
        ACTS[act](accounts, head.officer, "nobody")


@pytest.mark.parametrize("act", ACTS)
def test_a_head_whose_account_was_closed_meanwhile_manages_nothing(
    accounts: Accounts, head: Person, clock: TestClock, act: str
) -> None:
    """Their page still shows the buttons; the transaction looks again."""
    deputy = invited(accounts, clock, COMMISSION_ML, "adjoint", HEAD)
    accounts.officers.close(head.officer, deputy.officer.id)
    with refused("refused.auth.role"):
        ACTS[act](accounts, deputy.officer, head.officer.id)


@pytest.mark.parametrize("act", ACTS)
def test_a_closed_account_stays_closed(accounts: Accounts, clock: TestClock, act: str) -> None:
    who = invited(accounts, clock, COMMISSION_ML, "greffe").officer
    accounts.officers.close(None, who.id)
    with refused("refused.officer.closed"):
        ACTS[act](accounts, None, who.id)
    with refused("refused.officer.unknown"):
        accounts.officers.by_login("greffe")


def test_a_reset_forgets_password_telephone_codes_and_the_earlier_link(accounts: Accounts, clock: TestClock) -> None:
    person = invited(accounts, clock, COMMISSION_ML, "greffe")
    first = accounts.officers.reset(None, person.officer.id)
    second = accounts.officers.reset(None, person.officer.id)
    with refused("refused.auth.link"):
        accounts.signin.invited(first)
    with refused("refused.auth.login"):
        person.signs_in()
    again = opened(accounts, clock, second)
    assert again.secret != person.secret
    cookie, _ = accounts.signin.by_password("greffe", again.password)
    with refused("refused.auth.code"):
        accounts.signin.by_code(cookie, person.codes[0])


def test_a_reader_who_becomes_a_poster_links_a_telephone(accounts: Accounts, clock: TestClock) -> None:
    reader = invited(accounts, clock, COMMISSION_ML, "lecture", READER)
    assert not reader.officer.second_factor
    accounts.officers.set_roles(None, reader.officer.id, POSTER)
    _cookie, stage = accounts.signin.by_password("lecture", reader.password)
    assert stage == "enrol"


def test_roles_are_those_that_exist() -> None:
    assert read_roles(["head", "poster", "head"]) == {Role.HEAD, Role.POSTER}
    assert [needs_second_factor(frozenset({role})) for role in Role] == [role is not Role.READER for role in Role]
    for wrong in ([], ["root"], ["poster", ""]):
        with refused("refused.officer.roles"):
            read_roles(wrong)


def test_who_opened_a_sealed_notice_is_in_the_trail_once(accounts: Accounts, head: Person, clock: TestClock) -> None:
    """By whom, which, and when first; another officer's opening is another line."""
    other = invited(accounts, clock, COMMISSION_ML, "relecture")
    for who, notice in ((head, "n-1"), (head, "n-1"), (head, "n-2"), (other, "n-1")):
        accounts.officers.note_opened(who.officer, notice)
    acts = [act for act in accounts.officers.trail(COMMISSION_ML) if act.act == OPENED]
    lines = [(act.by.login if act.by else "", act.detail) for act in acts]
    assert lines == [("relecture", "n-1"), (head.officer.login, "n-2"), (head.officer.login, "n-1")]


def test_the_demos_accounts_are_made_once(accounts: Accounts) -> None:
    for _ in range(2):
        accounts.officers.adopt(COMMISSION_ML, "Greffe (démo)", "greffe", ALL)
    (made,) = accounts.officers.of_body(None)
    assert (made.demo, made.state) == (True, "active")
