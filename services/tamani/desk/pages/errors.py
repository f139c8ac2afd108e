"""Errors as pages for people who read pages, and as problem+json for everybody else: one code, two languages."""

from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from tamani.core.codes import Code, code
from tamani.core.errors import TamaniError
from tamani.desk.gate import Visitor
from tamani.desk.pages.languages import plain as _
from tamani.desk.pages.languages import translations
from tamani.desk.pages.page import language_of, page_of
from tamani.desk.pages.rendering import render
from tamani.desk.pages.showing import HTML
from tamani.desk.service import Desk
from tamani.runtime.problems import install_problems

Handler = Callable[[Request, Exception], Response | Awaitable[Response]]
ADVICE = {
    401: _("Connectez-vous pour continuer."),
    410: _("Le responsable de votre organisme peut vous donner un nouveau lien, ou l'administrateur de ce site."),
    403: _("Si vous pensez y avoir droit, adressez-vous au responsable de votre organisme."),
    404: _("L'adresse est incomplète, ou l'avis est réservé à d'autres organismes. Se connecter peut aider."),
    413: _("Revenez à la page d'avant, et joignez moins à la fois."),
    503: _("Rien n'est perdu. Réessayez dans un moment ; cette page ne demande rien d'autre."),
}
ERASED = _("Son contenu a disparu de ce site. La page de l'avis dit quand, par l'ordre de qui et pour quel motif.")
GONE = _(
    "L'avis se lit toujours, avec l'empreinte de la pièce : un fichier reçu par une autre voie se vérifie par elle."
)
OTHERWISE = _("Revenez à la liste des avis et recommencez.")
KINDS: tuple[type[Exception], ...] = (TamaniError, RequestValidationError, HTTPException, Exception)


def install_errors(app: FastAPI, desk: Desk) -> None:
    """Problem+json for programs, a page where a page was asked for."""
    install_problems(app)
    for kind in KINDS:
        app.add_exception_handler(kind, _page_or(app.exception_handlers[kind], desk))


def _page_or(problem: Handler, desk: Desk) -> Handler:
    async def handle(request: Request, error: Exception) -> Response:
        answer = problem(request, error)
        told = answer if isinstance(answer, Response) else await answer
        return await error_page(desk, request, _code_of(error)) if wants_page(request) else told

    return handle


def wants_page(request: Request) -> bool:
    """Whether somebody asked who reads pages."""
    return not request.url.path.startswith("/v1/") and "text/html" in request.headers.get("accept", "")


async def _visitor(desk: Desk, request: Request, found: Code) -> Visitor:
    """Who reads, if it can be known: not while the database may be what is away, nor by a token that was refused."""
    if found.status >= 500:
        return Visitor()
    try:
        return await desk.gate.admit(request)
    except TamaniError:
        return Visitor()


def _code_of(error: Exception) -> Code:
    if isinstance(error, TamaniError):
        return error.code
    if isinstance(error, HTTPException | RequestValidationError):
        status = getattr(error, "status_code", 404)
        return code("refused.request.method" if status == 405 else "refused.request.unknown")
    return code("failed.internal")


def _advice(found: Code) -> str:
    by_name = {"refused.erased": ERASED, "refused.piece.gone": GONE}
    return by_name.get(found.name) or ADVICE.get(found.status, OTHERWISE)


async def error_page(desk: Desk, request: Request, found: Code) -> Response:
    """The page of an error."""
    lang = language_of(request)
    page = page_of(desk, request, await _visitor(desk, request, found), None)
    body = render(
        lang,
        "error.html",
        page=page,
        status=found.status,
        title=found.sentence(lang),
        advice=translations(lang).gettext(_advice(found)),
        code=found.name,
    )
    return Response(body, found.status, {"Cache-Control": "no-store"}, HTML)
