"""The form of a deed on a notice: what it asks for, and the data that come of it. Nothing here knows any type by name.

A version asks for the whole notice, or for what the layout's `moves` names for its state; a cancellation only for the
reason. A notice that joins the thread asks for what its type says beyond title and target.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tamani.core.catalogue import catalogue
from tamani.core.codelists import next_stages
from tamani.core.deeds import STEP, VERSION, Deed
from tamani.core.event import Event
from tamani.core.faults import Fault, missing
from tamani.desk.forms.inputs import Input, inputs_of
from tamani.desk.forms.layout import MOST_FIRST, Group, Layout, layout_of
from tamani.desk.forms.merging import merged
from tamani.desk.forms.prefill import value_at

REASON, CORRECTION = "head.reason", "correction"


def layout_for(deed: Deed, notice: Event, contents: Sequence[str] = ()) -> Layout:
    """What the form of this deed asks for; `notice` is the version in force, `contents` those found under its id."""
    if deed.what == STEP:
        return _step(deed, notice)
    if deed.what == VERSION:
        return _version(deed, notice)
    return _choosing(_joining(deed), contents) if deed.what == CORRECTION and contents else _joining(deed)


def _choosing(layout: Layout, contents: Sequence[str]) -> Layout:
    """With the choice of which content stands, first."""
    found = inputs_of(CORRECTION, layout.profile)["settles"]
    choice = replace(found, kind="one", choices=tuple(contents), required=True)
    return replace(layout, first=(choice, *layout.first))


def is_whole(deed: Deed, notice: Event) -> bool:
    """Whether the form shows all of the notice: an update, or a move for which its layout asks nothing particular."""
    return _moves(deed, notice) is None


def said_by(deed: Deed, notice: Event, layout: Layout, said: dict[str, Any], head: dict[str, Any]) -> dict[str, Any]:
    """The data of the notice that this deed says; `said` is what the form held, `head` begins what joins a thread."""
    if deed.what == STEP:
        return _stepped(deed, notice, said)
    kind = catalogue()[deed.kind]
    if deed.what == VERSION:
        base = _without_reason(notice.data)
        made = merged(layout, _with_state(base, kind.status, deed.word) if deed.word else base, said)
        return _without_stale_translations(made, base["head"])
    own = {kind.says: deed.word} if deed.word else {}
    return {"head": head} | {name: value for name, value in said.items() if name != "head"} | own


def _moves(deed: Deed, notice: Event) -> tuple[str, ...] | None:
    """What alone a version in this state asks for; nothing if it is the whole notice."""
    kind = catalogue()[deed.kind]
    cycle = kind.lifecycle_of(deed.profile)
    if deed.word == kind.status_of(notice) or not deed.word:
        return None
    return layout_of(deed.kind, deed.profile).moves.get(deed.word, () if deed.word in cycle.cancelled.split() else None)


def _version(deed: Deed, notice: Event) -> Layout:
    whole = layout_of(deed.kind, deed.profile)
    kind = catalogue()[deed.kind]
    inputs = inputs_of(deed.kind, deed.profile)
    moved = _moves(deed, notice)
    # Whoever moves a thread says why; an update may speak for itself.
    reason = [replace(inputs[REASON], required=moved is not None)] if REASON in inputs else []
    if moved is not None:
        return _shown(whole, [inputs[path] for path in moved] + reason)
    state = ".".join(kind.status) if deed.word else ""
    first = [one for one in whole.first if one.path != state]
    more = [one for one in whole.more if one.path != state]
    first, more = (first + reason, more) if len(first) < MOST_FIRST else (first, reason + more)
    return _shown(whole, first, more)


def _joining(deed: Deed) -> Layout:
    kind, whole = catalogue()[deed.kind], layout_of(deed.kind, deed.profile)
    known = {one.path: one for one in whole.asked}
    moved = whole.moves.get(deed.word)
    if moved is None:
        alone = {path for paths in whole.moves.values() for path in paths}
        asked = [one for path, one in known.items() if not path.startswith("head.") and path not in alone]
    else:
        asked = [replace(known[path], required=True) for path in moved] + [known["note"]] * ("note" in known)
    asked = [one for one in asked if not (deed.word and one.path == kind.says)]
    return _shown(whole, asked[:MOST_FIRST], asked[MOST_FIRST:])


def _step(deed: Deed, notice: Event) -> Layout:
    """The next stage of one country, with its date and proof."""
    kind, whole = catalogue()[deed.kind], layout_of(deed.kind, deed.profile)
    columns: dict[str, Input] = {one.path: one for one in inputs_of(deed.kind, deed.profile)[kind.steps].columns}
    stage = replace(columns["stage"], choices=next_stages(_row(deed, notice)["stage"]))
    proof = [replace(columns[name], required=True) for name in ("since", "evidence")]
    return _shown(whole, [stage, *proof])


def _shown(whole: Layout, first: list[Input], more: Sequence[Input] = ()) -> Layout:
    """These inputs at first, those behind the fold; nothing is filled in by itself."""
    groups = (Group("", "", tuple(more)),) if more else ()
    return replace(whole, first=tuple(first), groups=groups, filled={}, suggested={})


def _stepped(deed: Deed, notice: Event, said: dict[str, Any]) -> dict[str, Any]:
    name = catalogue()[deed.kind].steps
    moved = {part: said[part] for part in ("stage", "since", "evidence") if part in said}
    rows = [{"country": deed.word} | moved if row["country"] == deed.word else row for row in notice.data[name]]
    return _without_reason(notice.data) | {name: rows}


def _row(deed: Deed, notice: Event) -> dict[str, Any]:
    rows: list[dict[str, Any]] = notice.data[catalogue()[deed.kind].steps]
    return next(row for row in rows if row["country"] == deed.word)


def _without_reason(data: dict[str, Any]) -> dict[str, Any]:
    """The reason was that of the last change, not of the next."""
    return data | {"head": {name: value for name, value in data["head"].items() if name != "reason"}}


def _without_stale_translations(made: dict[str, Any], was: dict[str, Any]) -> dict[str, Any]:
    """Once the words have changed, what was a translation of them is one no longer."""
    head = made["head"]
    if all(head.get(name) == was.get(name) for name in ("title", "summary", "body")):
        return made
    return made | {"head": {name: value for name, value in head.items() if name != "translations"}}


def _with_state(data: dict[str, Any], path: tuple[str, ...], word: str) -> dict[str, Any]:
    name, *rest = path
    return data | {name: _with_state(data.get(name, {}), tuple(rest), word) if rest else word}


def lacking(layout: Layout, said: dict[str, Any]) -> list[Fault]:
    """What the form needs and was not given; most of it the model would let pass."""
    asked = (one for one in layout.asked if one.required and not one.table)
    return [missing(one.path, one.fr, one.en) for one in asked if value_at(said, one.path) in (None, "", [])]


def foreign_choice(layout: Layout, said: dict[str, Any]) -> list[Fault]:
    """What names a content that nobody found: the model knows only that it is a digest."""
    asked = (
        one for one in layout.asked if one.path == "settles" and said.get(one.path, one.choices[0]) not in one.choices
    )
    return [Fault(one.path, one.fr, one.en, "choisissez l'un des deux.", "choose one of the two.") for one in asked]
