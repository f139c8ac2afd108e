"""One request about the laws: who asks, what the mirror holds for them, and the frame of the page that answers."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from fastapi import Request, Response

from tamani.core.codelists import terms
from tamani.core.errors import RefusedError
from tamani.desk.caching import answer
from tamani.desk.gate import Visitor
from tamani.desk.laws.gathering import Held, Laws, kept_laws
from tamani.desk.laws.matrix import STATES, Matrix, make_matrix
from tamani.desk.laws.opinions import opinions_on
from tamani.desk.laws.scores import Score, make_scores
from tamani.desk.laws.themes import themes_of
from tamani.desk.pages.law_words import LawWords
from tamani.desk.pages.page import page_of, viewer_of
from tamani.desk.pages.rendering import render
from tamani.desk.pages.showing import HTML
from tamani.desk.service import Desk

# The kinds of body that speak for a parliament.
PARLIAMENT = frozenset({"commission", "secretariat"})


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: who reads, and what the mirror holds for them."""

    request: Request
    visitor: Visitor
    laws: Laws
    officials: frozenset[str]

    def matrix(self, theme: str) -> Matrix:
        """The comparison of one theme.

        Raises:
            RefusedError: `refused.request.unknown`: there is no such theme.
        """
        if theme not in terms("themes"):
            raise RefusedError("refused.request.unknown")
        return make_matrix(theme, self.laws.provisions, self.laws.items, self.officials)

    def scores(self, today: date) -> list[Score]:
        """The scoreboard of the themes that somebody has begun to work on."""
        return make_scores([self.matrix(theme) for theme in _themes(self.laws)], self.laws.items, today)

    def themes(self, text: Held) -> tuple[str, ...]:
        """The themes of a text, its file's if it names none."""
        return themes_of(text, self.laws.items, self.laws.texts)

    def counted(self, texts: list[Held]) -> dict[tuple[str, str], int]:
        """How many opinions were given on each."""
        return {held.name: len(opinions_on(held, self.laws.requests)) for held in texts}


async def ask(desk: Desk, request: Request) -> Asked:
    """What this reader may see of the laws."""
    visitor = await desk.gate.admit(request)
    laws = await kept_laws(desk.laws, desk.queries, visitor.reader)
    bodies = desk.registry.current.bodies
    return Asked(request, visitor, laws, frozenset(body.source for body in bodies if body.kind in PARLIAMENT))


async def show_laws(desk: Desk, asked: Asked, template: str, **context: Any) -> Response:
    """The page of this template, in the reader's language."""
    viewer = viewer_of(desk, asked.request)
    page = page_of(desk, asked.request, asked.visitor, await desk.queries.position())
    words = LawWords(viewer)
    body = render(page.lang, template, page=page, words=words, states=STATES, **context)
    return answer(asked.request, body, HTML, asked.visitor)


def _themes(laws: Laws) -> list[str]:
    """The themes that somebody has begun to work on, in the order of the list."""
    begun = {str(held.data["topic"]).partition("/")[0] for held in laws.provisions}
    begun |= {str(held.data["theme"]) for held in laws.items}
    return [theme for theme in terms("themes") if theme in begun]
