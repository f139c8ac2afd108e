"""Forms from models: every type has one, what is typed becomes its data, what is wrong goes on as it was written."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from tamani.core.catalogue import catalogue
from tamani.core.faults import faults_of
from tamani.desk.forms import layout as layouts
from tamani.desk.forms.inputs import inputs_of
from tamani.desk.forms.layout import MOST_FIRST, Layout, can_be_typed, layout_of, opening
from tamani.desk.forms.reading import Hand, compacted, data_of, instant, place_of, rows_in
from tamani.desk.pages.form_view import FormView, Option
from tamani.desk.pages.labels import Labels
from tests.support.notices import COMMISSION_ML, COMMISSION_NE, registry
from tests.support.notices import data_of as valid
from tests.support.sealed import AT

PROFILES = [
    (kind.name, profile)
    for kind in catalogue().values()
    if kind.archived and not kind.system and not kind.opaque
    for profile in kind.profiles
]
TYPED = [found for found in PROFILES if can_be_typed(*found)]
HAND = Hand(COMMISSION_NE, "Africa/Niamey")
LABELS = Labels("fr", registry(), AT)


def typed(layout: Layout, data: dict[str, Any]) -> dict[str, list[str]]:
    """What a browser would send so that these data come out."""
    given: dict[str, list[str]] = {}
    for one in layout.asked:
        value = _at(data, one.path)
        if one.table:
            for number, row in enumerate(value or []):
                for column in one.columns:
                    given[f"d.{one.path}.{number}.{column.path}"] = _texts(column.kind, _at(row, column.path))
        else:
            given[f"d.{one.path}"] = _texts(one.kind, value)
    return {name: texts for name, texts in given.items() if texts}


def _at(data: Any, path: str) -> Any:
    for step in path.split("."):
        data = data.get(step) if isinstance(data, dict) else None
    return data


def _texts(kind: str, value: Any) -> list[str]:
    if value in (None, "", []):
        return []
    if kind == "instant":
        return [value.removesuffix(":00Z")]
    if kind == "notice":
        return [f"{value['source']}/{value['id']}"]
    if kind == "lines":
        return ["\r\n".join(value)]
    return [str(one) for one in (value if isinstance(value, list) else [value])]


def asked_of(layout: Layout, data: dict[str, Any]) -> dict[str, Any]:
    """Of valid data, what a form asks for: not what is done from a notice's own page."""
    kept: dict[str, Any] = {"head": {}}
    for one in layout.asked:
        value = _at(data, one.path)
        if one.table and value:
            paths = {column.path.partition(".")[0] for column in one.columns}
            value = [{name: part for name, part in row.items() if name in paths} for row in value]
        if value not in (None, "", []):
            *before, last = one.path.split(".")
            part = kept
            for step in before:
                part = part.setdefault(step, {})
            part[last] = value
    return kept


@pytest.mark.parametrize("full", [False, True], ids=["small", "full"])
@pytest.mark.parametrize(("kind", "profile"), TYPED)
def test_what_is_typed_comes_out_as_the_types_data(kind: str, profile: str, full: bool) -> None:
    """Every value that a form asks for can be typed, and is what the model wants."""
    layout = layout_of(kind, profile)
    data = asked_of(layout, valid(kind, full, profile))
    made = data_of(layout, typed(layout, data), Hand(COMMISSION_ML, "Africa/Bamako"))
    assert made == data | {
        path: {"$body": COMMISSION_ML, "$tz": "Africa/Bamako"}[t] for path, t in layout.filled.items()
    }
    if not full:
        catalogue()[kind].model_of(profile).model_validate(made)


@pytest.mark.parametrize(("kind", "profile"), PROFILES)
def test_every_profile_has_a_form_that_begins_small(kind: str, profile: str) -> None:
    """Laid out by hand: at most eight inputs at first, nothing that must be typed behind the fold, groups."""
    for layout in (layout_of(kind, profile), opening(kind, profile)):
        assert 2 <= len(layout.first) <= MOST_FIRST
        asked = (
            one for one in inputs_of(kind, profile).values() if one.kind != "notice" or can_be_typed(kind, profile)
        )
        forced = {one.path for one in asked if one.required}
        said = {path for path, value in layout.suggested.items() if value} | layout.filled.keys()
        assert forced <= {one.path for one in layout.first} | said, "what must be said is seen at first"
        assert all(group.fr and group.en for group in layout.groups)
        paths = [one.path for one in layout.asked]
        assert len(set(paths)) == len(paths)
        assert set(layout.suggested) | set(layout.help), "somebody thought of who fills it in"
        for one in layout.asked:
            assert one.kind not in {"one", "many"} or one.choices, one


