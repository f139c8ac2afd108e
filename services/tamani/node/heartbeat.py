"""A sign of life for each key at an interval, so that a silent node is not taken for a calm country.

Not a notice: it goes to the bus directly, is never archived, and a missed one is not made up for.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet

import structlog

from tamani import __version__
from tamani.core.catalogue import catalogue
from tamani.core.envelope import encode_envelope
from tamani.core.erasure.confirming import DESK, NODE
from tamani.core.errors import OutageError
from tamani.core.event import Event, encode_event, format_time
from tamani.core.names import Lane, inbound, partition_key
from tamani.core.policy import key_state
from tamani.core.registry import KeyRow
from tamani.node import erasures
from tamani.node.counters import last_sequence
from tamani.node.ground import Ground
from tamani.node.link import Link
from tamani.node.metrics import queue_figures

log = structlog.get_logger(__name__)
NEWS_SECONDS = 10.0
Erased = tuple[str, str]  # where (node or desk), and by which order


class News:
    """When each erasure that still waits to be heard is said again: soon at first, then at twice the wait each time.

    The broker's word is not the region's: what it took may yet be held or refused, and nobody tells us.
    """

    def __init__(self, first_wait: float) -> None:
        self._first_wait = first_wait
        # By place (node or desk) and order: when it is said next, and how long after that once more.
        self._next: dict[Erased, tuple[float, float]] = {}

    def due(self, waiting: AbstractSet[Erased], now: float) -> bool:
        """Whether any of those that still wait should be said now; the others are forgotten."""
        self._next = {one: self._next.get(one, (now, self._first_wait)) for one in waiting}
        return any(at <= now for at, _ in self._next.values())

    def said(self, waiting: AbstractSet[Erased], now: float) -> None:
        """These were said just now."""
        for one in waiting:
            _, wait = self._next[one]
            self._next[one] = (now + wait, 2 * wait)


class Heartbeat:
    """Beats for the keys of one node that the registry knows."""

    def __init__(self, ground: Ground, link: Callable[[], Link | None]) -> None:
        self._ground = ground
        self._link = link
        self._news = News(NEWS_SECONDS)

    async def run(self, stop: asyncio.Event, every_seconds: float) -> None:
        """Beat until `stop`; without a connection, the beat is left out. What was just erased is said soon."""
        clock = asyncio.get_running_loop().time
        due = clock() + every_seconds
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), min(every_seconds, NEWS_SECONDS))
            mine, beside = await self._ground.outbox.read(erasures.to_tell), await self._ground.erased_beside()
            here = {(NODE, order) for order in mine} | {(DESK, order) for order in beside}
            link, news = self._link(), self._news.due(here, clock())
            if clock() < due and (link is None or not news):
                continue
            due = clock() + every_seconds
            if link is not None and not stop.is_set() and await self._beat_all(link, mine, beside):
                self._news.said(here, clock())

    async def _beat_all(self, link: Link, mine: Sequence[str], beside: Sequence[str]) -> bool:
        """Whether the broker has at least one of them."""
        erased, beaten = _parts(mine, beside), False
        for row in self._ground.registry().keys:
            key = self._ground.keystore.get(row.keyid)
            if key is None or key_state(row, self._ground.clock()) is not None:
                continue
            event = await self._event(row, erased)
            value = encode_envelope(key.sign(encode_event(event)))
            try:
                await link.send(inbound(self._ground.country), partition_key(event.source, event.subject), value)
            except OutageError as error:
                log.info("heartbeat left out", code=error.code.name)
                break
            beaten = True
        if mine and beaten:
            with contextlib.suppress(OutageError):  # then it is told once more
                await self._ground.outbox.write(lambda c: erasures.note_told(c, mine))
        return beaten

    async def _event(self, row: KeyRow, erased: list[dict[str, str]]) -> Event:
        figures = await self._ground.outbox.read(queue_figures)
        last = await self._ground.outbox.read(lambda c: last_sequence(c, row.keyid, Lane.NORMAL))
        return heartbeat_event(
            row,
            id_=self._ground.new_id(),
            time=format_time(self._ground.clock()),
            last=last,
            waiting=figures.get(Lane.NORMAL, (0, 0, None))[0],
            waiting_urgent=figures.get(Lane.URGENT, (0, 0, None))[0],
            erased=erased,
        )


def _parts(here: Sequence[str], beside: Sequence[str]) -> list[dict[str, str]]:
    """What was erased in this node's outbox, and at the desk beside it."""
    both = ((NODE, here), (DESK, beside[: erasures.MOST]))
    return [{"order": order, "part": part} for part, orders in both for order in orders]


def heartbeat_event(
    row: KeyRow,
    *,
    id_: str,
    time: str,
    last: int,
    waiting: int,
    waiting_urgent: int,
    erased: Sequence[dict[str, str]] = (),
) -> Event:
    """The event of one beat. It takes no number of the series: it repeats the last one given on the normal lane."""
    kind = catalogue()["heartbeat"]
    return Event(
        id=id_,
        source=row.body,
        type=kind.type,
        profile=next(iter(kind.profiles)),
        subject=f"{kind.family}/{row.node}",
        time=time,
        dataschema=kind.dataschema,
        tlp="CLEAR" if row.tlp_max == "CLEAR" else "GREEN",
        lang="fr",
        sequence=str(max(last, 1)),
        data={"waiting": waiting, "waiting_urgent": waiting_urgent, "software": __version__}
        | ({"erased": list(erased)} if erased else {}),
    )
