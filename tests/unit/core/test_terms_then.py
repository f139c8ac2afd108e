"""What a code was called on a day: its name then, with that of today; of a part of what was divided, the whole."""

from datetime import date
from typing import Any

import pytest

from tamani.core.codelists import in_use, terms
from tamani.core.judge import judge
from tamani.core.terms_then import day_of, predecessors, told
from tamani.core.verdict import Forward
from tests.support.notices import data_of, event, registry, seal

BEFORE_BF, AFTER_BF = date(2025, 7, 1), date(2025, 7, 2)
AN, ALT = "Assemblée nationale", "Assemblée législative de transition"


@pytest.mark.parametrize(
    ("name", "code", "day", "then", "today", "before", "within"),
    [
        ("areas", "bf-liptako", BEFORE_BF, "Liptako", None, None, "Sahel"),
        ("areas", "bf-liptako", AFTER_BF, "Liptako", None, "Sahel", None),
        ("areas", "bf-soum", BEFORE_BF, "Soum", None, None, "Sahel"),
        ("areas", "bf-yaadga", date(2020, 1, 1), "Nord", "Yaadga", None, None),
        ("areas", "ml-nioro", date(2023, 3, 12), "Nioro", None, None, "Kayes"),
        ("areas", "ml-nioro", date(2023, 3, 13), "Nioro", None, "Kayes", None),
        ("areas", "ml-kayes", date(2020, 1, 1), "Kayes", None, None, None),
        ("areas", "ml-gao", date(2015, 1, 1), "Gao", None, None, None),
        ("areas", "ne-tillaberi", date(2015, 1, 1), "Tillabéri", None, None, None),
        ("institutions", "bf-an", date(2021, 1, 1), AN, ALT, None, None),
        ("institutions", "bf-alt", date(2021, 1, 1), AN, ALT, None, None),
        ("institutions", "bf-alt", date(2026, 1, 1), ALT, None, AN, None),
        # Between the two there was none: it goes by the name of the one that followed.
        ("institutions", "bf-alt", date(2022, 3, 1), ALT, None, AN, None),
        ("themes", "temoins", date(2015, 1, 1), "Protection des témoins et victimes", None, None, None),
    ],
)  # fmt: skip
def test_a_code_goes_by_the_name_of_its_day(
    name: str, code: str, day: date, then: str, today: str | None, before: str | None, within: str | None
) -> None:
    found = told(name, code, day)
    assert found is not None
    others = (one and one.fr for one in (found.today, found.before, found.within))
    assert (found.term.fr, *others) == (then, today, before, within)


def test_what_is_in_no_list_is_told_by_nobody() -> None:
    assert told("areas", "bf-sahel", BEFORE_BF) is None, "a former region is a name, not a code that one may write"
    assert predecessors("themes", "temoins") == ()


def test_each_former_region_is_followed_by_regions_of_its_country_from_the_next_day_on() -> None:
    """The thirteen of Burkina Faso and the five that Mali divided; each region of today follows one of them at most."""
    areas, formers = terms("areas"), terms("former_areas")
    assert [sum(one.more["country"] == cc for one in formers.values()) for cc in ("bf", "ml", "ne")] == [13, 5, 0]
    assert not set(formers) & set(areas)
    followers = [(one, code) for one in formers.values() for code in one.more["successors"].split()]
    for one, code in followers:
        assert areas[code].more["country"] == one.more["country"]
        ended, begun = date.fromisoformat(one.more["valid_to"]), date.fromisoformat(areas[code].more["valid_from"])
        assert (begun - ended).days == 1, code
    codes = [code for _, code in followers]
    assert len(codes) == len(set(codes))
    assert {code for code in areas if code.startswith("bf-")} <= set(codes)
    larger = {code for code, one in areas.items() if one.more["iso_territory"] == "larger"}
    divided = {one.more["successors"].split()[0] for one in formers.values() if " " in one.more["successors"]}
    assert divided == larger, "the same that ISO still names with their former territory"


@pytest.mark.parametrize(
    ("kind", "profile", "data", "day"),
    [
        ("agenda.record", "releve", {"held_on": "2018-11-14"}, date(2018, 11, 14)),
        ("agenda.meeting", "forum", {"start": "2020-02-11T09:00:00Z"}, date(2020, 2, 11)),
        ("agenda.item", "divers", {}, date(2026, 3, 2)),
    ],
)
def test_a_notice_speaks_of_its_own_day(kind: str, profile: str, data: dict[str, Any], day: date) -> None:
    said = event(kind, profile=profile, data=data_of(kind, profile=profile) | data)
    assert day_of(said) == day


def test_a_term_that_has_ended_is_taken_all_the_same() -> None:
    """What is true of an earlier day stays sayable: the judge knows no clock, forms offer what is in use."""
    assert "bf-an" not in in_use("institutions", date(2026, 3, 2))
    data = data_of("reference.sheet", full=True, profile="organisme") | {"institution": "bf-an"}
    said = event("reference.sheet", profile="organisme", data=data)
    assert isinstance(judge(seal(said), said.country, said.lane, registry()), Forward)
