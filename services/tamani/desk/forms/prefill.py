"""From the data of a notice to what a browser would send for them: the inverse of `reading.data_of`."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from tamani.core.event import parse_time
from tamani.desk.forms.inputs import Input
from tamani.desk.forms.layout import Layout
from tamani.desk.forms.reading import PREFIX


def given_of(layout: Layout, data: dict[str, Any], tz: str) -> dict[str, list[str]]:
    """The values of a form that shows these data, with hours by this clock; what is absent is left out."""
    given: dict[str, list[str]] = {}
    for one in layout.asked:
        value = value_at(data, one.path)
        if one.table:
            for number, row in enumerate(value or ()):
                for column in one.columns:
                    name = f"{PREFIX}{one.path}.{number}.{column.path}"
                    given[name] = _texts(column, value_at(row, column.path), tz)
        else:
            given[PREFIX + one.path] = _texts(one, value, tz)
    return {name: texts for name, texts in given.items() if texts}


def linked(layout: Layout, asked: Mapping[str, str]) -> dict[str, list[str]]:
    """The form that a link of ours opens: filled with what a row of this type is about, and with what is suggested.

    Of the link only the names in `key` count, and only values that the form itself offers.
    """
    offered = {one.path: one.choices for one in layout.asked if one.path in layout.key}
    found = {path: asked[path] for path, choices in offered.items() if asked.get(path) in choices}
    told = {path: value for path, value in layout.suggested.items() if value} | found
    return {PREFIX + path: [value] for path, value in told.items()} if found else {}


def value_at(data: Any, path: str) -> Any:
    """What stands at a path; nothing if a step of it lacks."""
    for step in path.split("."):
        data = data.get(step) if isinstance(data, dict) else None
    return data


def _texts(one: Input, value: Any, tz: str) -> list[str]:
    if value in (None, "", [], False):
        return []
    match one.kind:
        case "instant":
            return [parse_time(str(value)).astimezone(ZoneInfo(tz)).strftime("%Y-%m-%dT%H:%M")]
        case "lines":
            return ["\n".join(map(str, value))]
        case "yes":
            return ["1"]
        case "notice":
            return [f"{value['source']}/{value['id']}"]
    return [str(part) for part in value] if isinstance(value, list) else [str(value)]
