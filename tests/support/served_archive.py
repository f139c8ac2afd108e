"""A real archive over a real ledger at a real address, in the test's own loop; its line can be watched and cut."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tamani.archive.api import build_app
from tamani.archive.keeper import Keeper, Memory
from tamani.archive.ledger import Rows
from tamani.archive.settings import ArchiveSettings
from tamani.archive.store import Store
from tamani.archive.work import Worker
from tamani.core.envelope import decode_envelope
from tamani.core.event import decode_event
from tamani.runtime.database import make_pool
from tamani.runtime.fakes import InMemoryBus, InMemorySender
from tamani.runtime.serving import listen_on, serve
from tests.support.cluster import Database
from tests.support.cutting_proxy import CuttingProxy, cutting_proxy
from tests.support.erasures import standing_registry
from tests.support.region import NOW, StillRegistry, record


@dataclass
class ServedArchive:
    """`url` goes through a proxy, `address` does not. `requests` are the calls for pieces, `ranges` what they asked of
    them, `bytes_in` how many bytes of parts arrived.
    """

    ledger: Database
    registry: StillRegistry
    proxy: CuttingProxy
    keeper: Keeper
    address: str
    requests: list[str] = field(default_factory=list)
    ranges: list[str] = field(default_factory=list)
    bytes_in: int = 0
    # Bytes of pieces that the archive has read go out only while this is set; `held`: how many answers have waited.
    line: asyncio.Event = field(default_factory=asyncio.Event)
    held: int = 0
    # Called with each request before it is answered.
    before: Callable[[str], None] = field(default=lambda _: None)
    _offset: int = 0

    def __post_init__(self) -> None:
        self.line.set()

    @property
    def url(self) -> str:
        """Where desks ask."""
        return f"http://127.0.0.1:{self.proxy.port}"

    async def keep(self, *values: bytes) -> None:
        """Archive these notices."""
        events = [decode_event(decode_envelope(value).payload) for value in values]
        numbered = enumerate(zip(values, events, strict=True), self._offset)
        await self.keeper.keep([record(value, event.source, event.subject, n) for n, (value, event) in numbered])
        self._offset += len(values)

    async def erase(self, order: bytes) -> None:
        """Carry out an order of erasure, as an officer's desk hands it over."""
        async with httpx.AsyncClient(base_url=self.address) as client:
            answer = await client.post("/v1/erasures", content=order)
        assert answer.is_success, answer.text

    def cut_next(self) -> None:
        """The next answer is cut, after its work was done."""
        self.proxy.cuts = self.proxy.cut + 1


class _Watched:
    def __init__(self, app: ASGIApp, served: ServedArchive) -> None:
        self._app, self._served = app, served

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def received() -> Message:
            message = await receive()
            self._served.bytes_in += len(message.get("body", b""))
            return message

        async def sent(message: Message) -> None:
            if message.get("body") and not self._served.line.is_set():
                self._served.held += 1
                await self._served.line.wait()
            await send(message)

        if scope["path"].startswith("/v1/blobs/"):
            self._served.requests.append(scope["method"])
            self._served.ranges += [value.decode() for name, value in scope["headers"] if name == b"range"]
            self._served.before(scope["method"])
        await self._app(scope, received, sent if scope["path"].startswith("/v1/blobs/") else send)


async def _no_doubt(_: object) -> None:
    """Trust every connection."""


def _ignore(_: Rows) -> None:
    """Count nothing."""


@asynccontextmanager
async def serving_archive(ledger: Database) -> AsyncIterator[ServedArchive]:
    """Serve this ledger for as long as the block lasts."""
    registry, sender = StillRegistry(standing_registry()), InMemorySender(InMemoryBus())
    keeper = Keeper(
        ledger.dsn,
        store=Store("cluster-1", registry.digest),
        memory=Memory(),
        registry=registry,
        sender=sender,
        trust=_no_doubt,
        written=_ignore,
        clock=lambda: NOW,
    )
    pool = make_pool(ledger.dsn, "test")
    await pool.open()
    worker = Worker(ArchiveSettings(database=ledger.dsn), registry, sender, pool, lambda: NOW)  # type: ignore[arg-type]
    listener, stop = listen_on("127.0.0.1", 0), asyncio.Event()
    async with cutting_proxy(listener.getsockname(), cuts=0) as proxy:
        port = listener.getsockname()[1]
        served = ServedArchive(ledger, registry, proxy, keeper, f"http://127.0.0.1:{port}")
        serving = asyncio.create_task(serve(_Watched(build_app(worker), served), listener, stop))
        yield served
        stop.set()
        await serving
    await keeper.close()
    await pool.close()
