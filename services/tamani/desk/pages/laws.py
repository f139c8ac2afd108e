"""The pages of the laws: where everything stands, a theme side by side, and both as tables to take away."""

from fastapi import APIRouter, Request, Response

from tamani.core.codelists import terms
from tamani.core.errors import RefusedError
from tamani.core.names import country_of
from tamani.core.roles import Role
from tamani.desk.caching import answer
from tamani.desk.gate import Visitor
from tamani.desk.laws.board import make_board
from tamani.desk.laws.sheets import CSV_TYPE, XLSX_TYPE, Sheet, strictest, to_csv, to_xlsx
from tamani.desk.pages.law_asked import Asked, ask, show_laws
from tamani.desk.pages.law_text import build_law_text
from tamani.desk.pages.law_words import scores_sheet, sheet_of
from tamani.desk.pages.page import viewer_of
from tamani.desk.pages.publish import publishable
from tamani.desk.service import Desk
from tamani.runtime.routes import join

# Of a column of the board: the late ones first, then those that have stood there longest.
MOST_CARDS = 8
# Of texts that stand in no theme.
MOST_APART = 30
PROVISION = "law.provision"


def build_laws(desk: Desk) -> APIRouter:
    """The routes."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/lois")
    async def overview(request: Request) -> Response:
        asked = await ask(desk, request)
        today = viewer_of(desk, request).now.date()
        apart = [held for held in asked.laws.texts if not asked.themes(held)]
        context = {
            "board": make_board(asked.laws.items, today),
            "most": MOST_CARDS,
            "scores": asked.scores(today),
            "apart": apart[:MOST_APART],
            "opinions": asked.counted(apart[:MOST_APART]),
            "values": tuple(terms("conformity")),
        }
        return await show_laws(desk, asked, "laws.html", **context)

    @routes.get("/lois/bilan.{form}")
    async def scoreboard(request: Request, form: str) -> Response:
        asked, viewer = await ask(desk, request), viewer_of(desk, request)
        laws, scores = asked.laws, asked.scores(viewer.now.date())
        label = strictest(held.notice.row.tlp for held in (*laws.items, *laws.provisions))
        made = scores_sheet(scores, label, viewer, asked.visitor.reader)
        return _file(asked, made, form, f"tamani-bilan-{viewer.now.date()}")

    @routes.get("/lois/{theme}")
    async def theme(request: Request, theme: str) -> Response:
        asked = await ask(desk, request)
        matrix = asked.matrix(theme)
        about = [held for held in asked.laws.items if held.data["theme"] == theme]
        texts = [held for held in asked.laws.texts if theme in asked.themes(held)]
        context = {"matrix": matrix, "items": about, "texts": texts, "opinions": asked.counted(texts)}
        return await show_laws(desk, asked, "law_theme.html", **context, ours=_ours(desk, asked.visitor))

    @routes.get("/lois/{theme}/tableau.{form}")
    async def table(request: Request, theme: str, form: str) -> Response:
        asked, viewer = await ask(desk, request), viewer_of(desk, request)
        made = sheet_of(asked.matrix(theme), viewer, asked.visitor.reader)
        return _file(asked, made, form, f"tamani-{theme}-{viewer.now.date()}")

    join(routes, build_law_text(desk))
    return routes


def _ours(desk: Desk, visitor: Visitor) -> str:
    """The country whose column this officer may fill in; none for anybody else."""
    who = visitor.officer
    if who is None or Role.POSTER not in who.roles or not desk.posting.there:
        return ""
    return country_of(who.source).value if PROVISION in publishable(desk, who.source) else ""


def _file(asked: Asked, made: Sheet, form: str, name: str) -> Response:
    """A table to take away.

    Raises:
        RefusedError: `refused.request.unknown`: there is no such form.
    """
    make, kind = {"csv": (to_csv, CSV_TYPE), "xlsx": (to_xlsx, XLSX_TYPE)}.get(form, (None, ""))
    if make is None:
        raise RefusedError("refused.request.unknown")
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    return answer(asked.request, make(made), kind, asked.visitor, headers)
