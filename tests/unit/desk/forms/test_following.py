"""Forms of what is done on a notice: present values, only what is asked, nothing lost of what no form shows."""

from typing import Any

import pytest

from tamani.core.catalogue import catalogue
from tamani.core.deeds import STEP, VERSION, Deed, deeds
from tamani.core.event import Event
from tamani.core.thread import Entry, fold
from tamani.desk.forms.following import is_whole, lacking, layout_for, said_by
from tamani.desk.forms.layout import layout_of
from tamani.desk.forms.merging import carried, merged
from tamani.desk.forms.prefill import given_of
from tamani.desk.forms.reading import Hand, data_of
from tests.support.notices import COMMISSION_ML, COMMISSION_NE, PROFILES, event
from tests.support.notices import data_of as valid
from tests.support.transitions import lifecycles

TZ = "Africa/Niamey"
HAND = Hand(COMMISSION_ML, TZ)
NOTICES = [(kind, profile) for kind, profile in PROFILES if not catalogue()[kind].joins and catalogue()[kind].archived]


def paths(kind: Deed, notice: Event) -> list[str]:
    return [one.path for one in layout_for(kind, notice).first]


def meeting(**data: Any) -> Event:
    return event("agenda.meeting", full=True, data=valid("agenda.meeting", full=True) | data)


def version(word: str, notice: Event) -> Deed:
    return Deed(VERSION, notice.kind, notice.profile, word)


@pytest.mark.parametrize(("kind", "profile"), NOTICES)
def test_a_form_that_is_sent_as_it_was_shown_changes_nothing(kind: str, profile: str) -> None:
    """What it shows comes back, and what it does not show stays: references, documents, digests."""
    notice = event(kind, full=True, profile=profile)
    state = catalogue()[kind].status_of(notice) or ""
    deed = Deed(VERSION, kind, profile, state if catalogue()[kind].lifecycle_of(profile).versions else "")
    layout = layout_for(deed, notice)
    said = data_of(layout, given_of(layout, notice.data, TZ), HAND)
    made = said_by(deed, notice, layout, said, {})
    assert made == notice.data


@pytest.mark.parametrize(("kind", "profile"), NOTICES)
def test_every_deed_of_every_type_has_a_form(kind: str, profile: str) -> None:
    """Small at first; a cancellation asks for the reason alone; whoever joins the thread is asked for no title."""
    notice = event(kind, full=True, profile=profile, audience=COMMISSION_NE)
    state = fold([Entry(1, notice)])
    for body in (COMMISSION_ML, COMMISSION_NE):
        for deed in deeds(state, notice, body):
            layout = layout_for(deed, notice)
            assert len(layout.first) <= 8, deed
            if deed.what == VERSION and deed.word in catalogue()[kind].lifecycle_of(profile).cancelled.split():
                # What may say nothing of a case gives no reason either.
                reason = [] if profile == "mise-en-relation" else ["head.reason"]
                assert [one.path for one in layout.asked] == reason, deed
            if deed.kind != kind:
                assert not [one.path for one in layout.asked if one.path.startswith("head.")], deed


def test_a_postponement_asks_for_hours_place_and_reason() -> None:
    notice = meeting(status="confirmed")
    assert paths(version("postponed", notice), notice) == ["start", "end", "place", "head.reason"]
    assert paths(version("cancelled", notice), notice) == ["head.reason"]
    assert paths(version("held", notice), notice) == ["head.reason"]
    assert not is_whole(version("postponed", notice), notice)
    assert is_whole(version("confirmed", notice), notice)
    assert "status" not in [one.path for one in layout_for(version("confirmed", notice), notice).asked]


def test_a_postponement_keeps_all_but_its_hours() -> None:
    notice = meeting(status="confirmed")
    deed = version("postponed", notice)
    layout = layout_for(deed, notice)
    given = given_of(layout, notice.data, TZ)
    assert given["d.start"] == ["2026-04-14T10:00"], "by the clock of the notice"
    said = data_of(
        layout, given | {"d.start": ["2026-04-21T10:00"], "d.end": ["2026-04-21T13:00"], "d.place": []}, HAND
    )
    made = said_by(deed, notice, layout, said | {"head": {"reason": "Deuil national"}}, {})
    kept = {
        name: value for name, value in notice.data.items() if name not in {"head", "start", "end", "place", "status"}
    }
    assert made == kept | {
        "head": notice.data["head"] | {"reason": "Deuil national"},
        "start": "2026-04-21T09:00:00Z",
        "end": "2026-04-21T12:00:00Z",
        "status": "postponed",
    }


def test_the_reason_of_the_last_change_is_not_that_of_the_next() -> None:
    notice = meeting(status="confirmed")
    deed = version("confirmed", notice)
    layout = layout_for(deed, notice)
    assert "reason" not in said_by(deed, notice, layout, data_of(layout, given_of(layout, {}, TZ), HAND), {})["head"]


