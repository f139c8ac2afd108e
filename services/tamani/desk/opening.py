"""Opening a sealed notice for one reader of a named body, in memory, each time anew: nothing opened is ever written."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import structlog

from tamani.core.catalogue import catalogue
from tamani.core.catalogue.sealed import TYPE as SEALED
from tamani.core.errors import RefusedError
from tamani.core.event import Event, parse_time
from tamani.core.names import Country
from tamani.core.policy import Reader, has_right
from tamani.core.sealing import open_sealed
from tamani.desk import capsules
from tamani.desk.database import Database
from tamani.desk.identities import Identities
from tamani.desk.queries import Queries
from tamani.desk.rows import Notice
from tamani.desk.themes import themes_of
from tamani.desk.threads import Story, Thread, stories
from tamani.runtime.clock import Clock
from tamani.runtime.registry import RegistryHolder

log = structlog.get_logger(__name__)
# How long the region hands out a capsule (schemas/topics.yaml).
HANDED_OUT = timedelta(days=35)
LONGEST_STORY = 200


@dataclass(frozen=True, slots=True)
class Opened:
    """A notice as if it had travelled open, and its thread so far as this reader can open it.

    `beyond_rights`: its body may not say this type; the region could not see that.
    """

    notice: Notice
    story: Story
    beyond_rights: bool


class Opener:
    """Opens what is sealed for the bodies whose identities are at this site."""

    def __init__(
        self, database: Database, queries: Queries, identities: Identities, registry: RegistryHolder, clock: Clock
    ) -> None:
        self._database = database
        self._queries = queries
        self._identities = identities
        self._registry = registry
        self._clock = clock

    async def open(self, reader: Reader, notice: Notice) -> Opened:
        """The notice within this one, which the reader may see.

        Raises:
            RefusedError: `refused.sealed.…`; `refused.request.notice` if it is not sealed.
        """
        opened = await self._open(reader, notice)
        log.info("sealed.opened", source=notice.row.source, id=notice.row.id, body=reader.body)
        row = self._registry.current.key(notice.envelope.keyid)
        story = (await self.stories(reader, [notice.row.thread], LONGEST_STORY)).get(opened.thread, Story.of([]))
        return Opened(opened, story, row is not None and not has_right(row, opened.event))

    async def stories(self, reader: Reader, subjects: Sequence[str], most: int) -> dict[Thread, Story]:
        """The threads under these subjects, of their newest notices those that this reader can open: in memory only."""
        around = await self._queries.under(reader, subjects, most)
        parts = [await self._try(reader, one) for one in around]
        return stories([one for one in parts if one is not None])

    async def capsule(self, reader: Reader, notice: Notice) -> bytes:
        """The age file for the readers of this reader's origin.

        Raises:
            RefusedError: `refused.sealed.waiting|expired|erased|reader`; `refused.request.notice`: it is not sealed.
        """
        if notice.row.type != SEALED.name or reader.body is None:
            raise RefusedError("refused.request.notice")
        async with self._database.reading() as connection:
            found = await capsules.find(connection, _named_for(notice.event, Country(reader.body[1:3])))
        if found is None:
            late = self._clock() - notice.row.recordedtime > HANDED_OUT
            raise RefusedError("refused.sealed.expired" if late else "refused.sealed.waiting")
        if found.value is None:
            raise RefusedError("refused.sealed.erased")
        return found.value

    async def _open(self, reader: Reader, notice: Notice) -> Notice:
        capsule = await self.capsule(reader, notice)
        return _as_open(notice, open_sealed(notice.event, capsule, self._identities.of(reader.body)))

    async def _try(self, reader: Reader, notice: Notice) -> Notice | None:
        """What cannot be opened has no part in the thread that the others make."""
        if notice.row.type != SEALED.name:
            return notice
        try:
            return await self._open(reader, notice)
        except RefusedError:
            return None


def _named_for(event: Event, country: Country) -> str:
    for one in event.data["capsules"]:
        if one["origin"] == country.value:
            return str(one["sha256"])
    raise RefusedError("refused.sealed.reader", country.value)


def _as_open(notice: Notice, inner: Event) -> Notice:
    """The same place in the feed, with the words that were within."""
    kind, head = catalogue()[inner.kind], inner.head
    shown: dict[str, Any] = {
        "type": inner.kind,
        "profile": inner.profile,
        "system": kind.system,
        "lang": inner.lang,
        "severity": inner.data.get("severity"),
        "areas": tuple(head.get("areas", ())),
        "themes": themes_of(inner),
        "expirytime": parse_time(inner.expirytime) if inner.expirytime else None,
        "title": str(head.get("title") or ""),
    }
    return replace(notice, row=replace(notice.row, **shown), event=inner)


def opened_json(opened: Opened) -> dict[str, Any]:
    """What was within, for programs."""
    event = opened.notice.event
    names = ("source", "id", "subject", "type", "profile", "dataschema", "time", "tlp", "audience", "lang")
    said = {name: getattr(event, name) for name in (*names, "expirytime")}
    return said | {"beyond_rights": opened.beyond_rights, "data": event.data}
