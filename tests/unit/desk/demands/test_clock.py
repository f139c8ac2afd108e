"""The clock of demands: whole days in UTC, late before soon, each reminder in its time."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from tamani.desk.demands.asking import Settled, demands_of, over, settled_by
from tamani.desk.demands.clock import days_left, stage_of, urgency
from tests.support.notices import COMMISSION_BF, COMMISSION_ML, COMMISSION_NE, data_of, event

NOW = datetime(2026, 4, 10, 22, 59, tzinfo=UTC)
TODAY = date(2026, 4, 10)


@pytest.mark.parametrize(
    ("due", "left"), [(date(2026, 4, 13), 3), (TODAY, 0), (date(2026, 4, 8), -2), (None, None), (date.min, -739715)]
)
def test_days_are_counted_to_the_last_day_itself(due: date | None, left: int | None) -> None:
    assert days_left(due, NOW) == left


def test_a_day_ends_with_the_day_of_bamako_wherever_one_reads() -> None:
    """At 23:59 in Niamey it is 22:59 in Bamako; half past midnight in Niamey is still the day before."""
    niamey = timezone(timedelta(hours=1))
    assert days_left(TODAY, datetime(2026, 4, 11, 0, 30, tzinfo=niamey)) == 0
    assert days_left(TODAY, datetime(2026, 4, 11, 1, 0, tzinfo=niamey)) == -1


def test_late_longest_first_then_the_soonest_then_what_has_no_day() -> None:
    wanted = [date(2026, 3, 1), date(2026, 4, 9), TODAY, date(2026, 4, 11), date(2027, 1, 1), None]
    shuffled = [wanted[i] for i in (5, 2, 4, 0, 3, 1)]
    assert sorted(shuffled, key=lambda due: urgency(due, NOW)) == wanted


@pytest.mark.parametrize(
    ("left", "stage"),
    [(None, None), (8, None), (7, 7), (2, 7), (1, 1), (0, 1), (-1, -1), (-400, -1)],
)
def test_one_reminder_is_in_its_time(left: int | None, stage: int | None) -> None:
    """The last that has come: who was away for a week is reminded once, not three times."""
    assert stage_of(left) == stage


def asked(**data: Any) -> Any:
    given = {"addressed_to": [COMMISSION_BF, COMMISSION_ML], "due": "2026-05-15"} | data
    return event("exchange.request", COMMISSION_ML, profile="question", data=data_of("exchange.request") | given)


def test_a_request_asks_its_addressees_but_never_who_asks() -> None:
    (found,) = demands_of(asked())
    assert (found.asked, found.due, found.until) == ((COMMISSION_BF,), date(2026, 5, 15), None)
    assert demands_of(asked(addressed_to=[COMMISSION_ML])) == ()
    for status in ("considered", "closed", "withdrawn"):
        assert demands_of(asked(status=status)) == ()


@pytest.mark.parametrize(
    ("reply_by", "due"), [(None, 14), ("2026-04-01", 1), ("2026-04-20", 14)], ids=["start", "reply", "too-late"]
)
def test_a_convocation_asks_whom_it_names_until_its_day(reply_by: str | None, due: int) -> None:
    """Never later than it begins; once begun, it asks nobody."""
    data = data_of("agenda.meeting") | ({"reply_by": reply_by} if reply_by else {})
    audience = f"{COMMISSION_BF} {COMMISSION_ML} {COMMISSION_NE}"
    said = event("agenda.meeting", COMMISSION_ML, data=data, audience=audience)
    (found,) = demands_of(said)
    assert (found.asked, found.due) == ((COMMISSION_BF, COMMISSION_NE), date(2026, 4, due))
    assert not over(said, datetime(2026, 4, 14, 8, 59, tzinfo=UTC))
    assert over(said, datetime(2026, 4, 14, 9, 0, tzinfo=UTC))
    assert demands_of(event("agenda.meeting", data=data | {"status": "held"}, audience=audience)) == ()
    assert demands_of(event("agenda.meeting", data=data)) == (), "who is not named is not asked"


@pytest.mark.parametrize(("word", "settles"), [("answered", True), ("declined", True), ("partial", False)])
def test_an_answer_in_part_settles_nothing(word: str, settles: bool) -> None:
    said = event("exchange.answer", profile="question", data=data_of("exchange.answer") | {"answer": word})
    found = settled_by(said)
    assert (found is not None) is settles
    if found is not None:
        assert (found.owner, found.thread) == (COMMISSION_ML, said.subject)


def decided(*actions: dict[str, Any], status: str = "approved", profile: str = "releve") -> Any:
    data = data_of("agenda.record", profile=profile) | {"status": status}
    data |= {"actions": [{"text": "Agir"} | one for one in actions]} if actions else {}
    return event("agenda.record", COMMISSION_ML, profile=profile, data=data)


def test_minutes_ask_the_body_in_charge_of_each_action() -> None:
    """By its own day; once, by the earlier, where it is said twice; never the body whose minutes they are."""
    bf, ne = {"owner": COMMISSION_BF}, {"owner": COMMISSION_NE}
    rows = (
        bf | {"due": "2026-05-15"},
        bf,
        bf | {"due": "2026-05-01"},
        ne | {"text": "Écrire", "progress": "en-cours"},
        ne | {"progress": "fait"},
        ne | {"progress": "abandonne"},
        {"owner": COMMISSION_ML},
    )
    found = [(one.asked, one.what, one.due) for one in demands_of(decided(*rows))]
    assert found == [((COMMISSION_BF,), "Agir", date(2026, 5, 1)), ((COMMISSION_NE,), "Écrire", None)]
    assert demands_of(decided(*rows, status="published")) == demands_of(decided(*rows))
    assert demands_of(decided(*rows, status="draft")) == (), "what is drafted binds nobody"
    assert demands_of(decided()) == demands_of(decided(profile="compte-rendu")) == ()


@pytest.mark.parametrize(("level", "ends"), [("fait", True), ("abandonne", True), ("en-cours", False)])
def test_what_became_of_an_action_ends_it_or_takes_that_back(level: str, ends: bool) -> None:
    data = data_of("ack", profile="suite") | {"level": level}
    said = event("ack", COMMISSION_BF, profile="suite", data=data)
    assert settled_by(said) == Settled(data["target"]["source"], said.subject, data["action"], ends)
    assert settled_by(event("ack", COMMISSION_BF)) is None
