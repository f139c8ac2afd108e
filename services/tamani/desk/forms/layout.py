"""How a type's form is laid out: what comes first, what is filled in by itself, what is not asked, and the help.

One TOML file a type beside this one; a type without a file shows what it requires first. What is visible at first asks
for eight things at most (`docs/design/forms.md`), the rest is behind *Plus de précisions*, in groups: the type's own,
then those that all types share (`_common.toml`). `profile.<name>` says what differs for a profile; `opening`, what a
first notice says by itself, and `room`, what is then seen instead. `notices` says of which types a notice may be named,
`another` how the button of a table asks for one more row, `fold` after how many columns the rest is behind a fold.
"""

import tomllib
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Any

from tamani.core.catalogue import catalogue
from tamani.core.codelists import terms
from tamani.desk.forms.inputs import Input, inputs_of

MOST_FIRST = 8
# Never typed into a form: what a machine keeps, and what is done from a notice's own page.
NOT_ASKED = frozenset({"head.refs", "head.translations", "head.sdg", "head.gender_marker", "head.reason"})

# Files are brought where a layout says `pieces`; what is said of each is read from its bytes, but for its title.
PIECES = "head.attachments"
PIECE_COLUMNS = ["title", "sha256", "mime", "size"]
WHOLE_HEAD = ("agenda.item", "divers")
# Tables of a layout file: what a profile says is added to what its type says.
_MERGED = (
    *("filled", "suggested", "help", "columns", "lists", "opening", "derived"),
    *("notices", "another", "fold"),
)


