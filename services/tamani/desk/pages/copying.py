"""A new notice that begins as a copy of an earlier one: the body's last of this type, or the one that is named.

What it takes along is what its type's form asks for, but for what the layout calls `fresh`; it is a notice of its own,
with a new id and a new thread.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tamani.core.errors import OutageError, RefusedError
from tamani.desk.cursors import Cursor
from tamani.desk.filters import Filters
from tamani.desk.forms.layout import Layout, layout_of
from tamani.desk.forms.merging import merged
from tamani.desk.forms.prefill import given_of, value_at
from tamani.desk.forms.reading import PREFIX
from tamani.desk.gate import Visitor
from tamani.desk.rows import Notice
from tamani.desk.service import Desk
from tamani.desk.threads import Story

LAST = "derniere"


@dataclass(frozen=True, slots=True)
class Copied:
    """The notice that is copied, and what of its data a new one takes along."""

    notice: Notice
    data: dict[str, Any]

    @property
    def name(self) -> str:
        """What stands for it in a form."""
        return f"{self.notice.row.source}/{self.notice.row.id}"

    def filled(self, layout: Layout, tz: str) -> dict[str, list[str]]:
        """The form of the new notice, as it is first shown: what is not taken along says what is suggested."""
        fresh = {PREFIX + path: [layout.suggested[path]] for path in layout.fresh if path in layout.suggested}
        return fresh | given_of(layout, self.data, tz)

    def under(self, layout: Layout, said: dict[str, Any]) -> dict[str, Any]:
        """What the form said, with what its lines do not show: the file of a point, the notice that it examines."""
        return said | merged(layout, self.data, said)


def can_copy(kind: str, profile: str) -> bool:
    """Whether notices of this profile are copied."""
    return bool(layout_of(kind, profile).fresh)


async def has_last(desk: Desk, visitor: Visitor, kind: str, profile: str) -> bool:
    """Whether the body has said one of this type that a new one can begin as a copy of; no, while nobody can tell."""
    if not can_copy(kind, profile):
        return False
    try:
        await copied(desk, visitor, kind, LAST)
    except (RefusedError, OutageError):
        return False
    return True


async def copied(desk: Desk, visitor: Visitor, kind: str, name: str) -> Copied:
    """What is copied: `derniere` for the body's last, or a body and an id.

    Raises:
        RefusedError: `refused.request.notice`: none of this type that they may read and that was not taken back.
    """
    notice = await (_last(desk, visitor, kind) if name == LAST else _named(desk, visitor, name))
    row = notice.row
    story = Story.of(await desk.queries.threads_of(visitor.reader, [notice]))
    if row.type != kind or not can_copy(kind, row.profile) or story.hides(notice):
        raise RefusedError("refused.request.notice")
    layout, data = layout_of(kind, row.profile), notice.event.data
    kept = {one.path: value_at(data, one.path) for one in layout.asked if one.path not in layout.fresh}
    return Copied(notice, _nested({path: value for path, value in kept.items() if value not in (None, "", [])}))


async def _last(desk: Desk, visitor: Visitor, kind: str) -> Notice:
    mine = Filters(type=(kind,), body=(visitor.as_officer().source,))
    found = (await desk.queries.threads(visitor.reader, mine, Cursor(), 1)).notices
    if not found:
        raise RefusedError("refused.request.notice")
    return found[0]


async def _named(desk: Desk, visitor: Visitor, name: str) -> Notice:
    source, _, id_ = name.rpartition("/")
    try:
        return await desk.queries.said(visitor.reader, source, str(UUID(id_)))
    except ValueError as error:
        raise RefusedError("refused.request.notice") from error


def _nested(values: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for path, value in values.items():
        *steps, last = path.split(".")
        part = made
        for step in steps:
            part = part.setdefault(step, {})
        part[last] = value
    return made
