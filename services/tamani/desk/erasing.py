"""Carrying out orders of erasure in a desk's tables, in the transaction that takes them in.

Out go the mirror's bytes, the row that lists and filters, the words that search, references made, hours in the
calendar, letters that wait, the row of a table that it was imported from, its pieces, and the keys of a sealed notice.
The order stays, with which it is said what happened; bytes that it names are never stored again, whoever tells them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from sqlalchemy import case, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from tamani.core.catalogue.sealed import TYPE as SEALED
from tamani.core.envelope import decode_envelope
from tamani.core.erasure.order import SignedOrder
from tamani.core.event import decode_event
from tamani.core.feed import FeedEntry
from tamani.core.log.leaf import env_of
from tamani.core.strict_json import BadJson
from tamani.desk import capsules
from tamani.desk.heads import renew_heads
from tamani.desk.imports.tables import import_row
from tamani.desk.pieces.feed import forget_pieces
from tamani.desk.projection import Confirmed, Erased, Withheld, recorded_time
from tamani.desk.tables import (
    agenda,
    capsule,
    demand,
    erasure,
    erasure_confirmation,
    mail_outbox,
    mirror,
    record,
    reference,
    search,
    settlement,
    unreadable,
)
from tamani.desk.taken import Taken
from tamani.desk.turns import PAST, family_of, turn_families

log = structlog.get_logger(__name__)
DERIVED = (record, search, reference, demand, settlement, agenda, unreadable)


async def without_erased(connection: AsyncConnection, batch: Sequence[Taken]) -> list[Taken]:
    """The batch without the bytes of what was erased before: told anew, it keeps its number and nothing else."""
    told = {taken.entry.digest: taken.entry.feed_index for taken in batch if taken.entry.envelope is not None}
    known = select(erasure.c.digest).where(erasure.c.digest.in_(told))
    gone = set((await connection.execute(known)).scalars()) if told else set()
    for digest in gone:
        place = update(erasure).where(erasure.c.digest == digest)
        await connection.execute(place.values(feed_index=told[digest], public_index=None))
    return [_bare(taken) if taken.entry.digest in gone else taken for taken in batch]


def _bare(taken: Taken) -> Taken:
    if taken.entry.envelope is None:
        return taken
    return Taken(taken.entry.model_copy(update={"envelope": None}), Withheld())


async def public_numbers(connection: AsyncConnection, batch: Sequence[Taken]) -> set[int]:
    """Of the entries without content those that everybody could read here before: their numbers stay given."""
    bare = [taken.entry.feed_index for taken in batch if isinstance(taken.outcome, Withheld)]
    if not bare:
        return set()
    wanted = erasure.c.feed_index.in_(bare), erasure.c.public_index.is_not(None)
    return set((await connection.execute(select(erasure.c.feed_index).where(*wanted))).scalars())


async def told_to_all(connection: AsyncConnection, batch: Sequence[Taken]) -> set[int]:
    """Of the entries that order an erasure those of which everybody is told: the first for a notice that was CLEAR.

    Projected anew, an entry keeps its number, or goes without, as before (older desks gave none).
    """
    orders = [(one.entry.feed_index, one.outcome.signed.order) for one in batch if isinstance(one.outcome, Erased)]
    if not orders:
        return set()
    query = select(erasure.c.digest, erasure.c.told_at, erasure.c.told_public)
    known = query.where(erasure.c.digest.in_([order.digest for _, order in orders]), erasure.c.told_at.is_not(None))
    told = {row.digest: (row.told_at, row.told_public is not None) for row in await connection.execute(known)}
    for index, order in orders:
        told.setdefault(order.digest, (index, order.tlp == "CLEAR"))
    return {index for index, public in told.values() if public} & {index for index, _ in orders}


async def forget_places(connection: AsyncConnection, first: int) -> None:
    """The feed from `first` on is told anew: what was erased stays erased, wherever it will stand."""
    for place, public in ((erasure.c.feed_index, erasure.c.public_index), (erasure.c.told_at, erasure.c.told_public)):
        await connection.execute(update(erasure).where(place >= first).values({place: None, public: None}))


async def carry_out(connection: AsyncConnection, batch: Sequence[Taken], told: Mapping[int, int]) -> None:
    """Erase what this batch orders, and keep who says to have done so. The caller commits.

    `told`: by entry, the number under which everybody is told of the erasure.
    """
    for taken in batch:
        match taken.outcome:
            case Erased(signed):
                await _erase(connection, taken.entry, signed, told.get(taken.entry.feed_index))
            case Confirmed(keyid, parts):
                rows = [
                    {"order_env": order, "part": part, "keyid": keyid, "recordedtime": recorded_time(taken.entry)}
                    for order, part in parts
                ]
                if rows:
                    await connection.execute(insert(erasure_confirmation).on_conflict_do_nothing(), rows)


async def _erase(connection: AsyncConnection, entry: FeedEntry, signed: SignedOrder, told: int | None) -> None:
    """One order. Given again it finds nothing left to do."""
    order = signed.order
    place = select(mirror.c.feed_index, mirror.c.envelope).where(
        mirror.c.digest == order.digest, mirror.c.kind == "record"
    )
    row = (await connection.execute(place)).first()
    value = bytes(row.envelope) if row is not None and row.envelope is not None else None
    if value is not None and not _is_of(value, signed):
        await _list(connection, entry)
        return
    number = row.feed_index if row is not None else None
    public = await connection.scalar(select(record.c.public_index).where(record.c.feed_index == number))
    await _keep(connection, entry, signed, {"feed_index": number, "public_index": public, "told_public": told})
    if number is not None:
        await connection.execute(update(mirror).where(mirror.c.feed_index == number).values(envelope=None))
        await _forget_row(connection, number)
    await _forget_letters(connection, entry, signed)
    await connection.execute(delete(import_row).where(import_row.c.id == order.id))
    await _forget_keys(connection, signed, value)
    await _forget_pieces(connection, signed, value)
    log.warning("erased", order=signed.env.hex()[:16], feed_index=number)


async def _forget_row(connection: AsyncConnection, number: int) -> None:
    """All that was derived from a notice; the version before it is the last of its thread again."""
    said = select(record.c.source, record.c.thread).where(record.c.feed_index == number)
    threads = {(row.source, row.thread) for row in await connection.execute(said)}
    for table in DERIVED:
        await connection.execute(delete(table).where(table.c.feed_index == number))
    await renew_heads(connection, threads)
    await turn_families(connection, {family_of(thread) for _, thread in threads} | {PAST})


def _is_of(value: bytes, signed: SignedOrder) -> bool:
    try:
        return env_of(decode_envelope(value)).hex() == signed.order.env
    except BadJson:
        return False


async def _list(connection: AsyncConnection, entry: FeedEntry) -> None:
    """An order that does not describe what it names erases nothing, and is told."""
    values: dict[str, Any] = {"feed_index": entry.feed_index, "code": "refused.erasure.digest", "detail": "env"}
    values["recordedtime"] = recorded_time(entry)
    await connection.execute(insert(unreadable).values(values).on_conflict_do_nothing())


async def _keep(
    connection: AsyncConnection, entry: FeedEntry, signed: SignedOrder, numbers: Mapping[str, int | None]
) -> None:
    order = signed.order
    new = insert(erasure).values(
        digest=order.digest,
        order_env=signed.env.hex(),
        document=signed.encode(),
        source=order.source,
        id=order.id,
        tlp=order.tlp,
        audience=list(order.readers),
        recordedtime=recorded_time(entry),
        told_at=entry.feed_index,
        **numbers,
    )
    first = or_(erasure.c.told_at.is_(None), erasure.c.told_at == new.excluded.told_at)
    again = {
        "feed_index": new.excluded.feed_index,
        "public_index": func.coalesce(new.excluded.public_index, erasure.c.public_index),
        "told_at": func.coalesce(erasure.c.told_at, new.excluded.told_at),
        "told_public": case((first, new.excluded.told_public), else_=erasure.c.told_public),
    }
    await connection.execute(new.on_conflict_do_update(index_elements=["digest"], set_=again))


async def _forget_letters(connection: AsyncConnection, entry: FeedEntry, signed: SignedOrder) -> None:
    """Letters hold no text; the thread's name is the author's own words, too."""
    mine = (mail_outbox.c.source == signed.order.source, mail_outbox.c.id == signed.order.id)
    await connection.execute(update(mail_outbox).where(*mine).values(thread=f"erased/{signed.order.id}"))
    waiting = update(mail_outbox).where(*mine, mail_outbox.c.state == "waiting")
    await connection.execute(waiting.values(state="passed", ended=recorded_time(entry)))


async def _forget_pieces(connection: AsyncConnection, signed: SignedOrder, value: bytes | None) -> None:
    """The files that the notice names, or was to name; of a sealed one there are none."""
    event = decode_event(decode_envelope(value).payload) if value is not None else None
    await forget_pieces(connection, signed.order.source, signed.order.id, event)


async def _forget_keys(connection: AsyncConnection, signed: SignedOrder, value: bytes | None) -> None:
    """The capsules that the notice names, also those yet to come; and what came under its digest."""
    digest = signed.order.digest
    if value is not None and signed.order.type == SEALED.type:
        for named in decode_event(decode_envelope(value).payload).data["capsules"]:
            await capsules.erase(connection, named["sha256"], digest)
    await connection.execute(update(capsule).where(capsule.c.digest == digest).values(value=None))