@dataclass(frozen=True, slots=True)
class Group:
    """Inputs that belong together, under a heading."""

    fr: str
    en: str
    inputs: tuple[Input, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """A form's order. `filled` gives a path its value, in which `$body` and `$tz` stand for the officer's own.

    `derived` names a column of a table that, left empty, follows from another: a place in a text (`reading.place_of`).
    `moves` names what alone is asked for when a thread moves to a state, or an act says a word; `fresh` what a copy of
    an earlier notice leaves empty, for types that are copied.
    """

    kind: str
    profile: str
    first: tuple[Input, ...]
    groups: tuple[Group, ...]
    filled: dict[str, str] = field(default_factory=dict)
    suggested: dict[str, str] = field(default_factory=dict)
    help: dict[str, tuple[str, str]] = field(default_factory=dict)
    another: dict[str, tuple[str, str]] = field(default_factory=dict)
    fold: dict[str, int] = field(default_factory=dict)
    # In a table: what a row is about (two rows, or a row and a notice, that agree in it speak of one thing), and what
    # a row says that says nothing.
    key: tuple[str, ...] = ()
    nothing: dict[str, str] = field(default_factory=dict)
    moves: dict[str, tuple[str, ...]] = field(default_factory=dict)
    fresh: tuple[str, ...] = ()
    derived: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def more(self) -> tuple[Input, ...]:
        """What is behind the fold."""
        return tuple(one for group in self.groups for one in group.inputs)

    @property
    def typed(self) -> "Layout":
        """The same without files and lists of notices: for a form about one notice, which is named already."""

        def kept(inputs: tuple[Input, ...]) -> tuple[Input, ...]:
            return tuple(one for one in inputs if one.kind not in {"notice", "files"})

        groups = tuple(replace(group, inputs=kept(group.inputs)) for group in self.groups)
        return replace(self, first=kept(self.first), groups=tuple(one for one in groups if one.inputs))

    @property
    def asked(self) -> tuple[Input, ...]:
        """Every input of the form."""
        return self.first + self.more


@cache
def layout_of(kind: str, profile: str) -> Layout:
    """The layout of a profile of a type, for a notice in any of its states.

    Raises:
        ValueError: its file names what the model does not have, or more than eight inputs to be seen at first.
    """
    given = _given(kind, profile)
    never = NOT_ASKED if given.get("pieces") else NOT_ASKED | {PIECES}
    every = (_shaped(one, given) for path, one in inputs_of(kind, profile).items() if path not in never)
    asked = {one.path: one for one in every if one.kind != "notice" or one.types}
    _check(kind, given)
    filled = given.get("filled", {})
    named = given.get("first", [path for path, one in asked.items() if one.required][:MOST_FIRST])
    left_out = {*filled, *given.get("not_asked", [])}
    return Layout(
        kind,
        profile,
        tuple(asked[path] for path in named if path in asked and path not in left_out),
        _groups(given, {path: one for path, one in asked.items() if path not in left_out.union(named)}),
        filled,
        given.get("suggested", {}),
        {path: (said["fr"], said["en"]) for path, said in given.get("help", {}).items()},
        {path: (said["fr"], said["en"]) for path, said in given["another"].items()},
        given["fold"],
        tuple(given.get("key", ())),
        given.get("nothing", {}),
        {word: tuple(paths) for word, paths in given.get("moves", {}).items()},
        tuple(given.get("fresh", ())),
        {path: (column, source) for path, (column, source) in given["derived"].items()},
    )


@cache
def opening(kind: str, profile: str) -> Layout:
    """The same for the first notice of a thread: only states in which one may begin; if there is but one, not asked."""
    layout, found = layout_of(kind, profile), catalogue()[kind]
    said = dict(_given(kind, profile).get("opening", {}))
    starts = tuple((found.lifecycle_of(profile).opens or "").split())
    path = ".".join(found.status)
    if len(starts) == 1 and path:
        said = {path: starts[0]} | said

    def kept(inputs: tuple[Input, ...]) -> tuple[Input, ...]:
        left = (one for one in inputs if one.path not in said)
        return tuple(replace(one, choices=starts) if one.path == path and starts else one for one in left)

    first = kept(layout.first)
    room = _given(kind, profile).get("room", [])[: MOST_FIRST - len(first)]
    raised = tuple(one for one in layout.more if one.path in room)
    groups = tuple(
        replace(group, inputs=tuple(one for one in kept(group.inputs) if one not in raised)) for group in layout.groups
    )
    groups = tuple(group for group in groups if group.inputs)
    return replace(layout, first=first + raised, groups=groups, filled=layout.filled | said)


def _given(kind: str, profile: str) -> dict[str, Any]:
    """What the files say for a profile: all types', this type's, its own."""
    common, own = _read("_common"), _read(kind)
    mine = own.get("profile", {}).get(profile, {})
    merged: dict[str, Any] = own | mine
    for name in _MERGED:
        merged[name] = common.get(name, {}) | own.get(name, {}) | mine.get(name, {})
    merged["groups"] = [*merged.get("groups", []), *common.get("groups", [])]
    return merged


def _check(kind: str, given: dict[str, Any]) -> None:
    found = catalogue()[kind]
    # What the common file names is in every head, but for those that have no text.
    known = {path for one in found.profiles for path in _paths(kind, one)} | inputs_of(*WHOLE_HEAD).keys()
    first = given.get("first", [])
    named = [path for name in ("room", "key", "not_asked", "fresh") for path in given.get(name, ())]
    named += [path for paths in given.get("moves", {}).values() for path in paths]
    named += [path for name in _MERGED for path in given[name]]
    named += [path for group in given["groups"] for path in group["of"]]
    strange = {path for path in (*first, *named) if path not in known}
    if strange or len(first) > MOST_FIRST:
        raise ValueError(f"{kind}: {sorted(strange) or len(first)}")


def _groups(given: dict[str, Any], left: dict[str, Input]) -> tuple[Group, ...]:
    """The groups in their order; what is in none stands before them, under no heading."""
    found = []
    for group in given["groups"]:
        inputs = tuple(left.pop(path) for path in group["of"] if path in left)
        found.append(Group(group["fr"], group["en"], inputs))
    return tuple(group for group in (Group("", "", tuple(left.values())), *found) if group.inputs)


def _paths(kind: str, profile: str) -> set[str]:
    """What a file may name: every input, and in tables every column as `points.title`."""
    inputs = inputs_of(kind, profile)
    return inputs.keys() | {f"{path}.{column.path}" for path, one in inputs.items() for column in one.columns}


def _shaped(one: Input, given: dict[str, Any]) -> Input:
    """An input as the file has it: chosen from a list, of some types, with some of its columns."""
    if one.path == PIECES:
        return replace(_narrowed(one, PIECE_COLUMNS), kind="files")
    one = _listed(_narrowed(one, given["columns"].get(one.path)), given["lists"].get(one.path))
    types, columns = tuple(given["notices"].get(one.path, ())), []
    for column in one.columns:
        path = f"{one.path}.{column.path}"
        made = replace(column, types=tuple(given["notices"].get(path, ())), usual=given["suggested"].get(path, ""))
        columns += [made] if made.kind != "notice" or made.types else []
    return replace(one, types=types, columns=tuple(columns))


def _listed(one: Input, name: str | None) -> Input:
    """A line whose codes stand in a list is chosen from it."""
    if name is None:
        return one
    return replace(one, kind={"line": "one", "lines": "many"}.get(one.kind, one.kind), choices=tuple(terms(name)))


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
    """Whether a form can ask for all that this profile must hold: it speaks of no other notice."""
    found, layout = catalogue()[kind], layout_of(kind, profile)
    asked = {path.partition(".")[0] for path in (*(one.path for one in layout.asked), *layout.filled)}
    forced = {name for name, told in found.model_of(profile).model_fields.items() if told.is_required()}
    return not found.opaque and not found.joins and forced <= asked


def _read(kind: str) -> dict[str, Any]:
    file = files("tamani.desk.forms").joinpath("layouts", f"{kind}.toml")
    return tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}
