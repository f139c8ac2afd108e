"""What the page of a notice about laws adds: the way of a file, and where a text is read article by article."""

from dataclasses import dataclass

from tamani.core.codelists import terms
from tamani.desk.laws.moves import Move, moves_of
from tamani.desk.pages.languages import typeset
from tamani.desk.pages.views import Viewer
from tamani.desk.rows import Notice
from tamani.desk.threads import Story
from tamani.desk.wire import page_path

FILE, TEXT = "law.item", "law.text"


@dataclass(frozen=True, slots=True)
class MoveView:
    """A country at a stage: since when, what shows it, who said so, and where."""

    country: str
    stage: str
    since: str
    evidence: str
    body: str
    href: str


@dataclass(frozen=True, slots=True)
class LawView:
    """The way of a file, or the address of a text's articles; of any other notice, nothing."""

    moves: list[MoveView]
    articles: str


def law_view(viewer: Viewer, story: Story, notice: Notice) -> LawView:
    """What this notice's page adds."""
    row, shown = notice.row, not story.hides(notice)
    moves = [_view(viewer, one) for one in moves_of(story)] if row.type == FILE and shown else []
    return LawView(moves, f"/lois/texte{row.source}/{row.id}" if row.type == TEXT and shown else "")


def _view(viewer: Viewer, move: Move) -> MoveView:
    stage, row = terms("stages").get(move.stage), move.said.row
    lang = viewer.labels.lang
    return MoveView(
        country=viewer.labels.country(move.country.value),
        stage=(stage.en if lang == "en" else typeset(stage.fr)) if stage else move.stage,
        since=(viewer.dates.written(move.since) or move.since) if move.since else "",
        evidence=move.evidence,
        body=viewer.labels.body(row.source),
        href=page_path(row.source, row.id),
    )
