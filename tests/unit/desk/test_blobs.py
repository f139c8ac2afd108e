"""What a desk makes of the archive's answers for pieces: final words are few, everything else is waited out."""

import httpx
import pytest

from tamani.core.errors import OutageError, RefusedError
from tamani.desk.pieces.blobs import Far, _error, _far


def answered(status: int, code: str = "", method: str = "PUT", content: bytes = b"") -> httpx.Response:
    """An answer of an archive, or of what stands before it and knows no code of ours."""
    headers = {"Tamani-Code": code} if code else {}
    return httpx.Response(status, content=content, headers=headers, request=httpx.Request(method, "http://archive/"))


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (answered(410, "refused.erased", "HEAD"), RefusedError, "refused.erased"),
        (answered(413, "refused.piece.size", "HEAD"), RefusedError, "refused.piece.size"),
        (answered(422, "refused.piece.named", "HEAD"), RefusedError, "refused.piece.named"),
        (answered(422, "refused.piece.digest"), RefusedError, "refused.piece.digest"),
        (answered(409, "refused.piece.range"), OutageError, "failed.archive"),
        (answered(404, "refused.request.notice"), OutageError, "failed.archive"),
        (answered(404, "refused.request.notice", "GET"), RefusedError, "refused.piece.unknown"),
        (answered(404, "refused.piece.unknown", "GET"), RefusedError, "refused.piece.unknown"),
        (answered(503, "failed.piece.coming", "GET"), OutageError, "failed.piece.coming"),
        (answered(422, "refused.request"), OutageError, "failed.archive"),
        (answered(401, "refused.auth.token"), OutageError, "failed.archive"),
        (answered(410, method="HEAD"), OutageError, "failed.archive"),
        (answered(413, content=b"<html>Too large"), OutageError, "failed.archive"),
        (answered(422, content=b'{"code": 4'), OutageError, "failed.archive"),
        (answered(301), OutageError, "failed.archive"),
    ],
)
def test_what_is_final_and_what_is_waited_out(answer: httpx.Response, kind: type, code: str) -> None:
    error = _error(answer)
    assert (type(error), error.code.name) == (kind, code)


def test_an_answer_that_does_not_say_how_far_is_no_archives() -> None:
    """A proxy that answers everything with success must not make a file seem handed over."""
    assert _far(httpx.Response(204, headers={"Upload-Offset": "7", "Upload-Complete": "?1"}), 7) == Far(7, whole=True)
    for headers in (
        {},
        {"Upload-Offset": "-1"},
        {"Upload-Complete": "?1"},
        {"Upload-Offset": "8", "Upload-Complete": "?1"},
    ):
        with pytest.raises(OutageError, match=r"failed\.archive"):
            _far(httpx.Response(204, headers=headers), 7)
