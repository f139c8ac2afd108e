"""The page of a piece that is not here yet: where it is, how much of it has come, and what to do."""

from fastapi import Request, Response

from tamani.core.errors import OutageError
from tamani.desk.gate import Visitor
from tamani.desk.pages.documents import weight_of
from tamani.desk.pages.languages import plain as _
from tamani.desk.pages.languages import translations
from tamani.desk.pages.page import page_of
from tamani.desk.pages.rendering import render
from tamani.desk.pages.showing import HTML
from tamani.desk.pieces.blobs import COMING, Wanted
from tamani.desk.service import Desk
from tamani.desk.wire import page_path

AGAIN = "30"
HEADINGS = {
    COMING: _("Pièce en route"),
    "failed.piece.fetching": _("La pièce arrive"),
}
OPENS = _(
    "Rien n'est perdu, et rien n'est à refaire : l'avis se lit dès maintenant, sa pièce s'ouvrira à cette même adresse."
)
# Nobody here knows whether the body's site still has it.
LASTS = _(
    "L'avis se lit dès maintenant. Si la pièce tarde plusieurs jours, demandez-la à l'organisme qui publie l'avis."
)
AWAY = _("La pièce n'est pas encore à ce site")
# Whoever reads a page tries again themselves.
UNREACHED = _("La région ne répond pas en ce moment. Réessayez plus tard : la pièce reprendra où elle s'est arrêtée.")


def waits_page(
    desk: Desk, request: Request, visitor: Visitor, error: OutageError, *, wanted: Wanted, title: str
) -> Response:
    """It says 503 as a program's answer does, and shows the notice as the way back."""
    page = page_of(desk, request, visitor, None)
    arrived = desk.fetching.arrived(wanted) if desk.fetching is not None else 0
    known = HEADINGS.get(error.code.name)
    body = render(
        page.lang,
        "piece.html",
        page=page,
        heading=known or AWAY,
        sentence=error.code.sentence(page.lang) if known else translations(page.lang).gettext(UNREACHED),
        advice=translations(page.lang).gettext(LASTS if error.code.name == COMING else OPENS),
        code=error.code.name,
        title=title,
        notice=page_path(wanted.source, wanted.notice),
        arrived=arrived,
        size=wanted.size,
        weights=(weight_of(arrived, page.lang), weight_of(wanted.size, page.lang)),
        digest=wanted.sha256,
    )
    return Response(body, error.code.status, {"Cache-Control": "no-store", "Retry-After": AGAIN}, HTML)
