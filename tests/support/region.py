"""Making what the region works on: regional records, judged notices, a registry that stands still."""

import hashlib
import itertools
from collections.abc import Sequence
from datetime import UTC, datetime

from tamani.archive.notice import Notice, Regional, prepare
from tamani.core.names import Lane, country_of, inbound, partition_key, regional
from tamani.core.receipt import Inbound
from tamani.core.registry import Registry
from tests.support.notices import registry, registry_value

NOW = datetime(2026, 3, 2, 10, 0, 0, tzinfo=UTC)
_offsets = itertools.count()


class StillRegistry:
    """A registry that nobody changes, unless the test puts another in its place."""

    def __init__(
        self, current: Registry | None = None, later: Registry | None = None, value: bytes | None = None
    ) -> None:
        self.current = current or registry()
        self.later = later
        self.value = value or registry_value()
        self.asked = 0

    def digest(self, version: int) -> bytes:
        """Of the registry that stands, if it was opened; else of any version."""
        if self.current.standing:
            return bytes.fromhex(self.current.standing.digest)
        return hashlib.sha256(b"registry %d" % version).digest()

    async def fresh_after(self, timestamp_ms: int) -> Registry:
        """The later one, if there is one."""
        self.asked += 1
        self.current = self.later or self.current
        return self.current


def record(value: bytes, source: str, subject: str, offset: int | None = None, partition: int = 0) -> Regional:
    """A record of the regional stream, as the router would have forwarded it."""
    lane = Lane.URGENT if subject.startswith("alert/") else Lane.NORMAL
    place = next(_offsets) if offset is None else offset
    came = Inbound(topic=inbound(country_of(source), lane), partition=0, offset=place)
    return Regional(regional(lane), partition, place, partition_key(source, subject), value, came)


def judged(records: Sequence[Regional], found: Registry | None = None, at: datetime = NOW) -> list[Notice]:
    """The same, judged."""
    return [prepare(one, found or registry(), at) for one in records]
