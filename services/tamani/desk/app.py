"""The desk's application: programs, pages and health on one address; alone, or as a part of a site."""

from fastapi import FastAPI

from tamani import __version__
from tamani.desk.api import build_api
from tamani.desk.health import build_health
from tamani.desk.service import Desk
from tamani.runtime.problems import install_problems


def build_app(desk: Desk) -> FastAPI:
    """The application of a desk that stands alone."""
    app = FastAPI(title="Tamani desk", version=__version__, docs_url=None, redoc_url=None)
    install_problems(app)
    app.include_router(build_api(desk))
    app.include_router(build_health(desk))
    return app
