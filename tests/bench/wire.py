"""HTTP with as little between the clock and the socket as possible: a post and a live stream on bare connections."""

import asyncio
import json
import re
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Self

from tests.support.authors import Notice

ID = re.compile(rb'"event":\{"specversion":"1.0","id":"([0-9a-f-]{36})"')


EVENT_ID = re.compile(rb"\nid: (\S+)\n")


@dataclass
class PostLine:
    """A kept-alive connection to a node."""

    port: int
    token: str
    _reader: asyncio.StreamReader
    _writer: asyncio.StreamWriter

    @classmethod
    async def open(cls, port: int, token: str) -> Self:
        """Connect."""
        return cls(port, token, *await asyncio.open_connection("127.0.0.1", port))

    async def post(self, notice: Notice) -> float:
        """Post and give the instant (monotonic) of the last byte of the 202."""
        if self._reader.at_eof():  # the node ends a connection that was idle for seconds
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self.port)
        body = json.dumps(notice.body).encode()
        head = (
            f"POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nAuthorization: Bearer {self.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self._writer.write(head.encode() + body)
        answer = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = re.search(rb"content-length: (\d+)", answer)
        assert length is not None
        said = await self._reader.readexactly(int(length[1]))
        now = time.monotonic()
        assert answer.startswith(b"http/1.1 202"), answer + said
        return now

    def close(self) -> None:
        """Hang up."""
        self._writer.close()


async def heard(port: int, token: str, joined: asyncio.Event) -> AsyncGenerator[tuple[str, float], None]:
    """The ids that a desk's live stream tells, each with the instant (monotonic) at which its bytes were here.

    As a browser does, it comes back with `Last-Event-ID` when the desk ends the stream. `joined` is set when the stream
    has said from where on it tells.
    """
    last = b""
    while True:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 22)
        resume = b"Last-Event-ID: %s\r\n" % last if last else b""
        head = f"GET /v1/stream HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n"
        writer.write(head.encode() + resume + b"\r\n")
        answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200"), answer
        rest = b""
        while data := await reader.read(1 << 20):
            now = time.monotonic()
            rest += data
            if not joined.is_set() and b"complete_through" in rest:
                joined.set()
            end = 0
            for match in ID.finditer(rest):
                yield match[1].decode(), now
                end = match.end()
            for place in EVENT_ID.finditer(rest, 0, end):
                last = place[1]
            # What was told is dropped; a half-received event is kept for the next bytes.
            rest = rest[end:][-200_000:]
        writer.close()
