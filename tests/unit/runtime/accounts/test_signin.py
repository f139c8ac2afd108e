"""The way in: what opens it, and that each wrong thing is refused with its code."""

import time
from typing import Any

import pyotp
import pytest
from sqlalchemy import update

from tamani.core.errors import RefusedError
from tamani.runtime.accounts import passwords
from tamani.runtime.accounts.accounts import Accounts
from tamani.runtime.accounts.second_factor import step_of
from tamani.runtime.accounts.sessions import HALFWAY_SECONDS, SignedIn, Stage, sid_of
from tamani.runtime.accounts.tables import officer
from tests.support import guessing
from tests.support.notices import COMMISSION_ML
from tests.support.officers import HEAD, PASSWORD, POSTER, READER, Person, invited, opened
from tests.support.posting import TestClock

# RFC 6238, appendix B (SHA-1, eight digits there; six digits are its last six).
VECTORS = ((59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (1_234_567_890, "005924"))


def refused(code: str) -> Any:
    return pytest.raises(RefusedError, match=rf"^{code}($|:)")


@pytest.fixture
def person(accounts: Accounts, clock: TestClock) -> Person:
    """An active officer who may post; the code with which they enrolled is over."""
    made = invited(accounts, clock, COMMISSION_ML, "greffe")
    clock.turn(seconds=60)
    return made


@pytest.mark.parametrize(("at", "code"), VECTORS)
def test_codes_are_those_of_the_rfc(at: int, code: str) -> None:
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert step_of(secret, code, at) == at // 30
    assert step_of(secret, code[:3] + " " + code[3:], at + 30) == at // 30
    assert at < 60 or step_of(secret, code, at - 30) == at // 30
    assert step_of(secret, code, at + 60) is None
    assert step_of(secret, "é" * 6, at) is None


def test_a_poster_needs_both_and_a_reader_one(accounts: Accounts, person: Person, clock: TestClock) -> None:
    cookie, stage = accounts.signin.by_password("greffe", PASSWORD)
    assert stage is Stage.CODE
    halfway = accounts.sessions.find(sid_of(cookie))
    assert halfway is not None
    assert halfway.stage is Stage.CODE
    open_ = accounts.sessions.find(sid_of(accounts.signin.by_code(cookie, person.code)))
    assert open_ is not None
    assert (open_.stage, open_.officer.source) == (Stage.OPEN, COMMISSION_ML)
    assert accounts.sessions.find(sid_of(cookie)) is None, "the half-open session is gone"
    reader = invited(accounts, clock, COMMISSION_ML, "lecture", READER)
    assert accounts.signin.by_password("Lecture ", reader.password)[1] is Stage.OPEN


@pytest.mark.parametrize(
    ("login", "password"), [("greffe", "faux"), ("inconnu", PASSWORD), ("", ""), ("greffe", "x" * 9999)]
)
def test_a_wrong_login_and_a_wrong_password_are_not_told_apart(
    accounts: Accounts, person: Person, login: str, password: str
) -> None:
    with refused("refused.auth.login") as told:
        accounts.signin.by_password(login, password)
    assert told.value.detail == ""


def test_an_unknown_login_costs_what_a_known_one_costs(
    accounts: Accounts, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Measured at full cost: within a factor of two of each other, hashing being nearly all of it."""
    guessing.cost(monkeypatch, guessing.FULL)
    assert passwords.hash_password(PASSWORD).startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    invited(accounts, clock, COMMISSION_ML, "greffe")

    def cost(login: str) -> float:
        start = time.process_time()
        with refused("refused.auth.login"):
            accounts.signin.by_password(login, "faux")
        return time.process_time() - start

    known, unknown = (min(cost(login) for _ in range(2)) for login in ("greffe", "inconnu"))
    assert 0.5 < known / unknown < 2


def test_a_code_opens_once(accounts: Accounts, person: Person, clock: TestClock) -> None:
    code = person.code
    person.signs_in()
    cookie, _ = accounts.signin.by_password("greffe", PASSWORD)
    with refused("refused.auth.code"):
        accounts.signin.by_code(cookie, code)
    clock.turn(seconds=30)
    assert accounts.signin.by_code(cookie, person.code)


def test_the_code_of_the_enrolment_is_used_up(accounts: Accounts, clock: TestClock) -> None:
    person = invited(accounts, clock, COMMISSION_ML, "greffe")
    with refused("refused.auth.code"):
        person.signs_in()


def test_an_earlier_code_is_not_taken_after_a_later_one(accounts: Accounts, person: Person, clock: TestClock) -> None:
    earlier = person.code
    clock.turn(seconds=30)
    person.signs_in()
    cookie, _ = accounts.signin.by_password("greffe", PASSWORD)
    with refused("refused.auth.code"):
        accounts.signin.by_code(cookie, earlier)


@pytest.mark.parametrize("code", ["", "000000", "12345", "abcdef", "AAAA-BBBB-CCCC-DDDD"])
def test_a_wrong_code_opens_nothing(accounts: Accounts, person: Person, code: str) -> None:
    cookie, _ = accounts.signin.by_password("greffe", PASSWORD)
    with refused("refused.auth.code"):
        accounts.signin.by_code(cookie, code)


def test_a_recovery_code_opens_once_however_it_is_copied(accounts: Accounts, person: Person) -> None:
    assert len(set(person.codes)) == 10
    copied = person.codes[3].lower().replace("-", " ")
    cookie, _ = accounts.signin.by_password("greffe", PASSWORD)
    assert accounts.signin.by_code(cookie, copied)
    cookie, _ = accounts.signin.by_password("greffe", PASSWORD)
    with refused("refused.auth.code"):
        accounts.signin.by_code(cookie, person.codes[3])
    assert accounts.signin.by_code(cookie, person.codes[4])


def test_another_officers_recovery_code_opens_nothing(accounts: Accounts, person: Person, clock: TestClock) -> None:
    other = invited(accounts, clock, COMMISSION_ML, "autre")
    cookie, _ = accounts.signin.by_password("greffe", PASSWORD)
    with refused("refused.auth.code"):
        accounts.signin.by_code(cookie, other.codes[0])


def test_a_half_open_session_waits_ten_minutes(accounts: Accounts, person: Person, clock: TestClock) -> None:
    cookie, _ = accounts.signin.by_password("greffe", PASSWORD)
    clock.turn(seconds=HALFWAY_SECONDS)
    with refused("refused.auth.session"):
        accounts.signin.by_code(cookie, person.code)


def test_each_stage_takes_only_its_own_proof(accounts: Accounts, person: Person) -> None:
    """A code-stage session cannot enrol another telephone; an open one needs nothing more."""
    cookie, _ = accounts.signin.by_password("greffe", PASSWORD)
    for wrong in (cookie, "unknown", person.signs_in()):
        with refused("refused.auth.session"):
            accounts.signin.enrolling(wrong)
        with refused("refused.auth.session"):
            accounts.signin.enrol(wrong, "000000")
    with refused("refused.auth.session"):
        accounts.signin.by_code("unknown", person.code)


def test_until_the_telephone_has_shown_a_code_the_secret_stays_the_same(accounts: Accounts, clock: TestClock) -> None:
    _, link = accounts.officers.invite(None, COMMISSION_ML, "Greffe", "greffe", POSTER)
    cookie, stage = accounts.signin.accept(link, PASSWORD)
    assert stage is Stage.ENROL
    secret = accounts.signin.enrolling(cookie)[1]
    with refused("refused.auth.code"):
        accounts.signin.enrol(cookie, "000000")
    assert accounts.signin.enrolling(cookie)[1] == secret
    accounts.signin.enrol(cookie, pyotp.TOTP(secret).at(clock.at))


def test_a_link_opens_an_account_once(accounts: Accounts, clock: TestClock) -> None:
    who, link = accounts.officers.invite(None, COMMISSION_ML, "Greffe", "greffe", HEAD)
    assert accounts.signin.invited(link) == who
    opened(accounts, clock, link)
    for use in (accounts.signin.invited, lambda used: accounts.signin.accept(used, PASSWORD)):
        with refused("refused.auth.link"):
            use(link)


def test_a_link_lives_72_hours(accounts: Accounts, clock: TestClock) -> None:
    _, link = accounts.officers.invite(None, COMMISSION_ML, "Greffe", "greffe", HEAD)
    clock.turn(hours=71, minutes=59)
    assert accounts.signin.invited(link)
    clock.turn(minutes=1)
    with refused("refused.auth.link"):
        accounts.signin.accept(link, PASSWORD)


@pytest.mark.parametrize("password", ["", "court", "aaaaaaaaaaaaaaa", "ababababababab", "greffe-2026!", "x" * 300])
def test_a_password_that_is_guessed_first_is_refused(accounts: Accounts, password: str) -> None:
    """And the link can be used again."""
    _, link = accounts.officers.invite(None, COMMISSION_ML, "Greffe", "greffe", HEAD)
    with refused("refused.officer.password"):
        accounts.signin.accept(link, password)
    accounts.signin.accept(link, PASSWORD)


def test_an_accent_typed_in_two_signs_is_the_same_password(accounts: Accounts) -> None:
    _, link = accounts.officers.invite(None, COMMISSION_ML, "Greffe", "greffe", READER)
    accounts.signin.accept(link, "l'\u00e9t\u00e9 arrive demain")
    assert accounts.signin.by_password("greffe", "l'e\u0301te\u0301 arrive demain")


def test_an_old_hash_is_made_anew(accounts: Accounts, person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the parameters grow, each officer's hash follows at their next sign-in."""
    with monkeypatch.context() as weaker:
        weaker.setattr(passwords, "OPSLIMIT", 1)
        weaker.setattr(passwords, "MEMLIMIT", 8 * 1024 * 1024)
        old = passwords.hash_password(PASSWORD)
    assert not passwords.is_current(old)
    with accounts.book.writing() as connection:
        connection.execute(update(officer).values(password=old))
    person.signs_in()
    with accounts.book.reading() as connection:
        kept = connection.scalar(officer.select().with_only_columns(officer.c.password))
    assert passwords.is_current(str(kept))
    assert passwords.is_password(str(kept), PASSWORD)


def test_the_hash_that_nobody_has_is_one_of_todays(accounts: Accounts) -> None:
    assert passwords.is_current(passwords.NOBODY)
    assert not passwords.is_password(passwords.NOBODY, "")


def test_a_new_password_ends_the_other_sessions(accounts: Accounts, person: Person, clock: TestClock) -> None:
    first = person.signs_in()
    clock.turn(seconds=30)
    here = accounts.sessions.find(sid_of(person.signs_in()))
    assert isinstance(here, SignedIn)
    with refused("refused.auth.login"):
        accounts.signin.change_password(here, "faux", "quatre mots sans rapport")
    with refused("refused.officer.password"):
        accounts.signin.change_password(here, PASSWORD, "court")
    accounts.signin.change_password(here, PASSWORD, "quatre mots sans rapport")
    assert accounts.sessions.find(sid_of(first)) is None
    assert accounts.sessions.find(here.sid) is not None
    with refused("refused.auth.login"):
        accounts.signin.by_password("greffe", PASSWORD)


def test_only_an_account_of_the_demo_is_entered_with_a_click(accounts: Accounts, person: Person) -> None:
    for login in ("greffe", "inconnu"):
        with refused("refused.officer.unknown"):
            accounts.signin.enter_demo(login)


def signed_in(accounts: Accounts, person: Person) -> SignedIn:
    found = accounts.sessions.find(sid_of(person.signs_in()))
    assert found is not None
    return found


def test_recovery_codes_are_renewed_by_both_proofs(accounts: Accounts, person: Person, clock: TestClock) -> None:
    """The ten that were are worth nothing; the new ones open; the trail says so."""
    me = signed_in(accounts, person)
    clock.turn(seconds=60)
    codes = accounts.signin.renew_recovery(me, PASSWORD, person.code)
    assert len(set(codes)) == len(codes) == 10
    assert not set(codes) & set(person.codes)
    assert accounts.officers.trail(COMMISSION_ML)[0].act == "recovery-renewed"
    halfway, _ = accounts.signin.by_password("greffe", PASSWORD)
    with refused("refused.auth.code"):
        accounts.signin.by_code(halfway, person.codes[0])
    assert accounts.signin.by_code(halfway, codes[0])


def test_without_both_proofs_the_codes_stay(accounts: Accounts, person: Person, clock: TestClock) -> None:
    """Neither a wrong password, nor a wrong code, nor a recovery code, nor a code that was used."""
    used, me = person.code, signed_in(accounts, person)
    for password, code, why in (
        ("faux", "000000", "refused.auth.login"),
        (PASSWORD, "000000", "refused.auth.code"),
        (PASSWORD, person.codes[1], "refused.auth.code"),
        (PASSWORD, used, "refused.auth.code"),
    ):
        with refused(why):
            accounts.signin.renew_recovery(me, password, code)
    clock.turn(minutes=30)
    halfway, _ = accounts.signin.by_password("greffe", PASSWORD)
    assert accounts.signin.by_code(halfway, person.codes[0])


def test_who_has_no_second_factor_has_no_codes(accounts: Accounts, clock: TestClock) -> None:
    reader = invited(accounts, clock, COMMISSION_ML, "lecture", READER)
    with refused("refused.auth.code"):
        accounts.signin.renew_recovery(signed_in(accounts, reader), PASSWORD, "000000")
