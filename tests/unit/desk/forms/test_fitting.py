"""A draft of yesterday under the form of today: what fits stays, what does not is told, nothing is dropped silently."""

from tamani.desk.forms.fitting import Left, everything, fitting
from tamani.desk.forms.layout import layout_of

BODIES = {"/ml/commission-defense"}
GIVEN = {
    "id": ["x"],
    "tlp": ["GREEN"],
    "d.head.title": ["Séance"],
    "d.head.themes": ["temoins", "theme-disparu"],
    "d.status": ["etat-disparu"],
    "d.venue": ["Salle 4", " "],
    "d.body": ["/ml/commission-defense"],
    "d.points.0.title": ["Témoins"],
    "d.points.0.color": ["rouge"],
    "d.points.x.title": ["jamais une ligne"],
    "d.points": ["une table n'est pas une valeur"],
}


def test_what_fits_stays_and_the_rest_is_told() -> None:
    """A field that is gone, a choice that is gone, a column that is gone; what is not data is not looked at."""
    kept, left = fitting(layout_of("agenda.meeting", "ordinaire"), GIVEN, BODIES)
    assert kept["id"] == ["x"]
    assert kept["tlp"] == ["GREEN"]
    assert kept["d.head.title"] == ["Séance"]
    assert kept["d.head.themes"] == ["temoins"]
    assert kept["d.points.0.title"] == ["Témoins"]
    assert "d.status" not in kept
    assert [one for one in left if one.path != "body"] == [
        Left("head.themes", "theme-disparu"),
        Left("status", "etat-disparu"),
        Left("venue", "Salle 4"),
        Left("points.0.color", "rouge"),
        Left("points.x.title", "jamais une ligne"),
        Left("points", "une table n'est pas une valeur"),
    ]


def test_a_body_that_is_no_longer_enrolled_does_not_fit() -> None:
    given = {"d.addressed_to": ["/ml/commission-defense", "/ml/organisme-ferme"]}
    kept, left = fitting(layout_of("exchange.request", "question"), given, BODIES)
    assert kept == {"d.addressed_to": ["/ml/commission-defense"]}
    assert left == [Left("addressed_to", "/ml/organisme-ferme")]


def test_of_a_form_that_is_gone_everything_is_told() -> None:
    assert everything({"id": ["x"], "d.head.title": ["Séance"], "d.place": [" ", "Bamako"]}) == [
        Left("head.title", "Séance"),
        Left("place", "Bamako"),
    ]
