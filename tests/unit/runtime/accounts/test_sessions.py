"""Sessions: an idle and an absolute end, and an end at once when a right is taken away."""

from pathlib import Path

import pytest

from tamani.runtime.accounts.accounts import Accounts, open_accounts
from tamani.runtime.accounts.sessions import Ends, form_token, sid_of
from tests.support.notices import COMMISSION_ML
from tests.support.officers import READER, session_of
from tests.support.posting import TestClock


def alive(accounts: Accounts, cookie: str, *, seen: bool = True) -> bool:
    return accounts.sessions.find(sid_of(cookie), seen=seen) is not None


def test_a_session_ends_half_an_hour_after_the_last_request(accounts: Accounts, clock: TestClock) -> None:
    cookie = session_of(accounts, COMMISSION_ML)
    for _ in range(3):
        clock.turn(minutes=29)
        assert alive(accounts, cookie)
    clock.turn(minutes=30)
    assert not alive(accounts, cookie)


def test_a_stream_left_open_is_no_sign_of_a_person(accounts: Accounts, clock: TestClock) -> None:
    cookie = session_of(accounts, COMMISSION_ML)
    clock.turn(minutes=20)
    assert alive(accounts, cookie, seen=False)
    clock.turn(minutes=10)
    assert not alive(accounts, cookie)


def test_no_session_outlives_eight_hours(accounts: Accounts, clock: TestClock) -> None:
    cookie = session_of(accounts, COMMISSION_ML)
    for _ in range(8 * 60 // 20 - 1):
        clock.turn(minutes=20)
        assert alive(accounts, cookie)
    clock.turn(minutes=20)
    assert not alive(accounts, cookie)


def test_the_node_holds_to_what_the_desk_was_told(tmp_path: Path, clock: TestClock) -> None:
    """The idle end is the session's own, so that every process that opens the file agrees."""
    desk = open_accounts(tmp_path, clock, ends=Ends(idle=300, absolute=600))
    node = open_accounts(tmp_path, clock)
    cookie = session_of(desk, COMMISSION_ML)
    clock.turn(seconds=299)
    assert alive(node, cookie, seen=False)
    clock.turn(seconds=1)
    assert not alive(node, cookie)


@pytest.mark.parametrize("act", ["close", "reset", "roles", "end"])
def test_what_takes_a_right_away_ends_the_session_at_once(accounts: Accounts, act: str) -> None:
    cookie = session_of(accounts, COMMISSION_ML, READER)
    other = session_of(accounts, "/ml/observatoire-paix", READER)
    (who,) = accounts.officers.of_body(COMMISSION_ML)
    match act:
        case "close":
            accounts.officers.close(None, who.id)
        case "reset":
            accounts.officers.reset(None, who.id)
        case "roles":
            accounts.officers.set_roles(None, who.id, READER)
        case _:
            accounts.sessions.end(sid_of(cookie))
    assert not alive(accounts, cookie)
    assert alive(accounts, other), "nobody else's"


def test_a_forms_token_is_of_one_session(accounts: Accounts) -> None:
    one, other = session_of(accounts, COMMISSION_ML), session_of(accounts, COMMISSION_ML)
    assert form_token(one) == form_token(one)
    assert form_token(one) != form_token(other)
    assert one not in form_token(one)
