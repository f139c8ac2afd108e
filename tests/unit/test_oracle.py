"""The oracle of the end-to-end tests is no better than what it catches: here it is shown each fault once."""

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

import pytest

from tamani.core.names import Country
from tests.support.authors import Author, Signer
from tests.support.oracle import Archived, check_ledger, check_mirror, opened
from tests.support.poster import Promise

Rows = list[Archived]
Fault = Callable[[Rows], Rows]


def _world() -> tuple[Rows, list[Promise]]:
    """Twelve notices in two threads as they were promised, and a ledger that keeps them."""
    author, signer = Author("oracle", threads=2), Signer()
    notices = author.notices(12)
    rows = [opened(index, signer.sign(notice).value) for index, notice in enumerate(notices)]
    promises = []
    for notice, row in zip(notices, rows, strict=True):
        answer = {"subject": notice.subject, "sequence": row.event["sequence"], "digest": row.digest}
        promises.append(Promise(notice, answer, 1))
    return rows, promises


def _renumbered(rows: Rows) -> Rows:
    return [replace(row, index=index) for index, row in enumerate(rows)]


def _swapped(rows: Rows) -> Rows:
    """The first two notices of one thread change places."""
    thread = [row for row in rows if row.event["subject"] == rows[0].event["subject"]]
    places = {id(thread[0]): thread[1], id(thread[1]): thread[0]}
    return _renumbered([places.get(id(row), row) for row in rows])


def _altered(rows: Rows) -> Rows:
    return [replace(rows[0], payload=rows[0].payload + b" "), *rows[1:]]


FAULTS: dict[str, Fault] = {
    "a hole in the ledger": lambda rows: [*rows[:5], *rows[6:]],
    "promised and lost": lambda rows: _renumbered([*rows[:5], *rows[6:]]),
    "archived more than once": lambda rows: _renumbered([*rows, rows[3]]),
    "other bytes than those promised": _altered,
    "sequence went back|out of order": _swapped,
}


@pytest.mark.parametrize("said", FAULTS)
def test_the_oracle_names_each_fault(said: str) -> None:
    """Lost, doubled, altered, out of order, with a hole: each is seen and called by its name."""
    rows, promises = _world()
    with pytest.raises(AssertionError, match=said):
        check_ledger(FAULTS[said](rows), promises)


def test_what_was_never_promised_is_strange() -> None:
    """A ledger holds nothing but what somebody was told it would hold."""
    rows, promises = _world()
    with pytest.raises(AssertionError, match="never promised"):
        check_ledger(rows, promises[1:])


def test_a_sound_ledger_passes_and_a_mirror_is_held_to_it() -> None:
    """The mirror must have the same bytes in the same order, counted from 1."""
    rows, promises = _world()
    check_ledger(rows, promises)
    mirror = [(row.index + 1, row.value) for row in rows]
    check_mirror(mirror, rows, Country.NE)
    with pytest.raises(AssertionError, match="a hole in the mirror"):
        check_mirror(mirror[1:], rows[1:], Country.NE)
    with pytest.raises(AssertionError, match="differs"):
        check_mirror(mirror[:-1], rows, Country.NE)
    assert {row.digest for row in rows} == {sha256(row.payload).hexdigest() for row in rows}
