"""Pages that listen to the live stream carry every word that the script puts in."""

from pathlib import Path

import pytest

import tamani.desk.pages

TEMPLATES = Path(tamani.desk.pages.__file__).parent / "templates"
LIVE = sorted(page.name for page in TEMPLATES.glob("*.html") if "data-cursor=" in page.read_text("utf-8"))


@pytest.mark.parametrize("name", LIVE)
def test_a_live_page_says_what_has_become_of_an_erased_notice(name: str) -> None:
    """Without it the reader would see the script's `undefined` in the notice's place."""
    text = (TEMPLATES / name).read_text("utf-8")
    for word in ("data-stream=", "data-updated=", "data-erased="):
        assert word in text or (word == "data-updated=" and name == "notice.html"), word


def test_there_are_some() -> None:
    """The list, a notice, the first page of an officer."""
    assert set(LIVE) == {"list.html", "notice.html", "morning.html"}
