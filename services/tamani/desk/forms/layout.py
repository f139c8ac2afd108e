"""How a type's form is laid out: what comes first, what is filled in by itself, what is not asked, and the help.

One TOML file a type beside this one; a type without a file shows what it requires first. At most eight inputs are
visible at first, the rest is behind *Plus de précisions*.
"""

import tomllib
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Any

from tamani.core.catalogue import catalogue
from tamani.desk.forms.inputs import Input, inputs_of

MOST_FIRST = 8
# Never typed into a form: what a machine keeps, and what is done from a notice's own page.
NOT_ASKED = frozenset({"head.refs", "head.attachments", "head.translations", "head.sdg", "head.gender_marker"})


@dataclass(frozen=True, slots=True)
class Layout:
    """A form's order. `filled` gives a path its value, in which `$body` and `$tz` stand for the officer's own."""

    kind: str
    profile: str
    first: tuple[Input, ...]
    more: tuple[Input, ...]
    filled: dict[str, str] = field(default_factory=dict)
    suggested: dict[str, str] = field(default_factory=dict)
    help: dict[str, tuple[str, str]] = field(default_factory=dict)
    rows: int = 3

    @property
    def asked(self) -> tuple[Input, ...]:
        """Every input of the form."""
        return self.first + self.more


@cache
def layout_of(kind: str, profile: str) -> Layout:
    """The layout of a profile of a type.

    Raises:
        ValueError: its file names what the model does not have, or shows more than eight inputs at first.
    """
    given = _read(kind)
    columns = given.get("columns", {})
    asked = {
        path: _narrowed(one, columns.get(path))
        for path, one in inputs_of(kind, profile).items()
        if path not in NOT_ASKED
    }
    known = {path for one in catalogue()[kind].profiles for path in inputs_of(kind, one)}
    filled = given.get("filled", {})
    named = given.get("first", [path for path, one in asked.items() if one.required][:MOST_FIRST])
    left_out = {*filled, *given.get("not_asked", [])}
    strange = [path for path in (*named, *left_out, *given.get("help", {})) if path not in known]
    if strange or len(named) > MOST_FIRST:
        raise ValueError(f"{kind}: {strange or len(named)}")
    first = tuple(asked[path] for path in named if path in asked and path not in left_out)
    more = tuple(one for path, one in asked.items() if path not in named and path not in left_out)
    return Layout(
        kind,
        profile,
        first,
        more,
        filled,
        given.get("suggested", {}),
        {path: (said["fr"], said["en"]) for path, said in given.get("help", {}).items()},
        given.get("rows", 3),
    )


def _narrowed(one: Input, columns: list[str] | None) -> Input:
    """The rows of a table with these columns, in this order (a rank is never one: it is the row's place)."""
    if columns is None:
        return one
    known = {column.path: column for column in one.columns}
    if strange := set(columns) - known.keys():
        raise ValueError(f"{one.path}: {sorted(strange)}")
    kept = [known[name] for name in columns]
    return replace(one, columns=tuple([known["rank"], *kept] if "rank" in known else kept))


def can_be_typed(kind: str, profile: str) -> bool:
    """Whether a form can ask for all that this profile must hold: it speaks of no other notice and travels unsealed."""
    found, layout = catalogue()[kind], layout_of(kind, profile)
    asked = {path.partition(".")[0] for path in (*(one.path for one in layout.asked), *layout.filled)}
    forced = {name for name, told in found.model_of(profile).model_fields.items() if told.is_required()}
    return not found.opaque and not found.joins and profile not in found.sealed_profiles and forced <= asked


def _read(kind: str) -> dict[str, Any]:
    file = files("tamani.desk.forms").joinpath("layouts", f"{kind}.toml")
    return tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}
