"""A proxy that lets a request through and cuts the answer: the server has done its work, the client cannot know."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass


@dataclass
class CuttingProxy:
    """Cuts the first `cuts` answers as their first byte arrives (hence after the commit), then is honest.

    `after`: so many bytes of a connection's answers go through before.
    """

    target: tuple[str, int]
    cuts: int
    cut: int = 0
    port: int = 0
    after: int = 0

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one client's connection."""
        far_reader, far_writer = await asyncio.open_connection(*self.target)
        asking = asyncio.create_task(_copy(reader, far_writer))
        passed = 0
        try:
            while data := await far_reader.read(65536):
                passed += len(data)
                if self.cut < self.cuts and passed > self.after:
                    self.cut += 1
                    writer.transport.abort()
                    return
                writer.write(data)
                await writer.drain()
        finally:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            far_writer.close()
            writer.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()


@asynccontextmanager
async def cutting_proxy(target: tuple[str, int], cuts: int) -> AsyncIterator[CuttingProxy]:
    """The proxy for as long as the block lasts."""
    proxy = CuttingProxy(target, cuts)
    server = await asyncio.start_server(proxy.connect, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        await server.wait_closed()
