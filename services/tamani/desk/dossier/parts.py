"""What belongs to the dossier of a sitting, for one reader: names and labels only, so that a long one stays small.

What the reader may not see is neither counted nor mentioned. Sealed notices never take part.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tamani.core.catalogue.sealed import TYPE as SEALED
from tamani.core.codelists import terms
from tamani.core.errors import RefusedError
from tamani.core.policy import Reader
from tamani.core.registry import Registry
from tamani.desk.agenda.meetings import TYPE, Meeting
from tamani.desk.demands.asking import REQUEST
from tamani.desk.filters import Filters
from tamani.desk.laws.gathering import Held, standing
from tamani.desk.laws.matrix import Matrix, make_matrix
from tamani.desk.laws.opinions import Opinion, opinions_on
from tamani.desk.laws.sheets import strictest
from tamani.desk.queries import Queries
from tamani.desk.rows import Notice, Row
from tamani.desk.threads import Story, stories

# The kinds of body that speak for a parliament.
PARLIAMENT = frozenset({"commission", "secretariat"})


@dataclass(frozen=True, slots=True)
class Point:
    """A point of the order of the day; `about` is the version in force of the notice that it examines."""

    said: dict[str, Any]
    about: Row | None
    rows: tuple[Row, ...]

    @property
    def theme(self) -> str:
        """The file it belongs to, or nothing."""
        return str(self.said.get("law_ref") or "")


@dataclass(frozen=True, slots=True)
class Dossier:
    """The whole, for one reader."""

    reader: Reader
    meeting: Meeting
    story: Story
    points: tuple[Point, ...]
    themes: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def tlp(self) -> str:
        """The label of the whole: the strictest of its parts."""
        return strictest(row.tlp for row in self.rows)

    @property
    def when(self) -> datetime:
        """The archive's instant of the newest of its parts: the same parts make the same dossier."""
        return max(row.recordedtime for row in self.rows)


@dataclass(frozen=True, slots=True)
class Binder:
    """Finds the parts, and reads them again one by one when they are to be written."""

    queries: Queries
    registry: Registry

    async def open(self, reader: Reader, source: str, id_: str) -> Dossier:
        """The dossier of the sitting that this notice, or a later version of it, convenes.

        Raises:
            RefusedError: `refused.request.notice`: no such sitting that they may read, or it was withdrawn.
        """
        found = await self.queries.said(reader, source, id_)
        story = Story.of(await self.queries.threads_of(reader, [found]))
        meeting = Meeting.of(story) if found.row.type == TYPE else None
        if meeting is None or meeting.state == "withdrawn":
            raise RefusedError("refused.request.notice")
        points = tuple([await self._point(reader, said) for said in meeting.data.get("points", ())])
        named = dict.fromkeys(point.theme for point in points if point.theme)
        themes = tuple(theme for theme in terms("themes") if theme in named)
        matrices = [await self.matrix(reader, theme) for theme in themes]
        own = [one.row for one in story.notices if not story.hides(one)]
        rows = [*own, *(row for point in points for row in point.rows), *_rows_of(matrices)]
        return Dossier(reader, meeting, story, points, themes, tuple({row.feed_index: row for row in rows}.values()))

    async def _point(self, reader: Reader, said: dict[str, Any]) -> Point:
        held = await self.about(reader, said)
        if held is None:
            return Point(said, None, ())
        given = await self.opinions(reader, held)
        rows = (held.notice.row, *(one.answer.row for one in given), *(one.request.notice.row for one in given))
        return Point(said, held.notice.row, rows)

    async def about(self, reader: Reader, said: dict[str, Any]) -> Held | None:
        """The notice that a point examines, in the version in force."""
        ref = said.get("about")
        if not isinstance(ref, dict):
            return None
        (found,) = await self.queries.named(reader, [(str(ref["source"]), str(ref["id"]))]) or (None,)
        if found is None or found.row.type == SEALED.name:
            return None
        story = Story.of(await self.queries.threads_of(reader, [found]))
        current = next((one for one in story.notices if story.is_current(one)), found)
        return None if story.hides(current) else Held(current, story)

    async def opinions(self, reader: Reader, held: Held) -> list[Opinion]:
        """The opinions given on any version of a text, each with what became of its remarks."""
        if held.notice.row.type != "law.text":
            return []
        cited = [one for name in sorted(held.names) for one in await self.queries.citing(reader, *name)]
        asked = [notice for _rel, notice in cited if (notice.row.type, notice.row.profile) == (REQUEST, "avis")]
        told = stories(await self.queries.threads_of(reader, asked))
        return opinions_on(held, [one for story in told.values() if (one := _held(story)) is not None])

    async def matrix(self, reader: Reader, theme: str) -> Matrix:
        """The comparison of one theme."""
        officials = frozenset(body.source for body in self.registry.bodies if body.kind in PARLIAMENT)
        provisions = await standing(self.queries, reader, Filters(type=("law.provision",)))
        items = await standing(self.queries, reader, Filters(type=("law.item",)))
        return make_matrix(theme, provisions, items, officials)

    async def original(self, reader: Reader, row: Row) -> Notice | None:
        """A part with its exact bytes; nothing if it may no longer be read."""
        found = await self.queries.named(reader, [(row.source, row.id)])
        return found[0] if found else None


def _held(story: Story) -> Held | None:
    current = next((one for one in story.notices if story.is_current(one)), None)
    return Held(current, story) if current is not None and not story.hides(current) else None


def _rows_of(matrices: Iterable[Matrix]) -> list[Row]:
    cells = [cell for matrix in matrices for line in matrix.lines for cell in line.cells]
    return [held.notice.row for cell in cells if cell.held for held in (cell.held, *cell.others)]
