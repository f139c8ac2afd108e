"""Data that a schema allows, drawn by hypothesis: the fullest notice with some of its values replaced by others."""

from copy import deepcopy
from functools import cache
from typing import Any

from hypothesis import strategies as st

Json = dict[str, Any]
_TEXT = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\u2028\u2029")
_DAYS = st.dates().map(lambda day: day.isoformat())
_INSTANTS = st.datetimes().map(lambda when: when.isoformat(timespec="seconds") + "Z")


def plain(schema: Json, defs: Json) -> Json:
    """The schema behind a reference, without the `null` of an optional member."""
    if "anyOf" in schema:
        schema = next(one for one in schema["anyOf"] if one.get("type") != "null")
    return plain(defs[schema["$ref"].rpartition("/")[2]], defs) if "$ref" in schema else schema


def leaves(schema: Json, defs: Json, value: Any, path: tuple[Any, ...] = ()) -> list[tuple[tuple[Any, ...], Json]]:
    """Where single values stand, and what each may be."""
    found = plain(schema, defs)
    if isinstance(value, dict):
        parts = [(name, found["properties"][name], inner) for name, inner in value.items()]
    elif isinstance(value, list):
        parts = [(number, found["items"], inner) for number, inner in enumerate(value)]
    else:
        return [(path, found)]
    return [leaf for key, inner, held in parts for leaf in leaves(inner, defs, held, (*path, key))]


def values(schema: Json) -> st.SearchStrategy[Any]:
    """Any single value of a schema."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "const" in schema:
        return st.just(schema["const"])
    match schema["type"]:
        case "integer":
            return st.integers(schema.get("minimum", -(2**40)), schema.get("maximum", 2**40))
        case "number":
            return st.floats(allow_nan=False, allow_infinity=False)
        case "boolean":
            return st.booleans()
    return _strings(schema.get("pattern"), schema.get("minLength", 0), schema.get("maxLength", 60))


@cache
def _strings(pattern: str | None, least: int, most: int) -> st.SearchStrategy[str]:
    if pattern is None:
        return st.text(_TEXT, min_size=least, max_size=min(most, 60))
    if pattern.endswith("T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"):
        return _INSTANTS
    if pattern.endswith("(0[1-9]|[12][0-9]|3[01])$"):
        return _DAYS
    if pattern.startswith("^[^"):  # one line of text
        return st.text(_TEXT, min_size=max(least, 1), max_size=min(most, 60)).filter(str.strip)
    # `$` of a JSON Schema is the very end; Python's would let a line break pass.
    return st.from_regex(pattern.removesuffix("$") + r"\Z").filter(lambda text: least <= len(text) <= most)


@st.composite
def changed(draw: st.DrawFn, schema: Json, good: Json, most: int = 4) -> Json:
    """Good data with up to `most` values replaced by others that the schema allows, and some optional members gone."""
    defs = schema.get("$defs", {})
    whole = deepcopy(good)
    places = leaves(schema, defs, good)
    for path, found in draw(st.lists(st.sampled_from(places), max_size=most, unique_by=str)):
        _put(whole, path, draw(values(found)))
    optional = sorted(set(whole) - set(schema.get("required", ())))
    for name in draw(st.lists(st.sampled_from(optional), max_size=2, unique=True)) if optional else ():
        del whole[name]
    return whole


def _put(whole: Json, path: tuple[Any, ...], value: object) -> None:
    place: Any = whole
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
