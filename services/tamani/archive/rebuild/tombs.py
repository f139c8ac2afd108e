"""The place of an erased notice in an archive that is made again: what its order says of it, and none of its bytes."""

import hashlib
from dataclasses import replace
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from tamani.archive.ledger import CONTESTED, Known, Name, Rows, Seen, tell
from tamani.archive.store import Store, read_seen
from tamani.core.erasure.order import SignedOrder
from tamani.core.event import parse_time
from tamani.core.log.leaf import Leaf
from tamani.core.log.merkle import leaf_hash
from tamani.core.names import regional
from tamani.core.policy import origins_of
from tamani.core.registry import Registry

# Nobody knows any more what value it came in.
NO_VALUE = hashlib.sha256(b"").digest()


async def name(connection: AsyncConnection[Any], store: Store, known: Known, signed: SignedOrder) -> None:
    """Number its source, and the stream that all rows of a rebuilt ledger come from; ask what stands under its name."""
    known.sources |= await store.source_numbers(connection, {signed.order.source})
    known.streams |= await store.numbers(connection, {regional()})
    known.seen |= await read_seen(connection, [_name(known, signed)])


def _name(known: Known, signed: SignedOrder) -> Name:
    return known.sources[signed.order.source], UUID(signed.order.id).bytes


def contest(rows: Rows, known: Known, signed: SignedOrder) -> None:
    """The place of erased evidence: the first, beside which it stood, is contested as it was."""
    first = known.seen.get(_name(known, signed))
    if first is None or first.contested:
        return
    known.seen[_name(known, signed)] = replace(first, contested=True)
    for country in first.countries:
        tell(rows, country, first.log_index, CONTESTED, first.digest)


def entomb(rows: Rows, known: Known, registry: Registry, signed: SignedOrder, leaf: Leaf) -> None:
    """Its row in the ledger, blank; its name, spent; its entry of the log, and of each feed that carried it."""
    order, index, at = signed.order, rows.head.size, rows.at
    (source, id_), digest = _name(known, signed), bytes.fromhex(order.digest)
    stream, leaf_index = known.streams[regional()], rows.head.leaves
    countries = tuple(sorted(origins_of(registry, order.tlp, (order.source, *order.readers))))
    known.seen[source, id_] = Seen(
        digest, index, (stream, 0, leaf_index), countries, leaf_index=leaf_index, erased=True
    )
    said = (order.type, "", "", "normal", parse_time(order.at), order.tlp, order.audience)
    claim = ("und", None, 0, bytes.fromhex(order.keyid), digest, NO_VALUE)
    place = (stream, 0, leaf_index)
    rows.ledger.append((index, source, id_, *said, *claim, *place, at, leaf.reg, "", b""))
    rows.seen.append((source, id_, digest, index))
    rows.leaves.append((leaf_index, leaf.kind, leaf.env, leaf.reg, at, leaf_hash(bytes(leaf)), index))
    rows.positions[place[:2]] = leaf_index + 1
    rows.head.leaves += 1
    rows.head.size += 1
    for country in countries:
        tell(rows, country, index, None, digest)
