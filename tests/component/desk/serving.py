"""A desk behind a real server, and a client of its live stream that reads it as a browser does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from tamani.desk.app import build_app
from tamani.desk.service import Desk
from tamani.runtime.serving import listen_on, serve


@asynccontextmanager
async def served(desk: Desk) -> AsyncIterator[str]:
    """The address of a desk; its hub is at work already."""
    listener = listen_on("127.0.0.1", 0)
    stop = asyncio.Event()
    server = asyncio.create_task(serve(build_app(desk), listener, stop))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        desk.hub.stop()
        stop.set()
        await server


@dataclass
class Heard:
    """One event as it came."""

    kind: str = "message"
    id: str | None = None
    data: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its data."""
        return "\n".join(self.data)


@asynccontextmanager
async def listening(url: str, token: str | None = None, last: str | None = None, **query: Any) -> AsyncIterator["Ear"]:
    """A connection to the stream."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    headers |= {"Last-Event-ID": last} if last else {}
    async with (
        httpx.AsyncClient(timeout=httpx.Timeout(10, read=60)) as client,
        client.stream("GET", f"{url}/v1/stream", headers=headers, params=query) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream"), await answer.aread()
        yield Ear(answer)


class Ear:
    """Reads events one by one."""

    def __init__(self, answer: httpx.Response) -> None:
        self._lines = answer.aiter_lines()
        self.last: str | None = None

    async def next(self) -> Heard | None:
        """The next event; nothing when the stream has ended."""
        heard = Heard()
        async for line in self._lines:
            name, _, value = line.partition(":")
            if not line:
                if heard.data:
                    return heard
                heard = Heard()
            elif name == "event":
                heard.kind = value.strip()
            elif name == "id":
                heard.id = self.last = value.strip()
            elif name == "data":
                heard.data.append(value.removeprefix(" "))
        return None

    async def until(self, kind: str) -> Heard:
        """The next event of this kind."""
        while (heard := await self.next()) is not None:
            if heard.kind == kind:
                return heard
        raise AssertionError(f"the stream ended before {kind}")
