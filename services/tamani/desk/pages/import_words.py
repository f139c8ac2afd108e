"""The summary of a file in words: how many rows are good, wrong or there already, and how far publishing has come."""

from collections.abc import Sequence
from dataclasses import dataclass

from tamani.core.codes import code
from tamani.desk.imports.rows import Verdict, Wrong
from tamani.desk.imports.store import REFUSED, TAKEN, WAITING, WAITS, Kept
from tamani.desk.pages.views import Viewer

# Rows of each kind that the page lists; the file to mend has them all.
MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One row on the page: its number in the file, what it is about, and what there is to say of it."""

    number: int
    title: str
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """The rows by what becomes of them; the lists are cut, the counts are not."""

    good: int
    new: tuple[Line, ...]
    changes: tuple[Line, ...]
    same: tuple[Line, ...]
    wrong: tuple[Line, ...]
    refused: tuple[Line, ...]
    counts: dict[str, int]

    @property
    def ended(self) -> int:
        """How many of the good rows are published or refused."""
        return self.good - self.counts[WAITING]


def summary_of(viewer: Viewer, rows: Sequence[Kept]) -> Summary:
    """The summary in the reader's language."""

    def lines(verdict: Verdict) -> tuple[Line, ...]:
        return tuple(_line(viewer, row) for row in rows if row.verdict is verdict)

    refused = tuple(
        Line(row.number, row.title, (_refusal(viewer, row),)) for row in rows if row.state == REFUSED and row.code
    )
    counts = {verdict.value: len(lines(verdict)) for verdict in Verdict}
    counts["waits"] = sum(row.detail == WAITS for row in rows)
    counts |= {state: sum(row.state == state for row in rows) for state in (WAITING, TAKEN, REFUSED)}
    good = counts[Verdict.NEW] + counts[Verdict.CHANGE]
    cut = [lines(v)[:MOST_SHOWN] for v in (Verdict.NEW, Verdict.CHANGE, Verdict.SAME, Verdict.WRONG)]
    return Summary(good, cut[0], cut[1], cut[2], cut[3], refused[:MOST_SHOWN], counts)


def _line(viewer: Viewer, row: Kept) -> Line:
    said = [_said(viewer, one) for one in row.wrong]
    if row.by:
        said.append(viewer.labels.body(row.by))
    return Line(row.number, row.title, tuple(said))


def _said(viewer: Viewer, one: Wrong) -> str:
    words = viewer.labels.field(one.fr, one.en, "")
    heading = viewer.labels.field(one.heading_fr, one.heading_en, "")
    return f"{heading}\u00a0: {words}" if heading else words


def _refusal(viewer: Viewer, row: Kept) -> str:
    return f"{code(row.code or 'refused').sentence(viewer.labels.lang)} {row.detail or ''}".strip()
