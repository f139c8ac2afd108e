"""What changed between two versions, in words: per field, whatever the type."""

from dataclasses import replace
from typing import Any

import pytest

from tamani.core.names import Country
from tamani.desk.pages.changed import Changed, Version, changes, changes_in, version_before
from tamani.desk.pages.dates import Dates
from tamani.desk.pages.fields import FieldReader
from tamani.desk.pages.labels import Labels
from tamani.desk.pages.views import Viewer
from tests.component.desk.feeds import FIRST, Feed
from tests.support.agenda import notices_of, story_of
from tests.support.notices import COMMISSION_ML, COMMISSION_NE, MODELS, data_of, event, registry
from tests.support.sealed import AT

READER = FieldReader(Labels("fr", registry(), AT), Dates("fr", Country.ML))


def version(full: bool = True, kind: str = "agenda.meeting", **changed: Any) -> Version:
    made = Version.of(event(kind, full=full))
    return replace(made, data=made.data | changed)


def told(found: list[Changed]) -> dict[str, list[tuple[str, str]]]:
    return {one.label: [(piece.change, piece.text) for piece in one.pieces] for one in found}


@pytest.mark.parametrize(("kind", "profile"), MODELS)
def test_a_version_that_says_the_same_changes_nothing(kind: str, profile: str) -> None:
    one = Version.of(event(kind, full=True, profile=profile))
    assert changes(READER, one, one) == []


@pytest.mark.parametrize(("kind", "profile"), MODELS)
def test_each_field_that_comes_or_goes_is_told(kind: str, profile: str) -> None:
    """From the smallest to the fullest and back: whatever a page shows is in it, once as come and once as gone."""
    small, full = (Version.of(event(kind, full=full, profile=profile)) for full in (False, True))
    come, gone = changes(READER, small, full), changes(READER, full, small)
    assert sorted(one.label for one in come) == sorted(one.label for one in gone)
    assert {piece.change for one in come for piece in one.pieces} <= {"same", "added", "gone"}


def test_hours_are_told_in_words_the_old_beside_the_new() -> None:
    found = told(
        changes(READER, version(), version(start="2026-04-21T09:00:00Z", place="Salle des fêtes", status="postponed"))
    )
    assert found == {
        "État": [("gone", "Confirmée"), ("added", "Reportée")],
        "Début": [
            ("gone", "mar. 14 avr. 2026, 09h00 (Bamako, Ouagadougou) / 10h00 (Niamey)"),
            ("added", "mar. 21 avr. 2026, 09h00 (Bamako, Ouagadougou) / 10h00 (Niamey)"),
        ],
        "Lieu": [("gone", "Salle des commissions"), ("added", "Salle des fêtes")],
    }


def test_of_a_list_each_line_stays_comes_or_goes() -> None:
    points = data_of("agenda.meeting", full=True)["points"]
    more = [*points, {"rank": 3, "kind": "divers", "title": "Calendrier"}]
    (one,) = changes(READER, version(), version(points=more))
    assert one.lines
    assert [piece.change for piece in one.pieces] == ["same", "same", "added"]
    assert one.pieces[-1].text == "3 · Divers · Calendrier"


def test_of_a_long_text_the_words_are_told() -> None:
    before = "La commission se réunit au siège. " * 6
    (one,) = changes(READER, version(objective=before), version(objective=before.replace("au siège", "à la mairie", 1)))
    assert [piece.text for piece in one.pieces if piece.change != "same"] == [
        "au",
        "siège",
        "à",
        "la",
        "mairie",
    ] or any("siège" in piece.text for piece in one.pieces if piece.change == "gone")
    assert not one.lines


def test_who_reads_and_what_it_is_called_are_told_too() -> None:
    head = data_of("agenda.meeting", full=True)["head"]
    named = {"sha256": "ab" * 32, "mime": "application/pdf", "size": 1, "title": "Annexe"}
    changed = {"title": "Autre titre", "translations": [], "attachments": [named]}
    was, now = version(), version(head=head | changed)
    found = told(changes(READER, was, replace(now, tlp="AMBER", audience=(COMMISSION_NE,))))
    assert found["Titre"][-1] == ("added", "Autre titre")
    assert ("added", "TLP:AMBER") in found["Marquage"]
    assert found["Adressé à"] == [("added", "Commission de défense (Niger)")]
    assert all(change == "gone" for change, _ in found["Traductions"])
    assert found["Pièces"][-1] == ("added", "Annexe (abababababab…)")


def test_a_version_is_told_against_the_last_that_stood() -> None:
    """Not against one that had no effect or was taken back; the first has none before it."""
    feed = Feed()

    def say(**data: Any) -> Any:
        said = data_of("agenda.meeting") | data
        return feed.say("agenda.meeting", COMMISSION_ML, subject="agenda/fil", tlp="GREEN", data=said)

    first = say(status="tentative", place="Un")
    say(status="held")
    third = say(status="confirmed", place="Trois")
    target = {"source": COMMISSION_ML, "id": third.id}
    feed.say("withdrawal", COMMISSION_ML, subject="agenda/fil", data=data_of("withdrawal") | {"target": target})
    last = say(status="confirmed", place="Quatre")
    story, notices = story_of(feed, first), notices_of(feed)
    by_id = {one.row.id: one for one in notices}
    before = version_before(story, by_id[last.id])
    assert before is not None
    assert before.row.id == first.id
    assert [version_before(story, one) for one in (by_id[first.id], notices[1], notices[3])] == [None] * 3
    viewer = Viewer(READER.labels, READER.dates, FIRST)
    assert "Lieu" in told(changes_in(viewer, story, by_id[last.id]))
    assert changes_in(viewer, story, by_id[third.id]) == [], "what was taken back is shown no more"
