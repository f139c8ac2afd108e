"""The themes of a text: its own, else that of its file, else those of the bill that it amends. Pure."""

from collections.abc import Iterable, Sequence
from typing import Any

from tamani.desk.laws.gathering import Held


def themes_of(text: Held, items: Iterable[Held], texts: Sequence[Held] = ()) -> tuple[str, ...]:
    """Nothing where none of them says."""
    if own := tuple(text.data["head"].get("themes") or ()):
        return own
    if (file := _named(text.data.get("item"), items)) is not None:
        return (str(file.data["theme"]),)
    bill = _named(text.data.get("bill"), texts)
    return themes_of(bill, items) if bill is not None else ()


def _named(ref: Any, among: Iterable[Held]) -> Held | None:
    """What a reference means, whichever version it names."""
    if not isinstance(ref, dict):
        return None
    return next((one for one in among if (ref.get("source"), ref.get("id")) in one.names), None)
