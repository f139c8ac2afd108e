"""What each worker has done, over all its lives: read from its own figures, for no record says who carried it."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

from tests.support.bus import Bus

FIGURE = {
    "router": re.compile(r'^tamani_router_records_total\{outcome="forwarded"\} (\S+)', re.MULTILINE),
    "archive": re.compile(r'^tamani_archive_answers_total\{verdict="archived"\} (\S+)', re.MULTILINE),
}
BETWEEN = 0.2


@dataclass
class Shares:
    """The last figure seen of each life (name and pid) of each worker."""

    bus: Bus
    names: tuple[str, ...]
    _lives: dict[tuple[str, int], int] = field(default_factory=dict)

    async def look(self) -> None:
        """Read every worker's figures; who does not answer just now keeps what was seen."""
        async with httpx.AsyncClient(timeout=1) as client:
            for name in self.names:
                if name in self.bus.parts:
                    await self._read(client, name)

    async def _read(self, client: httpx.AsyncClient, name: str) -> None:
        pid = self.bus.parts[name].pid
        try:
            text = (await client.get(f"http://127.0.0.1:{self.bus.ports[name]}/metrics")).text
        except httpx.TransportError:
            return
        found = FIGURE[name.partition("-")[0]].search(text)
        if found and pid == self.bus.parts[name].pid:
            self._lives[name, pid] = int(float(found[1]))

    @property
    def done(self) -> Counter[str]:
        """The work of each, its lives added up."""
        total: Counter[str] = Counter(dict.fromkeys(self.names, 0))
        for (name, _), done in self._lives.items():
            total[name] += done
        return total


@asynccontextmanager
async def counting(bus: Bus, names: Iterable[str]) -> AsyncIterator[Shares]:
    """Watch these workers while the block runs."""
    shares = Shares(bus, tuple(names))

    async def watch() -> None:
        while True:
            await shares.look()
            await asyncio.sleep(BETWEEN)

    watching = asyncio.create_task(watch())
    try:
        yield shares
        await shares.look()
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
