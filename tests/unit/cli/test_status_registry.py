"""`tamani status` tells the registry's date, and from sixty days before it that it is due."""

from typing import Any

import pytest

from tamani.cli.say import Say
from tamani.cli.status import _show_registry

FACTS: dict[str, Any] = {"registry": 7, "registry_expires": "2027-01-01T00:00:00Z"}


@pytest.mark.parametrize(
    ("lang", "due", "words"),
    [
        ("fr", "", []),
        ("fr", "30", ["à renouveler dans moins de 30 jours"]),
        ("en", "7", ["to be renewed within 7 days"]),
        ("fr", "over", ["le registre est échu : prévenez ses officiers"]),
        ("en", "over", ["the registry is past its date: tell its officers"]),
    ],
)
@pytest.mark.parametrize("of", ["a node", "a site"])
def test_the_reminder_that_is_due_is_told(
    capsys: pytest.CaptureFixture[str], lang: str, due: str, words: list[str], of: str
) -> None:
    facts = FACTS | {"registry_warning": due}
    _show_registry(Say(lang), facts if of == "a node" else {"node": facts, "desk": {}})
    first, *rest = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert first.endswith("7 · 2027-01-01T00:00:00Z")
    assert rest == words


def test_a_service_without_a_registry_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    _show_registry(Say("fr"), {"registry": 0, "registry_expires": None})
    _show_registry(Say("fr"), {})
    assert capsys.readouterr().out == ""