@pytest.mark.parametrize(("kind", "profile"), TYPED)
def test_a_first_notice_is_offered_only_states_in_which_it_may_begin(kind: str, profile: str) -> None:
    """One alone is filled in and not asked; what a layout suggests is among them."""
    layout, found = opening(kind, profile), catalogue()[kind]
    starts = found.lifecycle_of(profile).opens.split()
    (status,) = found.status or ("",)
    asked = {one.path: one for one in layout.asked}
    if len(starts) > 1 and status not in layout.filled:
        assert list(asked[status].choices) == starts
        assert layout.suggested.get(status) in {None, "", *starts}
    elif starts:
        assert layout.filled[status] in starts
        assert status not in asked


def test_what_models_check_across_fields_is_seen_at_first_too() -> None:
    """Their rules are not in the schema: an alert names its region, a dialogue its region and its consent."""
    for kind, profile, path in (
        ("monitor.alert", "alerte", "head.areas"),
        ("agenda.record", "dialogue", "head.areas"),
        ("agenda.record", "dialogue", "head.consent_basis"),
    ):
        assert path in {one.path for one in opening(kind, profile).first}


def test_what_takes_the_place_of_what_is_not_asked_is_seen() -> None:
    """The message of a first alert is an alert: the sixth question is asked instead."""
    assert [one.path for one in opening("monitor.alert", "alerte").first][-1] == "advice"
    assert "advice" not in {one.path for one in layout_of("monitor.alert", "alerte").first}


def test_suggestions_are_said_for_the_hand() -> None:
    layout = opening("exchange.request", "question")
    assert Hand(COMMISSION_NE, "Africa/Niamey", date(2026, 4, 14)).suggested(layout).suggested["due"] == "2026-05-05"
    assert HAND.suggested(layout).suggested["due"] == ""
    provision = opening("law.provision", "disposition")
    assert HAND.suggested(provision).suggested["country"] == "ne"
    assert Hand("/rg/cadre", "Africa/Niamey").suggested(provision).suggested["country"] == ""


def test_a_point_is_chosen_with_its_theme_and_one_in_no_list_is_kept() -> None:
    """Two themes have a point of one name."""
    layout = layout_of("law.provision", "disposition")
    view = FormView(layout, LABELS, {"d.topic": ["temoins/autre-point"]})
    (topic,) = [one for one in view.first if one.input.path == "topic"]
    said = {o.value: o.word for o in topic.options}
    assert said["temoins/recours"] != said["renseignement/recours"]
    assert [o.value for o in topic.options if o.chosen] == ["temoins/autre-point"]


def test_a_layout_that_names_a_strange_field_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    strange: tuple[dict[str, Any], ...] = (
        {"first": ["head.titel"]},
        {"not_asked": ["nothing"]},
        {"notices": {"points.x": []}},
        {"help": {"x": {"fr": "a", "en": "b"}}},
    )
    for given in strange:
        monkeypatch.setattr(layouts, "_read", lambda _kind, given=given: given)
        with pytest.raises(ValueError, match="agenda"):
            layout_of.__wrapped__("agenda.meeting", "conjointe")
    monkeypatch.setattr(layouts, "_read", lambda _kind: {"first": [f"head.{n}" for n in range(9)]})
    with pytest.raises(ValueError, match="agenda"):
        layout_of.__wrapped__("agenda.meeting", "conjointe")


def test_hours_are_meant_by_the_forms_clock() -> None:
    assert instant("2026-12-02T10:00", "Africa/Niamey") == "2026-12-02T09:00:00Z"
    assert instant("2026-12-02T10:00", "Africa/Bamako") == "2026-12-02T10:00:00Z"
    assert instant("demain", "Africa/Niamey") == "demain", "the model says what is wrong with it"


