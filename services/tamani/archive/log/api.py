"""The log over HTTP, for anybody: checkpoint and tiles as files (C2SP tlog-tiles), proofs for who knows an `env`.

Nothing here tells who said what: an entry names no source and no id.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, Response
from psycopg import AsyncConnection, OperationalError
from psycopg_pool import AsyncConnectionPool

from tamani.archive.log import checkpoints
from tamani.archive.log.proofs import prove, prove_one
from tamani.archive.log.tiles import read_tile
from tamani.core.errors import OutageError, RefusedError
from tamani.core.log.tiles import WIDTH, parse_path
from tamani.runtime.log_requests import Wanted

PREFIX = "/log"
# A full tile never changes; a partial one is asked for once, by whoever is just behind.
FOR_EVER, FOR_A_WHILE, NEVER = "public, max-age=31536000, immutable", "public, max-age=60", "no-cache"


def make_routes(pool: AsyncConnectionPool[Any]) -> APIRouter:
    """The routes, below `/log`."""
    routes = APIRouter(prefix=PREFIX, tags=["log"])

    @routes.get("/checkpoint")
    async def checkpoint() -> Response:
        """The newest signed checkpoint, with the cosignatures that it has so far."""
        async with _connected(pool) as connection:
            kept = await checkpoints.newest_signed(connection)
            if kept is None:
                raise RefusedError("failed.log.pending")
            note = await checkpoints.cosigned_note(connection, kept)
        return _text(note, NEVER)

    @routes.get("/tile/{path:path}")
    async def tile(path: str) -> Response:
        """A tile of hashes, or a bundle of entries, of the tree of the newest signed checkpoint."""
        wanted = parse_path(f"tile/{path}")
        async with _connected(pool) as connection:
            kept = await checkpoints.newest_signed(connection)
            within = wanted is not None and kept is not None and wanted.is_within(kept.size)
            content = await read_tile(connection, wanted) if wanted is not None and within else None
        if content is None or wanted is None:
            raise RefusedError("refused.request.unknown")
        age = FOR_EVER if wanted.width == WIDTH else FOR_A_WHILE
        return Response(content, media_type="application/octet-stream", headers={"Cache-Control": age})

    @routes.get("/proof/{env}")
    async def proof(env: str) -> Response:
        """One entry's proof as a file: where it stands, the path to the root, the signed checkpoint."""
        try:
            wanted = bytes.fromhex(env)
        except ValueError as error:
            raise RefusedError("refused.log.unknown") from error
        async with _connected(pool) as connection:
            return _text(await prove_one(connection, wanted), NEVER)

    @routes.post("/proofs")
    async def proofs(wanted: Wanted) -> dict[str, Any]:
        """Many proofs under one checkpoint; null for what is not there yet, or not at all."""
        async with _connected(pool) as connection:
            batch = await prove(connection, [bytes.fromhex(env) for env in wanted.env])
        shown = [found and found.shown() for found in batch.proofs]
        return {"checkpoint": batch.checkpoint.decode(), "proofs": shown}

    return routes


@asynccontextmanager
async def _connected(pool: AsyncConnectionPool[Any]) -> AsyncIterator[AsyncConnection[Any]]:
    """A connection whose reads agree with each other."""
    try:
        async with pool.connection() as connection:
            await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield connection
    except OperationalError as error:
        raise OutageError("failed.database") from error


def _text(content: bytes, age: str) -> Response:
    return Response(content, media_type="text/plain; charset=utf-8", headers={"Cache-Control": age})
