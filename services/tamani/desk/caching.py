"""Answers that a slow link need not carry twice: an ETag of the exact bytes, `304` when the reader has them.

What somebody reads for a body is never kept by a cache on the way, nor on a shared machine's disk.
"""

import hashlib
from collections.abc import Mapping

from fastapi import Request, Response

from tamani.desk.gate import Visitor

# For what was sealed, opened: no ETag either, since that would be a digest of what it says.
NEVER_KEPT = {"Cache-Control": "no-store", "Vary": "Authorization, Cookie"}


def answer(
    request: Request, body: bytes, media_type: str, visitor: Visitor, headers: Mapping[str, str] | None = None
) -> Response:
    """The answer, or `304 Not Modified`."""
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
    known = {
        "ETag": tag,
        "Vary": "Authorization, Cookie",
        "Cache-Control": "private, no-store" if visitor.signed_in else "no-cache",
        **(headers or {}),
    }
    if tag in {given.strip() for given in request.headers.get("if-none-match", "").split(",")}:
        return Response(status_code=304, headers=known)
    return Response(body, media_type=media_type, headers=known)
