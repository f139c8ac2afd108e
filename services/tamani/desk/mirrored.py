"""What a desk has mirrored, exactly as it came: for an archive that has to be made again."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

_EPOCH = "SELECT coalesce(max(epoch), 0) FROM mirror"
_VALUES = "SELECT envelope FROM mirror WHERE envelope IS NOT NULL AND kind = 'record' ORDER BY feed_index"


@contextmanager
def mirrored(conninfo: str) -> Iterator[tuple[Iterator[bytes], int]]:
    """The envelopes of a mirror, and its epoch; none of a database that is empty. The desk may run.

    Raises:
        psycopg.OperationalError: the database is away.
    """
    with psycopg.connect(conninfo) as connection:
        (table,) = connection.execute("SELECT to_regclass('mirror')").fetchone() or (None,)
        if table is None:
            yield iter(()), 0
            return
        (epoch,) = connection.execute(_EPOCH).fetchone() or (0,)
        with connection.cursor("mirrored") as cursor:
            cursor.execute(_VALUES)
            yield (bytes(value) for (value,) in cursor), int(epoch)


def erased(conninfo: str) -> list[bytes]:
    """The orders of erasure that a desk has carried out.

    Raises:
        psycopg.OperationalError: the database is away.
    """
    with psycopg.connect(conninfo) as connection:
        (table,) = connection.execute("SELECT to_regclass('erasure')").fetchone() or (None,)
        return [bytes(row[0]) for row in connection.execute("SELECT document FROM erasure")] if table else []
