"""What a desk makes of the archive's answers for pieces: final words are few, everything else is waited out."""

import json

import httpx
import pytest

from tamani.core.errors import OutageError, RefusedError
from tamani.desk.pieces.blobs import Far, _error, _far


def answered(status: int, body: object = None, method: str = "PUT") -> httpx.Response:
    """An answer of an archive, or of what stands before it."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
    request = httpx.Request(method, "http://archive/v1/blobs/x")
    return httpx.Response(status, content=content, headers={"Content-Type": "application/json"}, request=request)


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (answered(410, method="HEAD"), RefusedError, "refused.erased"),
        (answered(413, method="HEAD"), RefusedError, "refused.piece.size"),
        (answered(422, method="HEAD"), RefusedError, "refused.piece.named"),
        (answered(422, {"code": "refused.piece.digest"}), RefusedError, "refused.piece.digest"),
        (answered(409, {"code": "refused.piece.range"}), OutageError, "failed.archive"),
        (answered(404, {"code": "refused.request.notice"}), OutageError, "failed.archive"),
        (answered(404, {"code": "refused.request.notice"}, "GET"), RefusedError, "refused.piece.unknown"),
        (answered(404, {"code": "refused.piece.unknown"}, "GET"), RefusedError, "refused.piece.unknown"),
        (answered(503, {"code": "failed.piece.coming"}, "GET"), OutageError, "failed.piece.coming"),
        (answered(422, {"code": "refused.request"}), OutageError, "failed.archive"),
        (answered(401, {"code": "refused.auth.token"}), OutageError, "failed.archive"),
        (answered(502, b"<html>Bad gateway"), OutageError, "failed.archive"),
        (answered(500, ["x"]), OutageError, "failed.archive"),
        (answered(301, b""), OutageError, "failed.archive"),
    ],
)
def test_what_is_final_and_what_is_waited_out(answer: httpx.Response, kind: type, code: str) -> None:
    error = _error(answer)
    assert (type(error), error.code.name) == (kind, code)


def test_an_answer_that_does_not_say_how_far_is_no_archives() -> None:
    """A proxy that answers everything with success must not make a file seem handed over."""
    assert _far(httpx.Response(204, headers={"Upload-Offset": "7", "Upload-Complete": "?1"})) == Far(7, whole=True)
    for headers in ({}, {"Upload-Offset": "-1"}, {"Upload-Complete": "?1"}):
        with pytest.raises(OutageError, match=r"failed\.archive"):
            _far(httpx.Response(204, headers=headers))
