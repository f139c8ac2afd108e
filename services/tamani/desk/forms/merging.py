"""What a form has said, laid over the notice that it changes: what the form does not ask for stays as it was. Pure."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from tamani.desk.forms.inputs import Input
from tamani.desk.forms.layout import Layout
from tamani.desk.forms.prefill import value_at
from tamani.desk.forms.reading import PREFIX

Given = Mapping[str, Sequence[str]]


def merged(layout: Layout, base: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    """The data of the next version; `said` is what `data_of` made of this form."""
    made = deepcopy(base)
    for one in layout.asked:
        value = value_at(said, one.path)
        if one.table and value:
            value = _with_unseen(one, value_at(base, one.path) or [], value)
        _set(made, one.path.split("."), value)
    return made


def carried(layout: Layout, typed: Given, opened: Given, now: Given) -> dict[str, list[str]]:
    """What a form shows once the notice has changed: what was typed, and where nothing was, what it says now."""
    found: dict[str, list[str]] = {}
    for one in layout.asked:
        parts = [_part(one, given) for given in (typed, opened, now)]
        found |= parts[2] if _written(parts[0]) == _written(parts[1]) else parts[0]
    names = {name for one in layout.asked for given in (typed, opened, now) for name in _part(one, given)}
    return found | {name: list(values) for name, values in typed.items() if name not in names}


def _part(one: Input, given: Given) -> dict[str, list[str]]:
    name = PREFIX + one.path
    return {key: list(values) for key, values in given.items() if key == name or key.startswith(name + ".")}


def _written(part: Given) -> dict[str, list[str]]:
    """Its texts as they are meant: a browser ends lines in its own way, and sends what is empty, too."""
    plain = {name: [text.replace("\r\n", "\n").strip() for text in texts] for name, texts in part.items()}
    return {name: [text for text in texts if text] for name, texts in plain.items() if any(texts)}


def _with_unseen(one: Input, old: Sequence[dict[str, Any]], new: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each row with what its line in the form does not show: of the row that said the same, else of the one there."""
    seen = {column.path.partition(".")[0] for column in one.columns}
    lines = (column.path for column in one.columns if column.required and column.kind == "line")
    by = "sha256" if one.kind == "files" else next(lines, "")
    left = dict(enumerate(old))
    pairs: dict[int, dict[str, Any]] = {}
    for place, row in enumerate(new):
        if (same := next((n for n, other in left.items() if other.get(by) == row.get(by)), None)) is not None:
            pairs[place] = left.pop(same)
    return [
        {name: value for name, value in pairs.get(n, left.get(n, {})).items() if name not in seen} | row
        for n, row in enumerate(new)
    ]


def _set(data: dict[str, Any], steps: list[str], value: Any) -> None:
    """Put a value at a path, or take away what is there."""
    if len(steps) > 1:
        inner = data.setdefault(steps[0], {})
        _set(inner, steps[1:], value)
        if not inner:
            del data[steps[0]]
    elif value in (None, "", []):
        data.pop(steps[0], None)
    else:
        data[steps[0]] = value
