"""What a body may post, under which label, and who will read it: what pages offer is what the judge will take."""

from datetime import UTC, datetime

from tamani.core.rights import may_mark, may_post, will_read
from tests.support.notices import COMMISSION_BF, COMMISSION_ML, NOTICE_KINDS, OBSERVATORY_ML, key_row, registry

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_rights_are_those_of_the_keys_that_count() -> None:
    narrow = key_row(COMMISSION_ML, rights=["agenda.meeting:atelier", "monitor.alert:*"], tlp_max="GREEN")
    late = key_row(COMMISSION_ML, 1, rights=["law.item:*"], not_before="2027-01-01T00:00:00Z")
    gone = key_row(COMMISSION_ML, 2, rights=["law.item:*"], state="suspended")
    known = registry(keys=[narrow, late, gone, key_row(COMMISSION_BF)])
    found = may_post(known, COMMISSION_ML, NOW)
    assert found["agenda.meeting"] == ("atelier",)
    assert set(found) == {"agenda.meeting", "monitor.alert"}
    assert may_mark(known, COMMISSION_ML, NOW) == ("CLEAR", "GREEN")
    assert set(may_post(known, COMMISSION_BF, NOW)) >= set(NOTICE_KINDS)
    assert (may_post(known, OBSERVATORY_ML, NOW), may_mark(known, OBSERVATORY_ML, NOW)) == ({}, ())


def test_the_readers_are_all_named() -> None:
    known = registry()
    assert will_read(known, COMMISSION_ML, "CLEAR", (COMMISSION_BF,)) is None
    assert will_read(known, COMMISSION_ML, "GREEN", ()) == tuple(sorted(body.source for body in known.bodies))
    assert will_read(known, COMMISSION_ML, "AMBER", (COMMISSION_BF,)) == (COMMISSION_BF, COMMISSION_ML)
