"""Has the log gone back? What was signed with its key, wherever it is remembered, must be the beginning of its tree."""

from collections.abc import Iterable
from typing import Any

from psycopg import AsyncConnection

from tamani.archive.log import checkpoints
from tamani.archive.log.tiles import root_at
from tamani.core.errors import DefectError
from tamani.core.log.checkpoint import Checkpoint


async def hold_against(connection: AsyncConnection[Any], origin: str, signed: Iterable[Checkpoint]) -> None:
    """Compare the tree of the newest checkpoint in the database, signed or not yet, with what was signed before.

    Raises:
        DefectError: `failed.log.rewound`; `failed.log.origin`, another log's; `failed.log.state`, tiles are missing.
    """
    newest = await checkpoints.newest(connection)
    size = newest.size if newest else 0
    for one in signed:
        if one.origin != origin:
            raise DefectError("failed.log.origin", f"{one.origin}, {origin}")
        if one.size > size:
            raise DefectError("failed.log.rewound", f"{size} < {one.size}")
        if await root_at(connection, one.size) != one.root:
            raise DefectError("failed.log.rewound", f"another root at {one.size}")
