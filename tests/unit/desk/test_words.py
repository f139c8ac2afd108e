"""Small makers of words and bytes: events of the stream, dates, texts, ways back."""

from datetime import UTC, datetime, timedelta

import pytest

from tamani.core.names import Country
from tamani.desk.pages.dates import Dates
from tamani.desk.pages.page import local_path
from tamani.desk.pages.text import to_html
from tamani.desk.stream import event

WHEN = datetime(2026, 12, 2, 9, 0, tzinfo=UTC)


def test_a_line_break_in_the_data_breaks_no_event() -> None:
    """Each line of the data has its own field; a lone carriage return is a line break, too."""
    made = event("record", b'{"a":\r"b",\n"c":1}', "1.2")
    assert made == b'event: record\nid: 1.2\ndata: {"a":\ndata: "b",\ndata: "c":1}\n\n'


def test_the_sites_own_hour_comes_first() -> None:
    """In Niamey one reads Niamey's hour first."""
    assert Dates("fr", Country.ML).both(WHEN) == "mer. 2 déc. 2026, 09h00 (Bamako, Ouagadougou) / 10h00 (Niamey)"
    assert Dates("fr", Country.NE).both(WHEN) == "mer. 2 déc. 2026, 10h00 (Niamey) / 09h00 (Bamako, Ouagadougou)"
    assert Dates("en", Country.BF).both(WHEN) == "Wed 2 Dec 2026, 09:00 (Bamako, Ouagadougou) / 10:00 (Niamey)"


@pytest.mark.parametrize(
    ("text", "french", "english"),
    [
        ("2026-T4", "4e trimestre 2026", "Q4 2026"),
        ("2026-S1", "1er semestre 2026", "H1 2026"),
        ("2026-11", "novembre 2026", "November 2026"),
        ("2026", "2026", "2026"),
    ],
)
def test_periods_in_words(text: str, french: str, english: str) -> None:
    """Quarters, halves, months and years."""
    assert (Dates("fr").period(text), Dates("en").period(text)) == (french, english)


@pytest.mark.parametrize("text", ["2026-13-01", "hier", "2026-12-02T25:00:00Z", "2026-12-02 09:00:00Z", ""])
def test_what_is_no_date_stays_a_text(text: str) -> None:
    """Nothing is guessed."""
    assert Dates("fr").written(text) is None


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(1, (1, "minute")), (119, (119, "minute")), (120, (2, "hour")), (2879, (47, "hour")), (2880, (2, "day"))],
)
def test_how_long_is_said_in_the_largest_unit(minutes: int, said: tuple[int, str]) -> None:
    """So that it is never one of something, which the sentences need not say."""
    assert Dates("fr").how_long(timedelta(minutes=minutes)) == said


def test_a_body_is_text_with_a_little_form() -> None:
    """Paragraphs, lists and emphasis; HTML, links and images stay as they were written."""
    made = to_html("Un *mot*.\n\n- un\n- deux\n\n<b>x</b> [a](http://x) ![i](y)")
    assert "<em>mot</em>" in made
    assert made.count("<li>") == 2
    assert "<b>" not in made
    assert "<a " not in made
    assert "<img" not in made


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ("/avis/ml/x/1?a=b", "/avis/ml/x/1?a=b"),
        ("//x.test", "/"),
        ("https://x.test", "/"),
        ("/\\x.test", "/"),
        ("", "/"),
        (None, "/"),
        ("/a\r\nb", "/a%0D%0Ab"),
        ('/"><script>', "/%22%3E%3Cscript%3E"),
    ],
)
def test_the_way_back_stays_here(asked: str | None, path: str) -> None:
    """A path of this site, with nothing in it that could mean something else."""
    assert local_path(asked) == path
