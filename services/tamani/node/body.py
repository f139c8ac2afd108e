"""The body of a request: its size is capped before a byte is parsed, its type must be JSON, its JSON strict."""

from typing import Any

from starlette.requests import Request

from tamani.core.errors import RefusedError
from tamani.core.strict_json import BadJson, loads


async def read_body(request: Request, most: int) -> bytes:
    """The bytes of a JSON body.

    Raises:
        RefusedError: `refused.request.type`, `refused.size`.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    # A request without a type is taken at its word: it has a token, which no page of another site can send.
    if kind not in {"", "application/json"} and not (kind.startswith("application/") and kind.endswith("+json")):
        raise RefusedError("refused.request.type", kind[:80])
    announced = request.headers.get("content-length", "0")
    if announced.isdecimal() and int(announced) > most:
        raise RefusedError("refused.size", f"{announced} > {most}")
    taken = bytearray()
    async for piece in request.stream():
        taken += piece
        if len(taken) > most:
            raise RefusedError("refused.size", f"> {most}")
    return bytes(taken)


def parse(raw: bytes) -> Any:
    """The value of a strict JSON text.

    Raises:
        RefusedError: `refused.json…`.
    """
    try:
        return loads(raw)
    except BadJson as error:
        raise RefusedError(error.code, error.detail) from error
