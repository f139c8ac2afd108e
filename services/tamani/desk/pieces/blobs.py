"""The archive's door for pieces as a desk uses it: with its country's token, on a connection of its own.

Files must never stand before the feed's past on a connection, so this client shares none with the catch-up.
"""

import re
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx

from tamani.core.errors import OutageError, RefusedError
from tamani.core.pieces import COMPLETE, OFFSET, Span
from tamani.desk.catch_up import authorization
from tamani.desk.settings import DeskSettings
from tamani.runtime.problems import CODE

# A part goes in some seconds on a slow line; on one that stands still nobody waits for ever.
TIMEOUT = httpx.Timeout(60, connect=5)
ONE = httpx.Limits(max_connections=1)
_REFUSED = frozenset({"refused.erased", "refused.piece.size", "refused.piece.named", "refused.piece.digest"})
# Under today's rights, or of this size, the region gives it to nobody of this country.
_LACKS = frozenset({"refused.piece.unknown", "refused.request.notice"})
COMING = "failed.piece.coming"
_OFFSET = re.compile("[0-9]{1,12}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A piece, and the notice by which it travels."""

    source: str
    notice: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Far:
    """How much of a piece the archive has."""

    offset: int
    whole: bool


class Blobs:
    """A client of `/v1/blobs`."""

    def __init__(self, url: str, token_file: Path | None) -> None:
        self._token_file = token_file
        self._client = httpx.AsyncClient(base_url=url, timeout=TIMEOUT, limits=ONE)

    @classmethod
    def of(cls, settings: DeskSettings) -> Self | None:
        """The client that these settings describe; nothing if there is no archive."""
        return cls(settings.archive_url, settings.archive_token_file) if settings.archive_url else None

    async def close(self) -> None:
        """Close the connection."""
        await self._client.aclose()

    async def far(self, wanted: Wanted) -> Far:
        """How far an earlier attempt has come.

        Raises:
            RefusedError: `refused.erased`, `refused.piece.size`, `refused.piece.named`: for good.
            OutageError: `failed.archive`: anything else, also a token that does not count (yet).
        """
        return _far(await self._ask("HEAD", wanted), wanted.size)

    async def put(self, wanted: Wanted, span: Span, content: bytes) -> Far:
        """Hand over a part.

        Raises:
            RefusedError: as `far`, and `refused.piece.digest`.
            OutageError: as `far`.
        """
        return _far(await self._ask("PUT", wanted, {"Content-Range": str(span)}, content), wanted.size)

    async def get(self, wanted: Wanted, start: int) -> AsyncGenerator[bytes, None]:
        """The bytes of a piece from `start` on, as they come.

        Raises:
            RefusedError: `refused.erased`, `refused.piece.unknown`.
            OutageError: `failed.piece.coming`, `failed.archive`: what came before is good, go on from there.
        """
        left = wanted.size - start
        headers = {"Range": f"bytes={start}-", "Accept-Encoding": "identity"}
        with _outages():
            async with self._client.stream("GET", **self._request(wanted, headers)) as answer:
                if not answer.is_success:
                    await answer.aread()  # what is read to its end leaves the connection for the next
                    raise _error(answer)
                if answer.status_code != httpx.codes.PARTIAL_CONTENT or not _begins_at(answer, start):
                    raise OutageError("failed.archive", "Content-Range")
                async for chunk in answer.aiter_raw():
                    left -= len(chunk)
                    if left < 0:
                        raise OutageError("failed.archive", "size")
                    yield chunk
        if left:
            raise OutageError("failed.archive", "size")

    async def _ask(
        self, method: str, wanted: Wanted, headers: dict[str, str] | None = None, content: bytes | None = None
    ) -> httpx.Response:
        with _outages():
            answer = await self._client.request(method, **self._request(wanted, headers or {}), content=content)
        if answer.is_success:
            return answer
        raise _error(answer)

    def _request(self, wanted: Wanted, headers: dict[str, str]) -> dict[str, Any]:
        return {
            "url": f"/v1/blobs/{wanted.sha256}",
            "params": {"source": wanted.source, "id": wanted.notice},
            "headers": authorization(self._token_file) | headers,
        }


@contextmanager
def _outages() -> Iterator[None]:
    try:
        yield
    except httpx.HTTPError as error:
        raise OutageError("failed.archive", type(error).__name__) from error


def _begins_at(answer: httpx.Response, start: int) -> bool:
    span = Span.sent(answer.headers.get("content-range", ""))
    return span is not None and span.start == start


def _far(answer: httpx.Response, size: int) -> Far:
    """What the archive says of a file of this size; who says else is no archive."""
    said, whole = answer.headers.get(OFFSET, ""), answer.headers.get(COMPLETE) == "?1"
    offset = int(said) if _OFFSET.fullmatch(said) else -1
    if not 0 <= offset <= size or whole != (offset == size):
        raise OutageError("failed.archive", OFFSET)
    return Far(offset, whole)


def _error(answer: httpx.Response) -> RefusedError | OutageError:
    """What the archive says for good, in a header of ours; all the rest may change, also what a proxy says."""
    name = answer.headers.get(CODE, "")
    if name in _REFUSED:
        return RefusedError(name)
    if name in _LACKS and answer.request.method == "GET":
        return RefusedError("refused.piece.unknown")
    if name == COMING:
        return OutageError(COMING)
    return OutageError("failed.archive", name or f"HTTP {answer.status_code}")
