"""Names over time on a page: that of a notice's own day, and in a form only what one can choose today."""

from datetime import UTC, date, datetime

import pytest

from tamani.desk.forms.layout import layout_of
from tamani.desk.imports.cells import CellReader
from tamani.desk.pages.form_view import FormView, Option
from tamani.desk.pages.labels import Labels
from tests.support.notices import COMMISSION_ML, OBSERVATORY_ML, TOWN_ML, TOWN_NE, body_row, registry, registry_document

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PAST = date(2024, 5, 1)
FR, EN = (Labels(lang, registry(), NOW) for lang in ("fr", "en"))
SHEET = layout_of("reference.sheet", "organisme")


def options(view: FormView, path: str) -> dict[str, Option]:
    found = {one.input.path: one for one in (*view.first, *view.more)}
    return {option.value: option for option in found[path].options}


@pytest.mark.parametrize(
    ("labels", "day", "page", "card"),
    [
        (FR, PAST, "Nord (aujourd’hui Yaadga)", "Nord (aujourd’hui Yaadga)"),
        (EN, PAST, "Nord (today Yaadga)", "Nord (today Yaadga)"),
        (FR, None, "Yaadga (avant 2025\u00a0: Nord)", "Yaadga"),
        (EN, None, "Yaadga (before 2025: Nord)", "Yaadga"),
    ],
)
def test_a_region_goes_by_the_name_of_the_day(labels: Labels, day: date | None, page: str, card: str) -> None:
    """On a card, the name that is in use stands alone."""
    assert labels.then("areas", "bf-yaadga", day) == page
    assert labels.area("bf-yaadga", day) == card
    assert labels.then("where", "ne-niamey", day) == labels.area("ne-niamey", day) == "Niamey"
    assert labels.area("bf-unknown", day) == labels.then("areas", "bf-unknown", day) == "bf-unknown"


def test_a_region_that_was_divided_is_told_as_the_whole_of_its_parts() -> None:
    """It may still be one of them; and none of them is what all of it is called today."""
    assert FR.then("areas", "ml-nioro", date(2020, 1, 1)) == FR.area("ml-nioro", date(2020, 1, 1))
    assert FR.area("ml-nioro", date(2020, 1, 1)) == "Nioro (alors dans Kayes)"
    assert EN.area("bf-soum", PAST) == "Soum (then in Sahel)"
    assert FR.area("ml-kayes", date(2020, 1, 1)) == "Kayes"
    assert FR.then("areas", "bf-liptako") == "Liptako (avant 2025\u00a0: Sahel)"


def test_a_form_offers_what_is_in_use_and_keeps_what_is_there() -> None:
    """The parliaments of today; a sheet that names a former one keeps it."""
    fresh = options(FormView(SHEET, FR, {}), "institution")
    assert {"bf-alt", "ml-cnt", "ne-ccr"} <= fresh.keys()
    assert not {"bf-an", "ml-an", "ne-an"} & fresh.keys()
    kept = options(FormView(SHEET, FR, {"d.institution": ["ml-an"]}), "institution")
    assert kept["ml-an"].chosen
    assert "bf-an" not in kept
    areas = options(FormView(layout_of("agenda.meeting", "conjointe"), FR, {}), "head.areas")
    assert areas["bf-soum"].word == "Soum (avant 2025\u00a0: Sahel)"
    assert len(areas) == 45


def test_a_form_of_an_earlier_day_offers_the_terms_of_that_day() -> None:
    then = Labels("fr", registry(), datetime(2021, 1, 1, tzinfo=UTC))
    found = options(FormView(SHEET, then, {}), "institution")
    assert "bf-an" in found
    assert "bf-alt" not in found
    assert then.offers("institution", "not-in-the-list"), "what is in no list is not of our making"
    assert then.offers("status", "draft")


def test_a_body_that_has_ended_is_offered_to_nobody_and_its_name_stays() -> None:
    """Nor one that has not begun; who chose it already keeps it, and its follower is told with it."""
    document = registry_document()
    changed = {
        TOWN_ML: {"valid_to": "2026-03-01T00:00:00Z"},
        TOWN_NE: {"valid_from": "2026-03-03T00:00:00Z"},
        OBSERVATORY_ML: {"predecessor": TOWN_ML, "valid_from": "2026-03-01T00:00:00Z"},
    }
    bodies = [body_row(row["source"], **changed.get(row["source"], {})) for row in document["bodies"]]
    known = registry(bodies=bodies)
    labels = Labels("fr", known, NOW)
    layout = layout_of("exchange.request", "question")
    assert not {TOWN_ML, TOWN_NE} & options(FormView(layout, labels, {}), "addressed_to").keys()
    assert {body.source for body in known.bodies} - {body.source for body in labels.readers} == {TOWN_ML, TOWN_NE}
    kept = options(FormView(layout, labels, {"d.addressed_to": [TOWN_ML, "/ml/nobody"]}), "addressed_to")
    assert kept[TOWN_ML].chosen
    assert kept[TOWN_ML].word == "Commune frontalière (Mali)"
    assert "/ml/nobody" not in kept
    assert labels.follows(OBSERVATORY_ML) == "Observatoire de la paix (avant 2026\u00a0: Commune frontalière (Mali))"
    assert labels.follows(COMMISSION_ML) == labels.body(COMMISSION_ML)


def test_a_template_offers_what_is_in_use_and_reads_what_has_ended() -> None:
    institution = next(one for one in SHEET.asked if one.path == "institution")
    reader = CellReader(registry(), NOW)
    assert "Conseil national de transition (Mali)" in reader.words(institution, "fr")
    assert "Assemblée nationale (Mali)" not in reader.words(institution, "fr")
    assert reader.read(institution, "Assemblée nationale (Mali)").texts == ("ml-an",)
