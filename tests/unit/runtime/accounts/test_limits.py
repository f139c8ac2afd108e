"""Guessing slows down, over restarts too, for logins that do not exist as for those that do."""

from pathlib import Path

import pytest

from tamani.core.errors import RefusedError
from tamani.runtime.accounts.accounts import Accounts
from tamani.runtime.accounts.book import Book
from tamani.runtime.accounts.limits import ONE, SITE, Limits
from tests.support.posting import TestClock


@pytest.fixture
def limits(accounts: Accounts) -> Limits:
    """The counters."""
    return Limits(accounts.book)


def guess(limits: Limits, what: str = "login:greffe") -> int:
    """The seconds to wait that a guess is told; 0 if it was looked at."""
    try:
        limits.begin(what)
    except RefusedError as error:
        return int(error.detail)
    return 0


def test_each_wrong_guess_beyond_a_few_doubles_the_wait() -> None:
    assert [ONE.wait(n) for n in range(ONE.free + 1)] == [0] * (ONE.free + 1)
    assert [ONE.wait(ONE.free + n) for n in (1, 2, 3, 7, 1000)] == [15, 30, 60, 900, 900]
    assert SITE.wait(SITE.free + 1000) == SITE.most


def test_a_login_is_slowed_down_and_only_this_one(limits: Limits, clock: TestClock) -> None:
    assert [guess(limits) for _ in range(ONE.free + 1)] == [0] * (ONE.free + 1)
    assert guess(limits) == 15
    assert guess(limits, "login:autre") == 0
    clock.turn(seconds=14)
    assert guess(limits) == 1, "asking too early makes it no longer"
    clock.turn(seconds=1)
    assert guess(limits) == 0
    assert guess(limits) == 30


def test_the_refusal_says_so(limits: Limits) -> None:
    for _ in range(ONE.free + 1):
        guess(limits)
    with pytest.raises(RefusedError, match=r"^refused\.auth\.rate: 15$"):
        limits.begin("login:greffe")


def test_a_right_guess_forgets_the_wrong_ones(limits: Limits) -> None:
    for _ in range(ONE.free):
        guess(limits)
    guess(limits)
    limits.right("login:greffe")
    assert [guess(limits) for _ in range(ONE.free + 1)] == [0] * (ONE.free + 1)


def test_a_day_forgets(limits: Limits, clock: TestClock) -> None:
    for _ in range(ONE.free + 1):
        guess(limits)
    clock.turn(seconds=ONE.forget)
    assert [guess(limits) for _ in range(ONE.free + 1)] == [0] * (ONE.free + 1)


def test_a_restart_does_not_forget(limits: Limits, accounts: Accounts, tmp_path: Path, clock: TestClock) -> None:
    for _ in range(ONE.free + 1):
        guess(limits)
    accounts.close()
    book = Book.open(tmp_path / "officers.sqlite", clock)
    assert guess(Limits(book)) == 15
    book.close()


def test_a_site_under_attack_slows_down_but_lets_people_in(limits: Limits, clock: TestClock) -> None:
    """Many logins, one guess each: the site waits seconds, never long."""
    waits = [guess(limits, f"login:{number}") for number in range(SITE.free + 2)]
    assert waits == [0] * (SITE.free + 1) + [SITE.first]
    clock.turn(seconds=SITE.most)
    assert guess(limits, "login:greffe") == 0
    limits.right("login:greffe")
    assert guess(limits, "login:encore") == 0


def test_logins_are_not_kept_in_clear(limits: Limits, accounts: Accounts, tmp_path: Path) -> None:
    """People type passwords where logins belong."""
    guess(limits, "login:mot de passe tapé trop vite")
    accounts.close()
    assert b"trop vite" not in b"".join(path.read_bytes() for path in tmp_path.glob("officers.sqlite*"))
