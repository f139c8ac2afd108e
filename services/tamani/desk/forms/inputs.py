"""The inputs that a type's model asks for, read from its JSON Schema: the place that knows what fits which value.

A path names a value in the data (`head.title`); an input of kind `rows` has columns, whose paths are within a row.
A notice that another names (`notice`) is chosen from a list, never typed: a layout says from which types.
"""

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from tamani.core.catalogue import catalogue, words
from tamani.core.catalogue.head import Day, IdRef, Instant, Lang, SourceRef
from tamani.core.codelists import terms

# Longer texts get a box of several lines.
ONE_LINE = 240
# What names a notice (`NoticeRef`).
NAME = {"source", "id"}
LONGEST_SCALE = 10


@dataclass(frozen=True, slots=True)
class Input:
    """One value to ask for.

    `kind`: line, text, lines, number, yes, day, instant, body, bodies, one, many, notice, rows or files. `types` are
    those of the notices that may be named; `usual` is what a row says by itself, and what alone is no row.
    """

    path: str
    fr: str
    en: str
    kind: str
    required: bool = False
    choices: tuple[str, ...] = ()
    longest: int | None = None
    least: int | None = None
    most: int | None = None
    columns: tuple["Input", ...] = ()
    types: tuple[str, ...] = ()
    usual: str = ""

    @property
    def table(self) -> bool:
        """Whether it holds rows: of columns that are typed, or of files that were brought."""
        return self.kind in {"rows", "files"}

    @property
    def name(self) -> str:
        """The last step of the path: what code lists go by."""
        return self.path.rpartition(".")[2]


@cache
def inputs_of(kind: str, profile: str) -> dict[str, Input]:
    """The inputs of a profile by path, in the order of its model; values that no form can ask for are left out."""
    schema = catalogue()[kind].model_of(profile).model_json_schema()
    return {one.path: one for one in _walk(schema, schema.get("$defs", {}), "")}


def _walk(schema: dict[str, Any], defs: dict[str, Any], before: str) -> list[Input]:
    required = schema.get("required", [])
    found: list[Input] = []
    for name, told in schema.get("properties", {}).items():
        shape = _resolved(told, defs)
        path = f"{before}{name}"
        if shape.get("properties", {}).keys() == NAME:
            found.append(_named(path, told, required=name in required))
        elif shape.get("type") == "object":
            found += _group(shape, defs, f"{path}.", required=name in required)
        elif (one := _input(path, told, shape, defs)) is not None:
            found.append(replace(one, required=name in required))
    return found


def _named(path: str, told: dict[str, Any], *, required: bool) -> Input:
    """Another notice."""
    french = str(told.get("title", path))
    return Input(path, french, str(told.get("description", french)), "notice", required)


def _group(shape: dict[str, Any], defs: dict[str, Any], before: str, *, required: bool) -> list[Input]:
    """The inputs of a part; none where it names another notice, and none that an optional part would force."""
    if any(_kind(_resolved(one, defs)) == "" for one in shape.get("properties", {}).values()):
        return []
    return [one if required else replace(one, required=False) for one in _walk(shape, defs, before)]


def _input(path: str, told: dict[str, Any], shape: dict[str, Any], defs: dict[str, Any]) -> Input | None:
    french = str(told.get("title", path))
    one = Input(path, french, str(told.get("description", french)), "line")
    if shape.get("type") == "array":
        return _several(one, shape, defs)
    kind = _kind(shape)
    if not kind:
        return None
    if kind == "number" and (scale := _scale(one.name, shape)):
        return replace(one, kind="one", choices=scale)
    if kind == "lang":
        return replace(one, kind="one", choices=_choices(shape))
    limits = shape.get("maxLength"), shape.get("minimum"), shape.get("maximum")
    return replace(one, kind=kind, choices=_choices(shape), longest=limits[0], least=limits[1], most=limits[2])


def _several(one: Input, shape: dict[str, Any], defs: dict[str, Any]) -> Input | None:
    item = _resolved(shape.get("items", {}), defs)
    if item.get("type") == "object":
        return replace(one, kind="rows", columns=tuple(_walk(item, defs, "")), most=shape.get("maxItems"))
    plural = {"one": "many", "lang": "many", "line": "lines", "text": "lines", "body": "bodies"}.get(_kind(item) or "")
    return replace(one, kind=plural, choices=_choices(item)) if plural else None


def _kind(shape: dict[str, Any]) -> str | None:
    """The kind of input; "" for the id of a notice, nothing for what no form can ask for."""
    if "enum" in shape or "const" in shape:
        return "one"
    match shape.get("type"):
        case "integer" | "number":
            return "number"
        case "boolean":
            return "yes"
        case "string":
            special = _patterns().get(str(shape.get("pattern")), "line")
            return "text" if special == "line" and (shape.get("maxLength") or 0) > ONE_LINE else special
    return None


def _scale(name: str, shape: dict[str, Any]) -> tuple[str, ...]:
    """The steps of a short scale of which each has a word of its own (`credibility`); of any other number, none."""
    least, most = shape.get("minimum"), shape.get("maximum")
    if least is None or most is None or most - least > LONGEST_SCALE:
        return ()
    steps = tuple(str(step) for step in range(least, most + 1))
    return steps if all(f"{name}:{step}" in words() for step in steps) else ()


@cache
def _patterns() -> dict[str, str]:
    """The patterns of the catalogue's own kinds of text. An id is never typed: a notice is answered from its page."""
    kinds: dict[Any, str] = {Instant: "instant", Day: "day", SourceRef: "body", IdRef: "", Lang: "lang"}
    return {str(TypeAdapter(kind).json_schema()["pattern"]): name for kind, name in kinds.items()}


def _choices(shape: dict[str, Any]) -> tuple[str, ...]:
    if _kind(shape) == "lang":
        return tuple(terms("languages"))
    return tuple(str(value) for value in shape.get("enum", [shape["const"]] if "const" in shape else []))


def _resolved(told: dict[str, Any], defs: dict[str, Any]) -> dict[str, Any]:
    """What a value may be, `null` apart: an absent value is an empty input."""
    shape = told
    if "anyOf" in shape:
        shape = next((one for one in shape["anyOf"] if one.get("type") != "null"), {})
    if "$ref" in shape:
        shape = defs[shape["$ref"].rpartition("/")[2]]
    return shape
