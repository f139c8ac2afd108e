"""What a desk remembers of files that it fetches: beginnings, and what was wrong with those that it did not keep."""

from datetime import UTC, datetime

import pytest

from tamani.core.errors import OutageError, RefusedError
from tamani.desk.pieces import beginnings, verdicts
from tamani.desk.pieces.beginnings import Beginnings
from tamani.desk.pieces.blobs import Wanted
from tamani.desk.pieces.verdicts import FALSE_WAITS, Verdicts

FALSE, UNSAFE = OutageError("failed.archive", "sha256"), RefusedError("refused.piece.unsafe")


def wanted(number: int = 0, source: str = "/ne/x") -> Wanted:
    return Wanted(source, "a", f"{number:064x}", 10)


def begin(begun: Beginnings, one: Wanted, raw: bytes = b"%PDF") -> None:
    found = begun.go_on(one, set())
    found.raw.extend(raw)
    begun.leave(one)


def test_attempts_that_brought_nothing_push_no_beginning_out() -> None:
    begun = Beginnings()
    for number in range(beginnings.MOST):
        begin(begun, wanted(number))
    for number in range(100, 100 + beginnings.MOST):
        begin(begun, wanted(number), b"")
    assert [begun.arrived(wanted(number)) for number in range(beginnings.MOST)] == [4] * beginnings.MOST
    begin(begun, wanted(200))
    assert [begun.arrived(wanted(0)), begun.arrived(wanted(1))] == [0, 4], "the oldest goes"


def test_an_erasure_ends_the_beginnings_of_its_body() -> None:
    begun = Beginnings()
    for one in (wanted(1), wanted(2), wanted(1, "/bf/x")):
        begin(begun, one)
    assert begun.go_on(wanted(1), {"an order"}).raw == b"", "what came before may be what was erased"
    begun.drop_all_of("/ne/x")
    assert [begun.arrived(one) for one in (wanted(2), wanted(1, "/bf/x"))] == [0, 4]


def test_other_bytes_than_announced_are_asked_for_again_after_some_minutes() -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    found = Verdicts(lambda: now)
    found.remember(wanted(), FALSE)
    with pytest.raises(OutageError, match="sha256"):
        found.check(wanted())
    now += FALSE_WAITS
    found.check(wanted())


def test_a_refusal_is_remembered_for_good_and_not_without_end() -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    found = Verdicts(lambda: now)
    for number in range(verdicts.MOST + 1):
        found.remember(wanted(number), UNSAFE)
    now += FALSE_WAITS * 1000
    with pytest.raises(RefusedError, match=r"refused\.piece\.unsafe"):
        found.check(wanted(1))
    found.check(wanted(0))
