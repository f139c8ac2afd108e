"""The themes that a notice names by itself: in its head, as that of its file or point, in its points or findings. Pure.

What a text owes to its file, another notice, is no part of it: that follows where the laws are read (`laws.themes`).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from tamani.core.codelists import terms
from tamani.core.event import Event

# Tables of a notice whose rows name a theme each.
_ROWS = ("points", "findings")


def themes_of(event: Event) -> tuple[str, ...]:
    """Sorted, each once. Fields of a later version may hold anything: what is not in the list is no theme."""
    named = {one for one in _named(event) if isinstance(one, str) and one in terms("themes")}
    return tuple(sorted(named))


def _named(event: Event) -> Iterator[object]:
    themes, topic = event.head.get("themes"), event.data.get("topic")
    yield from themes if isinstance(themes, list | tuple) else ()
    yield from _of(event.data)
    # The point of a comparison is `theme/point`.
    yield topic.partition("/")[0] if isinstance(topic, str) and "/" in topic else None
    for name in _ROWS:
        rows = event.data.get(name)
        for row in rows if isinstance(rows, list | tuple) else ():
            yield from _of(row) if isinstance(row, dict) else ()


def _of(data: Mapping[str, Any]) -> tuple[object, object]:
    return data.get("theme"), data.get("law_ref")
