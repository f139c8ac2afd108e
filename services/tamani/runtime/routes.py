"""Routers joined as they stand.

FastAPI's `include_router` builds every route again for each router it passes through, for the sake of prefixes and
dependencies given at the joint. We give none there (a router knows its own), so the routes themselves are handed over:
a site's two hundred are built once instead of four times.
"""

from fastapi import APIRouter, FastAPI


def join(to: FastAPI | APIRouter, *parts: APIRouter) -> None:
    """Give the routes of these parts, in their order, to an application or to another router."""
    for part in parts:
        to.routes.extend(part.routes)
