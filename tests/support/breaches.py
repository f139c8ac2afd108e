"""From the schema of a model and good data: every constraint broken, once each. A new type is covered by itself."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
_WRONG = {
    "string": [7, True, ["x"], {}],
    "integer": ["1", True, 1.5, [1]],
    "number": ["1", True, [1]],
    "array": ["x", {}, 7],
    "object": ["x", [], 7],
    "boolean": ["true", 1],
}


@dataclass(frozen=True)
class Breach:
    """Data with one constraint broken: where, which, and the whole data."""

    where: str
    what: str
    data: Json


def breaches(schema: Json, good: Json) -> Iterator[Breach]:
    """Each constraint of the schema that the good data reaches, broken once."""
    for path, what, value in _walk(schema, schema.get("$defs", {}), good, ()):
        yield Breach(".".join(map(str, path)), what, _replaced(good, path, value))


def unreached(schema: Json, good: Json) -> set[str]:
    """The properties of the schema that the good data does not have, so that no breach of them was tried."""
    return set(_missing(schema, schema.get("$defs", {}), good, ""))


Found = Iterator[tuple[tuple[Any, ...], str, Any]]


class _Gone:
    """Stands for a member taken away."""


def _replaced(good: Json, path: tuple[Any, ...], value: object) -> Json:
    whole = deepcopy(good)
    place: Any = whole
    for part in path[:-1]:
        place = place[part]
    if value is _Gone:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return whole


def _plain(schema: Json, defs: Json) -> Json:
    """The schema behind a reference, without the `null` of an optional member."""
    if "anyOf" in schema:
        schema = next(one for one in schema["anyOf"] if one.get("type") != "null")
    return _plain(defs[schema["$ref"].rpartition("/")[2]], defs) if "$ref" in schema else schema


def _walk(schema: Json, defs: Json, value: Any, path: tuple[Any, ...]) -> Found:
    plain = _plain(schema, defs)
    if path:
        for wrong in _WRONG[plain.get("type", "string")]:
            yield path, f"type:{wrong!r}", wrong
    match value:
        case dict():
            yield from _walk_object(plain, defs, value, path)
        case list():
            yield from _walk_array(plain, defs, value, path)
        case str():
            yield from _walk_text(plain, value, path)
        case _:
            yield from _walk_number(plain, path)


def _walk_object(schema: Json, defs: Json, value: Json, path: tuple[Any, ...]) -> Found:
    yield (*path, "surplus"), "surplus", 1
    for name in schema.get("required", ()):
        yield (*path, name), "required", _Gone
        yield (*path, name), "null", None
    for name, inner in schema["properties"].items():
        if name in value:
            yield from _walk(inner, defs, value[name], (*path, name))


def _walk_array(schema: Json, defs: Json, value: list[Any], path: tuple[Any, ...]) -> Found:
    if "maxItems" in schema and value:
        yield path, "maxItems", (value * (schema["maxItems"] + 1))[: schema["maxItems"] + 1]
    if schema.get("minItems"):
        yield path, "minItems", value[: schema["minItems"] - 1]
    for number, item in enumerate(value[:1]):
        yield from _walk(schema["items"], defs, item, (*path, number))


def _walk_text(schema: Json, value: str, path: tuple[Any, ...]) -> Found:
    if "enum" in schema or "const" in schema:
        yield path, "enum", value + "~"
    if "maxLength" in schema:
        yield path, "maxLength", (value + "x" * schema["maxLength"])[: schema["maxLength"] + 1]
    if schema.get("minLength"):
        yield path, "minLength", value[: schema["minLength"] - 1]
    if "pattern" in schema:
        yield path, "pattern", value + "\n"
        yield path, "pattern", "\t"


def _walk_number(schema: Json, path: tuple[Any, ...]) -> Found:
    if "minimum" in schema:
        yield path, "minimum", schema["minimum"] - 1
    if "maximum" in schema:
        yield path, "maximum", schema["maximum"] + 1


def _missing(schema: Json, defs: Json, value: Any, where: str) -> Iterator[str]:
    plain = _plain(schema, defs)
    if isinstance(value, list):
        for item in value[:1]:
            yield from _missing(plain["items"], defs, item, where + "[]")
    elif isinstance(value, dict):
        for name, inner in plain["properties"].items():
            if name in value:
                yield from _missing(inner, defs, value[name], f"{where}.{name}")
            else:
                yield f"{where}.{name}"
