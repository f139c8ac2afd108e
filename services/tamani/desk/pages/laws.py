"""The pages of the laws: where everything stands, a theme side by side, a text with its opinions and its changes."""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from tamani.core.codelists import terms
from tamani.core.errors import RefusedError
from tamani.core.names import Country
from tamani.desk.caching import answer
from tamani.desk.gate import Visitor
from tamani.desk.laws.board import make_board
from tamani.desk.laws.gathering import Held, Laws, gather
from tamani.desk.laws.matrix import STATES, Matrix, make_matrix
from tamani.desk.laws.opinions import opinions_on, same_article
from tamani.desk.laws.scores import make_scores
from tamani.desk.laws.sheets import CSV_TYPE, XLSX_TYPE, to_csv, to_xlsx
from tamani.desk.laws.words import compare_texts
from tamani.desk.pages.law_words import LawWords, sheet_of
from tamani.desk.pages.page import page_of, viewer_of
from tamani.desk.pages.rendering import render
from tamani.desk.service import Desk
from tamani.runtime.routes import join

HTML = "text/html; charset=utf-8"
# Of a column of the board: the late ones first, then those that have stood there longest.
MOST_CARDS = 30
# The kinds of body that speak for a parliament.
PARLIAMENT = frozenset({"commission", "secretariat"})


@dataclass(frozen=True, slots=True)
class _Asked:
    """One request: who reads, and what the mirror holds for them."""

    request: Request
    visitor: Visitor
    laws: Laws
    officials: frozenset[str]

    def matrix(self, theme: str) -> Matrix:
        """The comparison of one theme."""
        return make_matrix(theme, self.laws.provisions, self.laws.items, self.officials)


def build_laws(desk: Desk) -> APIRouter:
    """The routes."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/lois")
    async def overview(request: Request) -> Response:
        asked = await _ask(desk, request)
        today, themes = viewer_of(desk, request).now.date(), _themes(asked.laws)
        matrices = [asked.matrix(theme) for theme in themes]
        scores = make_scores(matrices, asked.laws.items, today)
        board = make_board(asked.laws.items, today)
        return await _page(desk, asked, "laws.html", board=board, most=MOST_CARDS, scores=scores)

    @routes.get("/lois/{theme}")
    async def theme(request: Request, theme: str) -> Response:
        asked = await _ask(desk, request)
        matrix = _matrix(theme, asked)
        about = [held for held in asked.laws.items if held.data["theme"] == theme]
        texts = [held for held in asked.laws.texts if theme in (held.data["head"].get("themes") or ())]
        counted = {held.name: len(opinions_on(held, asked.laws.requests)) for held in texts}
        context = {"matrix": matrix, "items": about, "texts": texts, "opinions": counted}
        return await _page(desk, asked, "law_theme.html", **context)

    @routes.get("/lois/{theme}/tableau.{form}")
    async def table(request: Request, theme: str, form: str) -> Response:
        asked = await _ask(desk, request)
        make, kind = {"csv": (to_csv, CSV_TYPE), "xlsx": (to_xlsx, XLSX_TYPE)}.get(form, (None, ""))
        if make is None:
            raise RefusedError("refused.request.unknown")
        viewer = viewer_of(desk, request)
        made = sheet_of(_matrix(theme, asked), viewer, asked.visitor.reader)
        headers = {"Content-Disposition": f'attachment; filename="tamani-{theme}-{viewer.now.date()}.{form}"'}
        return answer(request, make(made), kind, asked.visitor, headers)

    join(routes, _build_text(desk))
    return routes


def _build_text(desk: Desk) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get("/lois/texte/{country}/{body}/{id}")
    async def text(
        request: Request,
        country: Country,
        body: str,
        id: UUID,  # noqa: A002
        avec: Annotated[str | None, Query()] = None,
    ) -> Response:
        """A text with the opinions beside each article, and what changed since an earlier version of it."""
        asked = await _ask(desk, request)
        wanted = (f"/{country}/{body}", str(id))
        held = next((one for one in asked.laws.texts if wanted in one.names), None)
        if held is None:
            raise RefusedError("refused.request.notice")
        base = _base(asked.laws, held, avec)
        given = opinions_on(held, asked.laws.requests)
        before, after = base["articles"] if base else (), held.data.get("articles") or ()
        # Two long texts without a word in common take seconds: other readers must not wait for them.
        compared = await asyncio.to_thread(compare_texts, before, after)
        context = {"held": held, "base": base, "compared": compared, "opinions": given}
        return await _page(desk, asked, "law_text.html", same_article=same_article, **context)

    return routes


def _base(laws: Laws, held: Held, chosen: str | None) -> dict[str, Any] | None:
    """What to compare with: the version chosen, else the text that it names, else its own version before."""
    versions = {one.row.id: one for one in held.story.notices if one.row.type == "law.text"}
    if chosen in versions and chosen != held.notice.row.id:
        return _as_base(versions[chosen].event.data, versions[chosen].row.id)
    ref = held.data.get("diff_base") or held.data.get("bill")
    if isinstance(ref, dict):
        name = ref["source"], ref["id"]
        other = next((one for one in laws.texts if name in one.names), None)
        if other is not None:
            version = next(one for one in other.story.notices if (one.row.source, one.row.id) == name)
            return _as_base(version.event.data, version.row.id)
    earlier = [one for one in versions.values() if one.row.feed_index < held.notice.row.feed_index]
    before = max(earlier, key=lambda one: one.row.feed_index, default=None)
    return _as_base(before.event.data, before.row.id) if before else None


def _as_base(data: dict[str, Any], id_: str) -> dict[str, Any]:
    return {"id": id_, "title": data["head"]["title"], "articles": data.get("articles") or ()}


async def _ask(desk: Desk, request: Request) -> _Asked:
    visitor = await desk.gate.admit(request)
    laws = await desk.laws.get(visitor.reader, lambda: gather(desk.queries, visitor.reader))
    bodies = desk.registry.current.bodies
    return _Asked(request, visitor, laws, frozenset(body.source for body in bodies if body.kind in PARLIAMENT))


async def _page(desk: Desk, asked: _Asked, template: str, **context: Any) -> Response:
    viewer = viewer_of(desk, asked.request)
    page = page_of(desk, asked.request, asked.visitor, await desk.queries.position())
    words = LawWords(viewer)
    body = render(page.lang, template, page=page, words=words, states=STATES, **context)
    return answer(asked.request, body, HTML, asked.visitor)


def _matrix(theme: str, asked: _Asked) -> Matrix:
    if theme not in terms("themes"):
        raise RefusedError("refused.request.unknown")
    return asked.matrix(theme)


def _themes(laws: Laws) -> list[str]:
    """The themes that somebody has begun to work on, in the order of the list."""
    begun = {str(held.data["topic"]).partition("/")[0] for held in laws.provisions}
    begun |= {str(held.data["theme"]) for held in laws.items}
    return [theme for theme in terms("themes") if theme in begun]
