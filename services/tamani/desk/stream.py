"""The live stream (SSE): first what a reader has missed, from the tables, then what the hub tells, without a hole.

Before each event the reader is looked at again: a revoked token, an ended session or a body struck off ends the stream.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass

from tamani.core.errors import RefusedError
from tamani.core.policy import Reader
from tamani.desk.access import head_for
from tamani.desk.changes import Change, changes_after
from tamani.desk.cursors import Cursor, resume
from tamani.desk.database import Database
from tamani.desk.filters import Filters
from tamani.desk.gate import Gate, Visitor
from tamani.desk.hub import TICK, Client, Hub, Rewound
from tamani.desk.position import Position, read_position

PAGE = 100
HELLO = b"retry: 3000\n\n"


@dataclass(slots=True)
class _Place:
    """How far one client has been told, in which edition."""

    edition: int
    number: int

    @property
    def id(self) -> str:
        return str(Cursor(self.number, self.edition))

    def rewind(self, edition: int, first: int) -> bool:
        """Enter a new edition, told from `first` on; whether this client had come that far."""
        told = self.number
        self.edition, self.number = edition, min(told, first - 1)
        return self.number < told


class Stream:
    """What one client hears."""

    def __init__(self, database: Database, hub: Hub, gate: Gate, visitor: Visitor, filters: Filters) -> None:
        self._database = database
        self._hub = hub
        self._gate = gate
        self._visitor = visitor
        self._reader: Reader = visitor.reader
        self._filters = filters

    async def events(self, cursor: Cursor | None) -> AsyncGenerator[bytes, None]:
        """The stream from after this cursor, or from now; it ends when the reader may not read any more."""
        with self._hub.joined() as client:
            place = await self._start(cursor)
            yield HELLO
            try:
                async for said in self._told(client, place):
                    yield said
            except RefusedError as error:
                yield event("end", f'{{"code":"{error.code.name}"}}'.encode())

    async def _told(self, client: Client, place: _Place) -> AsyncIterator[bytes]:
        # Before the tables are read: what is archived between the two is told by both, and said once.
        await self._hub.ready()
        async for said in self._missed(place):
            yield said
        yield self._position(place)
        async for said in self._live(client, place):
            yield said

    async def _start(self, cursor: Cursor | None) -> _Place:
        async with self._database.reading() as connection:
            stored = await read_position(connection)
            head = head_for(self._reader, stored)
            number = head if cursor is None else await resume(connection, self._reader, stored, cursor)
        return _Place(stored.edition, min(number, head))

    async def _missed(self, place: _Place) -> AsyncIterator[bytes]:
        """From the tables, page by page, up to where they stood at the last look."""
        while True:
            head, page = await self._page(place.number)
            for change in page:
                self._gate.recheck(self._visitor)
                if said := self._said(place, change):
                    yield said
            if len(page) < PAGE:
                place.number = max(place.number, head)
                return

    async def _page(self, after: int) -> tuple[int, list[Change]]:
        async with self._database.reading() as connection:
            stored: Position = await read_position(connection)
            head = head_for(self._reader, stored)
            return head, await changes_after(connection, after, head, PAGE, self._reader)

    async def _live(self, client: Client, place: _Place) -> AsyncIterator[bytes]:
        while not client.gone.is_set():
            try:
                news = await asyncio.wait_for(client.queue.get(), TICK)
            except TimeoutError:
                self._visitor = await self._gate.renew(self._visitor)
                yield self._position(place)
                continue
            if news is None:
                return
            self._gate.recheck(self._visitor)
            if isinstance(news, Rewound):
                if place.rewind(news.edition, news.number(self._reader)):
                    yield event("reset", b"{}", place.id)
                async for missed in self._missed(place):
                    yield missed
            elif said := self._said(place, news):
                yield said

    def _said(self, place: _Place, change: Change) -> bytes | None:
        """The event of a change, if it is news to this reader, may be read by them and is asked for."""
        number = change.number(self._reader)
        if not change.readable_by(self._reader) or number <= place.number:
            return None
        place.number = number
        return event(change.kind, change.body(self._reader), place.id) if change.wanted_by(self._filters) else None

    def _position(self, place: _Place) -> bytes:
        """Said at the start and every quarter of a minute: still here, and complete through this number."""
        return event("position", f'{{"complete_through":{place.number}}}'.encode(), place.id)


def event(kind: str, data: bytes, id_: str | None = None) -> bytes:
    """One event in the format of the HTML standard, §9.2.6; a line break within the data begins a new `data:` line."""
    lines = [b"event: " + kind.encode()]
    if id_ is not None:
        lines.append(b"id: " + id_.encode())
    lines += [b"data: " + line for line in data.splitlines() or [b""]]
    return b"\n".join(lines) + b"\n\n"
