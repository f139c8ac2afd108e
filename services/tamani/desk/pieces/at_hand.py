"""A piece for somebody who may read its notice: from this site, else by way of the region."""

from collections.abc import Mapping
from typing import Any

from tamani.core.errors import RefusedError
from tamani.desk.pieces.blobs import Wanted
from tamani.desk.pieces.fetching import Fetching
from tamani.desk.pieces.store import Piece, Pieces


def wanted_of(source: str, notice: str, one: Mapping[str, Any]) -> Wanted:
    """What a notice says of one of its pieces (`head.attachments`), as it is asked for."""
    return Wanted(source, notice, str(one["sha256"]), int(one["size"]))


async def at_hand(
    pieces: Pieces, fetching: Fetching | None, wanted: Wanted, patience: float, *, signed_in: bool
) -> tuple[Piece, bytes]:
    """The piece and its bytes; it is fetched if need be, and waited for no longer than that (seconds).

    Raises:
        RefusedError: `refused.piece.unknown` where nothing can be fetched, or as `Fetching.fetch`.
        OutageError: as `Fetching.fetch`.
    """
    try:
        return await pieces.content(wanted.source, wanted.sha256)
    except RefusedError:
        if fetching is None:
            raise
    await fetching.fetch(wanted, patience, signed_in=signed_in)
    return await pieces.content(wanted.source, wanted.sha256)