def test_points_are_numbered_by_their_place_and_empty_lines_left_out() -> None:
    given = {"d.points.0.kind": [""], "d.points.0.title": [" "]}
    given |= {"d.points.2.kind": ["audition"], "d.points.2.title": ["Police"], "d.points.2.duration_min": ["30"]}
    given |= {"d.points.5.kind": ["divers"], "d.points.5.title": ["Suites"]}
    made = data_of(layout_of("agenda.meeting", "conjointe"), given, HAND)
    assert made == {
        "head": {},
        "body": COMMISSION_NE,
        "tz": "Africa/Niamey",
        "points": [
            {"kind": "audition", "title": "Police", "duration_min": 30, "rank": 1},
            {"kind": "divers", "title": "Suites", "rank": 2},
        ],
    }
    moved = compacted(layout_of("agenda.meeting", "conjointe"), given)
    assert moved["d.points.0.title"] == ["Police"]
    assert moved["d.points.1.title"] == ["Suites"]
    assert "d.points.2.title" not in moved
    assert data_of(layout_of("agenda.meeting", "conjointe"), moved, HAND) == made


def test_what_a_row_says_by_itself_is_no_row() -> None:
    """A new point is an examination of a text until somebody says otherwise; alone, that is an empty line."""
    layout = layout_of("agenda.meeting", "conjointe")
    given: dict[str, list[str]]
    given = {"d.points.0.kind": ["examen-texte"], "d.points.1.kind": ["examen-texte"], "d.points.1.title": ["Police"]}
    given |= {"d.points.2.kind": ["divers"]}
    made = data_of(layout, given, HAND)["points"]
    assert made == [{"kind": "examen-texte", "title": "Police", "rank": 1}, {"kind": "divers", "rank": 2}]
    (points,) = [one for one in FormView(layout, LABELS, compacted(layout, given)).first if one.input.kind == "rows"]
    kinds = [next(o.value for o in row[1].options if o.chosen) for row in points.rows]
    assert kinds == ["examen-texte", "divers"]


BILL = f"{COMMISSION_NE}/0190b0a0-0000-7000-8000-000000000001"


def test_another_notice_is_chosen_from_a_list() -> None:
    """From those offered; one that is named already stays, under its body's name, if it cannot be offered."""
    layout = layout_of("agenda.meeting", "conjointe")
    (table,) = [one for one in layout.first if one.kind == "rows"]
    offered = {table.columns[4].types: (Option(BILL, "Avant-projet", False, "Texte de loi"),)}
    other = BILL.replace("1", "2")
    given: dict[str, list[str]] = {"d.points.0.title": ["A"], "d.points.0.about": [BILL]}
    given |= {"d.points.1.title": ["B"], "d.points.1.about": [other]}
    view = FormView(layout, LABELS, given, notices=offered, spare=1)
    (points,) = [one for one in view.first if one.input.kind == "rows"]
    first, second, third = ([(o.value, o.word, o.chosen) for o in row[3].options] for row in points.rows)
    assert first == [(BILL, "Avant-projet", True)]
    assert second == [(other, LABELS.body(COMMISSION_NE), True), (BILL, "Avant-projet", False)]
    assert third == [(BILL, "Avant-projet", False)]
    source, _, id_ = BILL.rpartition("/")
    assert data_of(layout, given, HAND)["points"][0]["about"] == {"source": source, "id": id_}
    assert points.beside(points.rows[0])[1].said
    assert not points.beside(points.rows[2])[1].said, "its fold stays closed"


def test_what_names_no_notice_is_said_beside_it() -> None:
    layout = opening("agenda.item", "divers")
    given = {"d.head.title": ["Un point"], "d.meeting": ["la prochaine"]}
    with pytest.raises(ValidationError) as wrong:
        catalogue()["agenda.item"].model.model_validate(data_of(layout, given, HAND))
    view = FormView(layout, LABELS, given, faults_of(wrong.value, catalogue()["agenda.item"].model))
    (meeting,) = [one for one in view.first if one.input.kind == "notice"]
    assert meeting.error.count("Valeur ou format non admis.") == 2
    assert view.elsewhere == []


def test_a_form_shows_as_many_lines_as_it_needs() -> None:
    points = inputs_of("agenda.meeting", "conjointe")["points"]
    assert rows_in(points, {}, 6) == 6
    assert rows_in(points, {"d.points.8.title": ["x"], "d.points.x.title": ["y"]}, 6) == 9


@pytest.mark.parametrize(
    ("text", "value"), [("12", 12), ("12,5", 12.5), ("1 200", 1200), ("douze", "douze"), ("1e400", "1e400")]
)
def test_numbers_are_read_as_people_here_write_them(text: str, value: object) -> None:
    made = data_of(layout_of("roadmap.progress", "officiel"), {"d.percent": [text]}, HAND)
    assert made.get("percent") == value


