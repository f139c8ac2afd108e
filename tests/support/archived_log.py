"""Leaves put into an archive's database without notices, and the same tree in memory to hold it against."""

from datetime import datetime
from typing import Any

import psycopg

from tamani.core.log.leaf import Leaf
from tamani.core.log.merkle import leaf_hash
from tests.support.small_log import SmallLog, leaf

_ADD = "COPY log_leaf (leaf_index, kind, env, reg, rt, hash) FROM STDIN"


def put(dsn: str, tree: SmallLog, count: int, mark: str = "event") -> None:
    """So many more leaves in the tree and in the database."""
    first = tree.size
    made = [leaf(first + number, mark) for number in range(count)]
    tree.append(0, *made) if made else None
    with psycopg.connect(dsn) as connection:
        with connection.cursor() as cursor, cursor.copy(_ADD) as sink:
            for number, one in enumerate(made):
                sink.write_row(_row(first + number, one))
        connection.execute("UPDATE log_head SET leaves = %s", [tree.size])


def _row(index: int, one: Leaf) -> tuple[Any, ...]:
    recorded = datetime.fromisoformat(one.rt)
    return index, one.kind, one.env, one.reg, recorded, leaf_hash(bytes(one))
