"""The oracle of the end-to-end tests is no better than what it catches: here it is shown each fault once."""

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from tamani.core.names import Country
from tests.support.authors import Author, Signer
from tests.support.notices import COMMISSION_BF, OBSERVATORY_NE, key_of, seal, seal_bytes
from tests.support.oracle import Archived, check_ledger, check_mirror, opened
from tests.support.poster import Promise

Rows = list[Archived]
Fault = Callable[[Rows], Rows]


def _world(**changes: Any) -> tuple[Rows, list[Promise]]:
    """Twelve notices in two threads as they were promised, and a ledger that keeps them.

    With changes, the node sealed the first one otherwise than it was asked to, and said so.
    """
    author, signer = Author("oracle", threads=2), Signer()
    notices = author.notices(12)
    events = [signer.sign(notice).event for notice in notices]
    events[0] = replace(events[0], **changes)
    rows = [opened(index, seal(event)) for index, event in enumerate(events)]
    promises = []
    for notice, row in zip(notices, rows, strict=True):
        answer = {"subject": notice.subject, "sequence": row.event["sequence"], "digest": row.digest}
        promises.append(Promise(notice, answer, 1))
    return rows, promises


def _renumbered(rows: Rows) -> Rows:
    return [replace(row, index=index) for index, row in enumerate(rows)]


def _swapped(rows: Rows) -> Rows:
    """The first two notices of one thread change places."""
    thread = _thread(rows)
    places = {id(thread[0]): thread[1], id(thread[1]): thread[0]}
    return _renumbered([places.get(id(row), row) for row in rows])


def _altered(rows: Rows) -> Rows:
    return [replace(rows[0], payload=rows[0].payload + b" "), *rows[1:]]


def _signed_by(keyholder: str) -> Fault:
    """The first notice, as it was promised, under the key of another body."""
    return lambda rows: [opened(0, seal_bytes(rows[0].payload, key_of(keyholder))), *rows[1:]]


def _forged(rows: Rows) -> Rows:
    """The first notice with the signature of the second, which is of the same body."""
    mine, other = (row.value[row.value.index(b'"signatures"') :] for row in _thread(rows)[:2])
    return [opened(0, rows[0].value.replace(mine, other)), *rows[1:]]


def _thread(rows: Rows) -> Rows:
    return [row for row in rows if row.event["subject"] == rows[0].event["subject"]]


FAULTS: tuple[tuple[str, Fault], ...] = (
    ("a hole in the ledger", lambda rows: [*rows[:5], *rows[6:]]),
    ("a hole in the ledger", lambda rows: [replace(row, index=row.index + 1) for row in rows]),
    ("promised and lost", lambda rows: _renumbered([*rows[:5], *rows[6:]])),
    ("archived more than once", lambda rows: _renumbered([*rows, rows[3]])),
    ("other bytes than those promised", _altered),
    ("sequence went back|out of order", _swapped),
    ("not signed by its body", _forged),
    ("not signed by its body", _signed_by(COMMISSION_BF)),
)
# What a node could have sealed otherwise than it was asked.
OTHERWISE: dict[str, Any] = {
    "type": "tamani.practice.note.v1",
    "profile": "autre",
    "subject": "agenda/autre",
    "tlp": "RED",
    "audience": OBSERVATORY_NE,
    "lang": "ha",
    "expirytime": "2030-01-01T00:00:00Z",
    "data": {"head": {"title": "Autre"}},
}


@pytest.mark.parametrize(("said", "fault"), FAULTS)
def test_the_oracle_names_each_fault(said: str, fault: Fault) -> None:
    """Lost, doubled, altered, forged, out of order, with a hole: each is seen and called by its name."""
    rows, promises = _world()
    with pytest.raises(AssertionError, match=said):
        check_ledger(fault(rows), promises)


@pytest.mark.parametrize("name", OTHERWISE)
def test_what_was_sealed_otherwise_than_asked_is_seen(name: str) -> None:
    """Signed, archived and promised by its digest, yet not what the client had posted."""
    rows, promises = _world(**{name: OTHERWISE[name]})
    with pytest.raises(AssertionError, match=f"another {name} than was said"):
        check_ledger(rows, promises)


def test_another_number_than_was_answered_is_seen() -> None:
    """The sequence stands in the 202."""
    rows, (first, *others) = _world()
    answered = replace(first, answer={**first.answer, "sequence": 99})
    with pytest.raises(AssertionError, match="another sequence than was said"):
        check_ledger(rows, [answered, *others])


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


def test_mirrors_differ_where_notices_are_for_some() -> None:
    """What the end-to-end tests post is for all, for some and for everybody; each origin is entitled to other parts."""
    signer = Signer()
    rows = [opened(index, signer.sign(one).value) for index, one in enumerate(Author("labels").notices(300))]
    share = {label: sum(row.event["tlp"] == label for row in rows) / len(rows) for label in ("AMBER", "CLEAR")}
    assert 0.25 < share["AMBER"] < 0.45, share
    assert 0.05 < share["CLEAR"] < 0.2, share
    assert {len(row.event["audience"].split()) for row in rows if row.event["tlp"] == "AMBER"} == {1, 2}
    parts = {country: tuple(row.index for row in rows if row.entitled(country)) for country in Country}
    assert len(set(parts.values())) == len(Country)
    assert all(len(rows) // 2 < len(part) < len(rows) for part in parts.values())
    origin = Country.NE
    with pytest.raises(AssertionError, match="differs"):
        check_mirror(
            [(number, row.value) for number, row in enumerate(rows, 1)],
            [row for row in rows if row.entitled(origin)],
            origin,
        )
