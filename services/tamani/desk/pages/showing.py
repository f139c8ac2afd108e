"""A page that belongs to one person: never cached, with the words of what was refused, and a status that says so."""

from typing import Any

from fastapi import Request, Response

from tamani.core.errors import TamaniError
from tamani.desk.gate import Visitor
from tamani.desk.pages.page import page_of, viewer_of
from tamani.desk.pages.rendering import render
from tamani.desk.service import Desk

HTML = "text/html; charset=utf-8"


def show(
    desk: Desk,
    request: Request,
    template: str,
    visitor: Visitor,
    error: TamaniError | None = None,
    **context: Any,
) -> Response:
    """The page; with an error, its sentence and status (and how long to wait)."""
    page, labels = page_of(desk, request, visitor, None), viewer_of(desk, request).labels
    said = error.code.sentence(page.lang) if error else ""
    wait = int(error.detail) if error and error.code.name == "refused.auth.rate" else 0
    body = render(page.lang, template, page=page, labels=labels, error=said, wait=wait, **context)
    headers = {"Cache-Control": "no-store"} | ({"Retry-After": str(wait)} if wait else {})
    return Response(body, error.code.status if error else 200, headers, HTML)
