"""The desk's application: programs, pages and health on one address; alone, or with a node's routes beside it."""

from fastapi import APIRouter, FastAPI
from starlette.middleware.gzip import GZipMiddleware

from tamani import __version__
from tamani.desk.agenda.feeds import build_feeds
from tamani.desk.api import build_api
from tamani.desk.erasure_api import build_erasures
from tamani.desk.health import build_health
from tamani.desk.pages.errors import install_errors
from tamani.desk.pages.routes import build_pages
from tamani.desk.pages.security import SecurityHeaders
from tamani.desk.pages.sizes import BodyLimit
from tamani.desk.proof_api import build_proofs
from tamani.desk.saved.feeds import build_saved_feeds
from tamani.desk.service import Desk
from tamani.runtime.registry_door import registry_routes
from tamani.runtime.routes import join

SMALLEST_COMPRESSED = 400


def build_router(desk: Desk) -> APIRouter:
    """The desk's routes without its health: what a site adds to its own application."""
    routes = APIRouter()
    join(routes, build_api(desk), build_feeds(desk), build_saved_feeds(desk), build_proofs(desk))
    join(routes, build_erasures(desk), build_pages(desk))
    return routes


def install_desk(app: FastAPI, desk: Desk) -> None:
    """Make an application a desk: routes, errors as pages or problems, compression, security headers."""
    install_errors(app, desk)
    join(app, build_router(desk))
    app.add_middleware(BodyLimit, desk=desk)
    app.add_middleware(GZipMiddleware, minimum_size=SMALLEST_COMPRESSED, compresslevel=6)
    app.add_middleware(SecurityHeaders, https=desk.settings.https)


def build_app(desk: Desk) -> FastAPI:
    """The application of a desk that stands alone."""
    app = FastAPI(title="Tamani desk", version=__version__, docs_url=None, redoc_url=None)
    install_desk(app, desk)
    join(app, build_health(desk), registry_routes(desk.registry))
    return app