def test_words_that_change_leave_their_translations_behind() -> None:
    notice = meeting(status="confirmed")
    deed = version("confirmed", notice)
    layout = layout_for(deed, notice)
    given = given_of(layout, notice.data, TZ)
    same = said_by(deed, notice, layout, data_of(layout, given, HAND), {})
    other = said_by(deed, notice, layout, data_of(layout, given | {"d.head.title": ["Autre titre"]}, HAND), {})
    assert "translations" in same["head"]
    assert "translations" not in other["head"]


def test_a_step_moves_one_country_with_its_proof() -> None:
    steps = [{"country": "ml", "stage": "depose", "evidence": "Dépôt 4"}, {"country": "bf", "stage": "etude"}]
    notice = event("law.item", data=valid("law.item") | {"steps": steps})
    deed = Deed(STEP, "law.item", "dossier", "ml")
    layout = layout_for(deed, notice)
    stage, since, evidence = layout.first
    assert stage.choices[0] == "commission"
    assert (since.required, evidence.required, layout.more) == (True, True, ())
    said = {"head": {}, "stage": "commission", "since": "2026-05-04", "evidence": "PV 7"}
    made = said_by(deed, notice, layout, said, {})
    assert made["steps"] == [
        {"country": "ml", "stage": "commission", "since": "2026-05-04", "evidence": "PV 7"},
        steps[1],
    ]
    assert [fault.at for fault in lacking(layout, {"stage": "commission"})] == ["since", "evidence"]


def test_another_date_asks_for_the_date_and_a_word_for_nothing() -> None:
    notice = meeting()
    for word, asked in (("other-date", ["proposed", "note"]), ("will-attend", ["note"])):
        deed = Deed("ack", "ack", "participation", word)
        assert paths(deed, notice) == asked
        made = said_by(deed, notice, layout_for(deed, notice), {"head": {}, "note": "Oui"}, {"title": "Réponse"})
        assert made == {"head": {"title": "Réponse"}, "note": "Oui", "level": word}
    (fault,) = lacking(layout_for(Deed("ack", "ack", "participation", "other-date"), notice), {})
    assert (fault.at, fault.fr) == ("proposed", "Champ obligatoire.")


def test_a_translation_is_into_a_language_of_the_list() -> None:
    notice = meeting()
    into = layout_for(Deed("translation", "translation", "traduction"), notice).first[0]
    assert (into.path, into.kind) == ("into", "one")
    assert {"fr", "en", "ha"} <= set(into.choices)


def test_rows_keep_what_their_lines_do_not_show_wherever_they_go() -> None:
    """A point that moves keeps its documents; one that is renamed keeps them by its place; a new one has none."""
    layout = layout_of("agenda.meeting", "conjointe")
    old = [
        {"rank": 1, "title": "A", "kind": "divers", "documents": ["ab" * 32]},
        {"rank": 2, "title": "B", "kind": "divers"},
    ]

    def after(*titles: str) -> list[tuple[str, bool]]:
        rows = [{"rank": n, "title": title, "kind": "divers"} for n, title in enumerate(titles, 1)]
        made = merged(layout, {"head": {}, "points": old}, {"head": {}, "points": rows})
        return [(row["title"], "documents" in row) for row in made["points"]]

    assert after("B", "A") == [("B", False), ("A", True)]
    assert after("A bis", "B", "C") == [("A bis", True), ("B", False), ("C", False)]
    assert after("B", "C") == [("B", False), ("C", False)]
    assert "points" not in merged(layout, {"head": {}, "points": old}, {"head": {}})


def test_what_was_typed_stays_and_what_was_not_follows() -> None:
    """Somebody moved the hour while another one wrote the place: both hold."""
    layout = layout_of("agenda.meeting", "conjointe")
    opened = {
        "d.start": ["2026-04-14T09:00"],
        "d.place": ["Salle 1"],
        "d.points.0.title": ["A"],
        "d.head.summary": ["x\ny"],
    }
    now = opened | {"d.start": ["2026-04-21T09:00"], "d.points.0.title": ["A bis"], "d.points.1.title": ["B"]}
    typed = opened | {"d.place": ["Salle 2"], "d.head.summary": ["x\r\ny"], "d.quorum": [""], "id": ["7"]}
    assert carried(layout, typed, opened, now) == now | {"d.place": ["Salle 2"], "id": ["7"]}
    ours = typed | {"d.points.0.title": ["A ter"]}
    assert carried(layout, ours, opened, now)["d.points.0.title"] == ["A ter"]
    assert "d.points.1.title" not in carried(layout, ours, opened, now), (
        "rows are one field: ours stand as we wrote them"
    )


def test_each_lifecycle_was_tried() -> None:
    assert {kind for kind, _, _ in lifecycles()} <= {kind for kind, _ in NOTICES}
