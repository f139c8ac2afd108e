"""Judging again at ledger time: total, whatever comes; a bug of ours is a held notice."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamani.archive import notice as module
from tamani.archive.notice import Entry, Held, prepare
from tamani.core.log.leaf import Leaf
from tamani.core.log.merkle import leaf_hash
from tamani.core.names import Country
from tamani.core.verdict import Refuse
from tests.support.notices import COMMISSION_ML, SOURCES, Speaker, key_row, registry
from tests.support.region import NOW, record


def test_a_valid_notice_is_ready_to_be_written() -> None:
    """With its leaf, its digest and the feeds it goes to."""
    speaker = Speaker()
    event = speaker.says(tlp="CLEAR")
    found = prepare(record(speaker.seals(id=event.id), event.source, event.subject), registry(), NOW)

    assert isinstance(found.outcome, Entry)
    assert found.outcome.countries == tuple(sorted(Country))
    assert len(found.outcome.env) == len(found.outcome.digest) == 32
    assert found.outcome.leaf == leaf_hash(bytes(Leaf(found.outcome.env, 1, "2026-03-02T10:00:00Z")))


def test_rights_are_those_of_the_instant_of_recording() -> None:
    """A key that counts as compromised from this second on is refused now and was not before."""
    speaker = Speaker()
    lost = {"state": "compromised", "compromised_since": NOW}
    rights = registry(keys=[key_row(s) | (lost if s == COMMISSION_ML else {}) for s in SOURCES])
    one = record(speaker.seals(), speaker.source, "agenda/x")

    after, before = prepare(one, rights, NOW), prepare(one, rights, NOW - timedelta(seconds=1))

    assert isinstance(after.outcome, Refuse)
    assert after.outcome.name == "refused.key.compromised"
    assert isinstance(before.outcome, Entry)


@given(st.binary(max_size=400))
def test_no_bytes_make_it_raise(value: bytes) -> None:
    """Whatever a regional record holds, there is an outcome."""
    assert isinstance(prepare(record(value, COMMISSION_ML, "agenda/x"), registry(), NOW).outcome, Refuse)


def test_a_bug_in_the_judge_holds_the_one_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The code says that it was us; the router's word says whom to answer."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(module, "rejudge", broken)
    found = prepare(record(b"{}", COMMISSION_ML, "agenda/x"), registry(), NOW)

    assert found.outcome == Held("held.internal", "ZeroDivisionError")
    assert found.country is Country.ML
