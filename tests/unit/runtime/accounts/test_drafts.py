"""Drafts: sealed in the file, opened by their owner alone unless shared, gone after their time; and a body's rule."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import update

from tamani.core.errors import DefectError, RefusedError
from tamani.core.roles import Role
from tamani.runtime.accounts.accounts import FILE, Accounts, open_accounts
from tamani.runtime.accounts.book import Officer
from tamani.runtime.accounts.drafts import MOST
from tamani.runtime.accounts.rules import ALWAYS
from tamani.runtime.accounts.tables import draft
from tests.support.notices import COMMISSION_ML, OBSERVATORY_ML, id_of
from tests.support.officers import HEAD, POSTER
from tests.support.posting import TestClock

WORDS = "ce que personne d'autre ne doit lire"
Make = Callable[..., Officer]


@pytest.fixture
def officer(accounts: Accounts) -> Make:
    """Makes an active officer."""

    def make(login: str, source: str = COMMISSION_ML, roles: frozenset[Role] = POSTER) -> Officer:
        accounts.officers.adopt(source, "Rédactrice", login, roles)
        return accounts.officers.by_login(login)

    return make


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(RefusedError) as told:
        act()
    return told.value.code.name


def test_its_owner_opens_it_and_nobody_else(accounts: Accounts, officer: Make, tmp_path: Path) -> None:
    """Not a colleague, not another body; and not who copies the file."""
    owner, colleague, stranger = officer("un"), officer("deux"), officer("trois", OBSERVATORY_ML)
    accounts.drafts.save(owner, id_of(1), WORDS, seen=0, days=30)
    assert accounts.drafts.open(owner, id_of(1)).content == WORDS
    assert accounts.drafts.holds(owner, id_of(1))
    for other in (colleague, stranger):
        assert refusal(lambda other=other: accounts.drafts.open(other, id_of(1))) == "refused.draft.unknown"  # type: ignore[misc]
        assert accounts.drafts.of(other) == []
        assert not accounts.drafts.holds(other, id_of(1))
        accounts.drafts.drop(other, id_of(1))
    assert refusal(lambda: accounts.drafts.save(colleague, id_of(1), "x", seen=1, days=30)) == "refused.draft.unknown"
    assert [kept.id for kept in accounts.drafts.of(owner)] == [id_of(1)]
    assert all(WORDS.encode() not in path.read_bytes() for path in tmp_path.glob(FILE + "*"))


def test_shared_it_is_the_posters_of_the_body(accounts: Accounts, officer: Make) -> None:
    """A colleague saves and deletes it; that it is shared stays its owner's word."""
    owner, colleague, stranger = officer("un"), officer("deux"), officer("trois", OBSERVATORY_ML)
    accounts.drafts.save(owner, id_of(1), WORDS, seen=0, days=30, shared=True)
    accounts.drafts.save(colleague, id_of(1), "mieux dit", seen=1, days=30)
    kept = accounts.drafts.open(owner, id_of(1))
    assert (kept.content, kept.version, kept.shared, kept.owner) == ("mieux dit", 2, True, owner.id)
    assert refusal(lambda: accounts.drafts.open(stranger, id_of(1))) == "refused.draft.unknown"
    accounts.drafts.drop(colleague, id_of(1))
    assert accounts.drafts.of(owner) == []


def test_what_was_saved_meanwhile_is_not_overwritten(accounts: Accounts, officer: Make) -> None:
    owner = officer("un")
    accounts.drafts.save(owner, id_of(1), "une", seen=0, days=30)
    accounts.drafts.save(owner, id_of(1), "deux", seen=1, days=30)
    for old in (0, 1, 3):
        act = lambda old=old: accounts.drafts.save(owner, id_of(1), "trois", seen=old, days=30)  # noqa: E731
        assert refusal(act) == "refused.draft.changed"
    assert accounts.drafts.open(owner, id_of(1)).content == "deux"


def test_it_is_gone_after_its_time_and_with_its_owner(accounts: Accounts, officer: Make, clock: TestClock) -> None:
    """A shared one outlives the account that made it."""
    owner, colleague = officer("un"), officer("deux")
    accounts.drafts.save(owner, id_of(1), WORDS, seen=0, days=7)
    accounts.drafts.save(owner, id_of(2), WORDS, seen=0, days=30)
    accounts.drafts.save(owner, id_of(3), WORDS, seen=0, days=30, shared=True)
    clock.turn(days=7)
    assert {kept.id for kept in accounts.drafts.of(owner)} == {id_of(2), id_of(3)}
    accounts.officers.close(None, owner.id)
    assert [kept.id for kept in accounts.drafts.of(colleague)] == [id_of(3)]
    accounts.drafts.save(colleague, id_of(4), WORDS, seen=0, days=30)
    with accounts.book.reading() as connection:
        left = {row.id for row in connection.execute(draft.select())}
    assert left == {id_of(3), id_of(4)}


def test_there_is_room_for_fifty_and_for_what_was_posted(accounts: Accounts, officer: Make) -> None:
    owner = officer("un")
    for number in range(MOST):
        accounts.drafts.save(owner, id_of(number), "x", seen=0, days=30)
    assert refusal(lambda: accounts.drafts.save(owner, id_of(99), "x", seen=0, days=30)) == "refused.draft.many"
    accounts.drafts.save(owner, id_of(0), "encore", seen=1, days=30)
    accounts.drafts.save(owner, id_of(99), "envoyé", seen=0, days=30, posted=True)
    assert id_of(99) not in {kept.id for kept in accounts.drafts.of(owner)}
    assert accounts.drafts.open(owner, id_of(99)).content == "envoyé"
    accounts.drafts.drop_posted(COMMISSION_ML, id_of(99))
    accounts.drafts.drop_posted(COMMISSION_ML, id_of(0))
    assert refusal(lambda: accounts.drafts.open(owner, id_of(99))) == "refused.draft.unknown"
    assert len(accounts.drafts.of(owner)) == MOST


def test_a_box_of_another_row_does_not_open(accounts: Accounts, officer: Make) -> None:
    owner = officer("un")
    accounts.drafts.save(owner, id_of(1), WORDS, seen=0, days=30)
    with accounts.book.writing() as connection:
        connection.execute(update(draft).values(id=id_of(2)))
    with pytest.raises(DefectError, match="another's"):
        accounts.drafts.open(owner, id_of(2))


def test_without_the_passphrase_nothing_is_kept(tmp_path: Path, clock: TestClock) -> None:
    made = open_accounts(tmp_path, clock)
    made.officers.adopt(COMMISSION_ML, "Rédactrice", "un", POSTER)
    with pytest.raises(DefectError, match="TAMANI_DESK_PASSPHRASE_FILE"):
        made.drafts.save(made.officers.by_login("un"), id_of(1), WORDS, seen=0, days=30)
    made.close()


def test_only_the_head_says_that_all_needs_two(accounts: Accounts, officer: Make) -> None:
    head, poster = officer("chef", roles=HEAD), officer("un")
    assert not accounts.rules.always_two(COMMISSION_ML)
    assert refusal(lambda: accounts.rules.set_always_two(poster, True)) == "refused.auth.role"
    accounts.rules.set_always_two(head, True)
    assert accounts.rules.always_two(COMMISSION_ML)
    assert not accounts.rules.always_two(OBSERVATORY_ML)
    assert accounts.officers.trail(COMMISSION_ML)[0].act == ALWAYS
    accounts.rules.set_always_two(head, False)
    assert not accounts.rules.always_two(COMMISSION_ML)