def test_each_fault_stands_beside_its_input() -> None:
    """In words; what has no input of its own stands above the form."""
    layout = layout_of("agenda.meeting", "conjointe")
    given = {"d.start": ["2026-12-02T10:00"], "d.end": ["2026-12-01T10:00"], "d.points.3.title": ["Police"]}
    given = compacted(layout, given)
    with pytest.raises(ValidationError) as wrong:
        catalogue()["agenda.meeting"].model.model_validate(data_of(layout, given, HAND))
    view = FormView(layout, LABELS, given, faults_of(wrong.value, catalogue()["agenda.meeting"].model))
    shown = {one.input.path: one for one in [*view.first, *view.more]}
    assert shown["head.title"].error == "Champ obligatoire."
    assert shown["status"].error == "Champ obligatoire."
    (row, *_rest) = shown["points"].rows
    assert [cell.error for cell in row if cell.input.path == "kind"] == ["Champ obligatoire."]
    assert [cell.text for cell in row if cell.input.path == "title"] == ["Police"]
    assert (view.open, view.elsewhere) == (True, []), "the state is behind the fold"


def test_the_rest_of_the_form_opens_when_something_is_there() -> None:
    layout = layout_of("agenda.meeting", "conjointe")
    assert FormView(layout, LABELS, {"d.quorum": ["3"]}).open
    assert FormView(layout, LABELS, {"d.head.areas": ["ml-gao"]}).open
    assert FormView(layout, LABELS, {"d.sought.1.category": ["Formateurs"]}).open
    assert FormView(layout, LABELS, {"d.status": ["tentative"]}).open
    for suggested in ({}, {"d.status": ["confirmed"]}):
        assert not FormView(layout, LABELS, suggested).open


def test_a_new_form_suggests_ones_own_body_and_the_usual_state() -> None:
    report = FormView(HAND.suggested(layout_of("monitor.report", "flash")), LABELS, {})
    shown = {one.input.path: one for one in report.more}
    assert [o.value for o in shown["observatory"].options if o.chosen] == [HAND.body]
    view = FormView(layout_of("agenda.meeting", "conjointe"), LABELS, {})
    meeting = {one.input.path: one for one in [*view.first, *view.more]}
    assert [o.value for o in meeting["status"].options if o.chosen] == ["confirmed"]
    assert meeting["points"].input.most == 60
    assert len(meeting["points"].rows) == 1


@pytest.mark.parametrize(
    "given",
    [
        {"d.percent": ["9" * 5000]},
        {"d.percent": ["-" + "9" * 5000]},
        {"d.percent": ["٣"]},
        {"d.head.gender_marker": ["deux"]},
        {"d.head.gender_marker": ["9" * 5000]},
        {"d.start": ["0001-01-01T00:00"]},
        {"d.start": ["hier"]},
        {f"d.points.{'9' * 5000}.title": ["x"], "d.points.٣.title": ["y"]},
    ],
)
def test_nothing_that_a_browser_can_send_breaks_the_form(given: dict[str, list[str]]) -> None:
    """What reads as no value is left for the model to refuse; no number is so long that reading it fails."""
    for kind, profile in (("roadmap.progress", "officiel"), ("agenda.meeting", "conjointe")):
        layout = layout_of(kind, profile)
        moved = compacted(layout, given)
        with pytest.raises(ValidationError):
            catalogue()[kind].model_of(profile).model_validate(data_of(layout, moved, HAND))
        assert "points" not in data_of(layout, moved, HAND)


@pytest.mark.parametrize(
    ("number", "place"),
    [
        ("1", "art_1"),
        ("Article 12 bis", "art_12-bis"),
        ("art. 7", "art_7"),
        ("1er", "art_1er"),
        ("Préambule", "art_preambule"),
        ("Artisanat", "art_artisanat"),
        ("§", ""),
    ],
)
def test_an_articles_place_follows_from_its_number(number: str, place: str) -> None:
    assert place_of(number) == place


@pytest.mark.parametrize("profile", ["projet", "en-vigueur", "amendement"])
def test_a_place_that_was_typed_stays(profile: str) -> None:
    """Only the empty ones are filled in; a row without a number has none."""
    rows = [{"number": "1", "text": "Un."}, {"number": "2", "text": "Deux.", "eid": "sec_2"}, {"text": "Trois."}]
    given = {f"d.articles.{n}.{name}": [text] for n, row in enumerate(rows) for name, text in row.items()}
    made = data_of(layout_of("law.text", profile), given, HAND)["articles"]
    assert [row.get("eid") for row in made] == ["art_1", "sec_2", None]
