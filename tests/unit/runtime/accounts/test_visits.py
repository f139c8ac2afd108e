"""What is new to an officer: since they last looked before this session, however often they look in it."""

from tamani.runtime.accounts.accounts import Accounts
from tamani.runtime.accounts.sessions import sid_of
from tamani.runtime.accounts.visits import LeftOff
from tests.support.notices import COMMISSION_ML
from tests.support.officers import READER, session_of
from tests.support.posting import TestClock


def enters(accounts: Accounts) -> tuple[str, bytes]:
    """The officer and their new session."""
    sid = sid_of(session_of(accounts, COMMISSION_ML, READER))
    found = accounts.sessions.find(sid)
    assert found is not None
    return found.officer.id, sid


def test_new_is_what_came_since_an_earlier_session(accounts: Accounts, clock: TestClock) -> None:
    """Looking again changes nothing; the next session goes on from the last look."""
    who, first = enters(accounts)
    assert accounts.visits.look(who, first, "1.5") is None, "the first time there is nothing to go on from"
    assert accounts.visits.look(who, first, "1.9") is None
    left = int(clock().timestamp())
    clock.turn(minutes=20)
    _, second = enters(accounts)
    assert [accounts.visits.look(who, second, place) for place in ("1.9", "1.12")] == [LeftOff("1.9", left)] * 2


def test_two_windows_do_not_take_the_news_from_each_other(accounts: Accounts) -> None:
    """Two sessions of one officer, side by side."""
    who, first = enters(accounts)
    accounts.visits.look(who, first, "1.5")
    (_, second), (_, third) = enters(accounts), enters(accounts)
    for _ in range(2):
        for sid in (second, third):
            found = accounts.visits.look(who, sid, "1.5")
            assert found is not None
            assert found.place == "1.5"
    accounts.visits.look(who, second, "1.8")
    found = accounts.visits.look(who, third, "1.8")
    assert found is not None
    assert found.place == "1.5"


def test_a_closed_account_leaves_nothing_of_its_visits(accounts: Accounts) -> None:
    who, sid = enters(accounts)
    accounts.visits.look(who, sid, "1.5")
    accounts.officers.close(None, who)
    assert accounts.visits.look(who, sid, "1.7") is None
