"""A TCP proxy that behaves like a bad link: so many bits a second in each direction, so long on the way."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

CHUNK = 512


@dataclass
class Wire:
    """One direction of the link, shared by all connections as a radio is: bytes wait their turn, then travel."""

    bits_per_second: float
    delay: float
    _free_at: float = 0.0

    def departs(self, size: int, now: float) -> float:
        """When the last of these bytes reaches the other end, having waited for those before them."""
        begins = max(now, self._free_at)
        self._free_at = begins + (size * 8 / self.bits_per_second if self.bits_per_second else 0.0)
        return self._free_at + self.delay


@dataclass
class SlowLink:
    """The link between clients that connect to `port` and the server at `target`."""

    target: tuple[str, int]
    bits_per_second: float = 64_000
    round_trip: float = 0.8
    port: int = 0
    up: Wire = field(init=False)
    down: Wire = field(init=False)
    carried: int = 0
    _open: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.up = Wire(self.bits_per_second, self.round_trip / 2)
        self.down = Wire(self.bits_per_second, self.round_trip / 2)

    def lift(self) -> None:
        """Make it a good link from now on."""
        for wire in (self.up, self.down):
            wire.bits_per_second = wire.delay = 0.0

    def slow_down(self) -> None:
        """Make it a bad link (again) from now on."""
        for wire in (self.up, self.down):
            wire.bits_per_second, wire.delay = self.bits_per_second, self.round_trip / 2

    async def serve(self) -> asyncio.Server:
        """Listen."""
        server = await asyncio.start_server(self._connect, "127.0.0.1", self.port, limit=CHUNK)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def cut(self) -> None:
        """End every connection at once."""
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        task.add_done_callback(self._open.discard)
        try:
            far_reader, far_writer = await asyncio.open_connection(*self.target, limit=CHUNK)
        except OSError:
            writer.close()
            return
        ways = (self._carry(reader, far_writer, self.up), self._carry(far_reader, writer, self.down))
        tasks = [asyncio.create_task(way) for way in ways]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for end in (writer, far_writer):
                end.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, wire: Wire) -> None:
        """Read as fast as the wire takes bytes (so that senders feel it), deliver each when it has arrived."""
        loop = asyncio.get_running_loop()
        travelling: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        delivering = asyncio.create_task(_deliver(travelling, writer))
        try:
            while data := await reader.read(CHUNK):
                arrives = wire.departs(len(data), loop.time())
                self.carried += len(data)
                await travelling.put((arrives, data))
                # The next bytes are taken in when these have left: the sender's window fills as on a real link.
                await asyncio.sleep(max(0.0, arrives - wire.delay - loop.time()))
            await travelling.put((loop.time() + wire.delay, b""))
            await delivering
        except (ConnectionError, OSError):
            pass  # one end is gone: `_connect` closes the other
        finally:
            delivering.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionError, OSError):
                await delivering


async def _deliver(travelling: "asyncio.Queue[tuple[float, bytes]]", writer: asyncio.StreamWriter) -> None:
    loop = asyncio.get_running_loop()
    while True:
        arrives, data = await travelling.get()
        await asyncio.sleep(max(0.0, arrives - loop.time()))
        if not data:
            return
        writer.write(data)
        await writer.drain()


@asynccontextmanager
async def slow_link(link: SlowLink) -> AsyncIterator[SlowLink]:
    """The link for as long as the block lasts."""
    server = await link.serve()
    try:
        yield link
    finally:
        server.close()
        await link.cut()
        await server.wait_closed()
