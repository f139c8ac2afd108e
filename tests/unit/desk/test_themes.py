"""Which themes a notice names by itself."""

from typing import Any

import pytest

from tamani.desk.themes import themes_of
from tests.support.notices import event


@pytest.mark.parametrize(
    ("kind", "change", "named"),
    [
        ("law.item", {"theme": "temoins"}, ("temoins",)),
        ("law.provision", {"topic": "renseignement/un-point"}, ("renseignement",)),
        ("agenda.item", {"law_ref": "temoins"}, ("temoins",)),
        (
            "agenda.meeting",
            {"points": [{"law_ref": "temoins"}, {"law_ref": "renseignement"}, {}]},
            ("renseignement", "temoins"),
        ),
        ("monitor.report", {"findings": [{"theme": "temoins"}, {"theme": None}]}, ("temoins",)),
        ("public.notice", {}, ()),
        # What a later version may hold, which nobody here checks.
        ("public.notice", {"theme": {"code": 1}, "topic": "/", "points": "un", "findings": [3], "law_ref": ["x"]}, ()),
        ("public.notice", {"theme": "x" * 60_000, "topic": "nulle-part/un-point", "law_ref": "d'autres"}, ()),
    ],
)
@pytest.mark.parametrize("head", [(), ("temoins", "police-proximite")])
def test_head_file_point_and_finding(
    kind: str, change: dict[str, Any], named: tuple[str, ...], head: tuple[str, ...]
) -> None:
    """Sorted, each once, together with those of the head; nothing of what is no theme."""
    data = {"head": {"title": "Essai", "themes": list(head)}} | change
    assert themes_of(event(kind, data=data)) == tuple(sorted({*named, *head}))
