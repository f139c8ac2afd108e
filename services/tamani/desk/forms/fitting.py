"""A form that was put aside, opened under today's form: what still fits, and what has no place in it any more.

Types grow and code lists change while a draft waits. Nothing of it is dropped in silence.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from tamani.desk.forms.inputs import Input
from tamani.desk.forms.layout import Layout
from tamani.desk.forms.reading import PREFIX

_ROW = re.compile(r"[0-9]{1,3}")


@dataclass(frozen=True, slots=True)
class Left:
    """What no longer fits: where it stood, and what it said."""

    path: str
    text: str


def fitting(
    layout: Layout, given: Mapping[str, list[str]], bodies: Collection[str]
) -> tuple[dict[str, list[str]], list[Left]]:
    """The values that today's form can show, and the others. What is not of the notice's data is kept as it is."""
    kept: dict[str, list[str]] = {}
    left: list[Left] = []
    for name, values in given.items():
        if not name.startswith(PREFIX):
            kept[name] = values
            continue
        path = name.removeprefix(PREFIX)
        found = _input_at(layout, path)
        good = [value for value in values if found is not None and _fits(found, value, bodies)]
        left += [Left(path, value) for value in values if value.strip() and value not in good]
        if good:
            kept[name] = good
    return kept, left


def everything(given: Mapping[str, list[str]]) -> list[Left]:
    """All that was typed, for a form that no longer exists."""
    return [Left(name.removeprefix(PREFIX), value) for name, value in _typed(given) if value.strip()]


def _typed(given: Mapping[str, list[str]]) -> Iterator[tuple[str, str]]:
    return ((name, value) for name, values in given.items() if name.startswith(PREFIX) for value in values)


def _input_at(layout: Layout, path: str) -> Input | None:
    """The input of this path; of a table, its column."""
    for one in layout.asked:
        if one.path == path and not one.table:
            return one
        if one.table and path.startswith(one.path + "."):
            row, _, column = path[len(one.path) + 1 :].partition(".")
            if _ROW.fullmatch(row):
                return next((found for found in one.columns if found.path == column), None)
    return None


def _fits(one: Input, value: str, bodies: Collection[str]) -> bool:
    if one.kind in {"body", "bodies"}:
        return value in bodies
    if one.kind == "notice":
        return "/" in value
    return value in one.choices if one.kind in {"one", "many"} else True
