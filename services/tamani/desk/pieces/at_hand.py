"""A piece for somebody who may read its notice: from this site, else by way of the region."""

from collections.abc import Mapping
from typing import Any

from tamani.core.errors import RefusedError
from tamani.desk.pieces.blobs import Wanted
from tamani.desk.pieces.fetching import Fetching
from tamani.desk.pieces.store import Piece, Pieces

# Its notice stands, so it is not this that was erased; and nothing that its reader does makes the piece come.
_GONE = frozenset({"refused.erased", "refused.piece.size", "refused.piece.unknown"})


def wanted_of(source: str, notice: str, one: Mapping[str, Any]) -> Wanted:
    """What a notice says of one of its pieces (`head.attachments`), as it is asked for."""
    return Wanted(source, notice, str(one["sha256"]), int(one["size"]))


async def at_hand(
    pieces: Pieces, fetching: Fetching | None, wanted: Wanted, patience: float, *, signed_in: bool
) -> Piece:
    """The piece, which is here now; it is fetched if need be, and waited for no longer than that (seconds).

    Raises:
        RefusedError: `refused.piece.unknown` where nothing can be fetched, `refused.piece.gone`,
            `refused.piece.unsafe`.
        OutageError: as `Fetching.fetch`.
    """
    try:
        return await pieces.one(wanted.source, wanted.sha256)
    except RefusedError:
        if fetching is None:
            raise
    try:
        await fetching.fetch(wanted, patience, signed_in=signed_in)
        return await pieces.one(wanted.source, wanted.sha256)
    except RefusedError as error:
        if error.code.name in _GONE:
            raise RefusedError("refused.piece.gone", error.code.name) from error
        raise
