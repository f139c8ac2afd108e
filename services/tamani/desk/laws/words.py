"""What changed between two texts, word by word, article by article (difflib). Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
Change = Literal["same", "added", "gone"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that stayed, came in or went."""

    change: Change
    text: str


@dataclass(frozen=True, slots=True)
class Compared:
    """One article in both texts: `new` or `gone` if only one has it, `changed`, or `same`."""

    number: str
    heading: str
    state: Literal["same", "changed", "new", "gone"]
    pieces: tuple[Piece, ...]


def compare_words(before: str, after: str) -> tuple[Piece, ...]:
    """The pieces that make up both texts."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    pieces: list[Piece] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece("same", "".join(old[a:b])))
            continue
        pieces += [Piece("gone", "".join(old[a:b]))] if a < b else []
        pieces += [Piece("added", "".join(new[c:d]))] if c < d else []
    return tuple(pieces)


def compare_texts(before: Sequence[dict[str, Any]], after: Sequence[dict[str, Any]]) -> list[Compared]:
    """Article by article, in the order of the newer text; what is gone stands where it stood."""
    old = {str(article["eid"]): article for article in before}
    new = {str(article["eid"]): article for article in after}
    order = _merged(list(old), list(new))
    return [_compare(old.get(eid), new.get(eid)) for eid in order]


def _merged(old: list[str], new: list[str]) -> list[str]:
    """Both lists in one: the newer order, with what is gone after what it followed."""
    order = list(new)
    for number, eid in enumerate(old):
        if eid not in new:
            before = next((known for known in reversed(old[:number]) if known in order), None)
            order.insert(order.index(before) + 1 if before else 0, eid)
    return order


def _compare(old: dict[str, Any] | None, new: dict[str, Any] | None) -> Compared:
    shown = new or old or {}
    pieces = compare_words(str(old["text"]) if old else "", str(new["text"]) if new else "")
    changed = any(piece.change != "same" for piece in pieces)
    state: Literal["same", "changed", "new", "gone"] = "changed" if changed else "same"
    if old is None or new is None:
        state = "new" if old is None else "gone"
    return Compared(str(shown["number"]), str(shown.get("heading") or ""), state, pieces)
