"""The notice that names a piece, as the ledger has it: whoever wants to hand over or fetch a file must name one."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import class_row

from tamani.core.envelope import decode_envelope
from tamani.core.errors import RefusedError
from tamani.core.event import decode_event
from tamani.core.names import Country
from tamani.core.pieces import LARGEST, sizes_in

_NOTICE = """
SELECT l.log_index, l.source_no, l.tlp, l.envelope AS value
FROM seen n JOIN source_ref s USING (source_no) JOIN ledger l ON l.log_index = n.log_index
WHERE s.source = %s AND n.id = %s
"""
# An erasure of this notice waits until we have committed, or we for it: a part never stays behind.
_HELD_FAST = _NOTICE + " FOR SHARE OF l"
_TOLD = "SELECT EXISTS (SELECT FROM feed_entry WHERE log_index = %s AND cc = %s AND mark IS NULL)"


@dataclass(frozen=True, slots=True)
class Naming:
    """A row of the ledger; `value` is empty once the notice was erased."""

    log_index: int
    source_no: int
    tlp: str
    value: bytes

    def file(self, sha256: str) -> tuple[int, bytes]:
        """A piece of it: the same digest of another body is another file."""
        return self.source_no, bytes.fromhex(sha256)

    def size_of(self, sha256: str) -> int | None:
        """How large the notice says that this piece is; nothing if it does not name it.

        Raises:
            RefusedError: `refused.erased`.
        """
        if not self.value:
            raise RefusedError("refused.erased")
        return sizes_in(decode_event(decode_envelope(self.value).payload)).get(sha256)

    def taken_size(self, sha256: str) -> int:
        """The same of a piece that is to come.

        Raises:
            RefusedError: `refused.erased`, `refused.piece.named`, `refused.piece.size`.
        """
        size = self.size_of(sha256)
        if size is None:
            raise RefusedError("refused.piece.named", sha256)
        if size > LARGEST:
            raise RefusedError("refused.piece.size", f"{size} > {LARGEST}")
        return size


async def find_naming(connection: AsyncConnection[Any], source: str, id_: UUID, *, hold: bool = False) -> Naming:
    """The notice of this name. `hold`: it is not erased before the transaction ends.

    Raises:
        RefusedError: `refused.request.notice`.
    """
    async with connection.cursor(row_factory=class_row(Naming)) as cursor:
        found = await (await cursor.execute(_HELD_FAST if hold else _NOTICE, [source, id_])).fetchone()
    if found is None:
        raise RefusedError("refused.request.notice", str(id_))
    return found


async def is_told(connection: AsyncConnection[Any], notice: Naming, country: Country) -> bool:
    """Whether this country's feed carries the notice."""
    row = await (await connection.execute(_TOLD, [notice.log_index, country.value])).fetchone()
    return bool(row and row[0])
