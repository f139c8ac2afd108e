"""A client that will not be put off: it posts with ids of its own until it has a 202, and remembers each one.

What it remembers is the oracle: this was promised, so this must be in the ledger, once, and nothing else.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from tamani.core.names import Country, country_of
from tests.support.authors import Notice

AGAIN = 0.2


@dataclass(frozen=True, slots=True)
class Promise:
    """A 202: what was posted, what was answered, and how many times it had to be asked."""

    notice: Notice
    answer: Mapping[str, Any]
    asked: int

    @property
    def digest(self) -> str:
        """SHA-256 of the exact bytes that the node says it has sealed."""
        return str(self.answer["digest"])


@dataclass
class Poster:
    """Posts notices to the sites of their bodies; one at a time in a thread, several threads at once."""

    sites: Mapping[Country, str]
    tokens: Mapping[str, str]
    promises: list[Promise] = field(default_factory=list)
    asked_again: int = 0

    async def post(self, client: httpx.AsyncClient, notice: Notice) -> Promise:
        """Ask until the node has it.

        Raises:
            AssertionError: the node answered anything but 202 or an outage.
        """
        asked = 0
        while True:
            asked += 1
            answer = await self._ask(client, notice)
            if answer is not None:
                promise = Promise(notice, answer, asked)
                self.promises.append(promise)
                return promise
            self.asked_again += 1
            await asyncio.sleep(AGAIN)

    async def flow(
        self, notices: list[Notice], gate: Callable[[], Awaitable[None]] | None = None, lanes: int = 8
    ) -> None:
        """Post all of them; within a thread each waits for the 202 of the one before. `gate` is awaited before each."""
        threads: dict[str, list[Notice]] = defaultdict(list)
        order: asyncio.Queue[str] = asyncio.Queue()
        for notice in notices:
            threads[notice.subject].append(notice)
            order.put_nowait(notice.subject)
        busy: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        async with httpx.AsyncClient(timeout=10) as client, asyncio.TaskGroup() as group:
            for _ in range(lanes):
                group.create_task(self._take(client, order, threads, busy, gate))

    async def _take(
        self,
        client: httpx.AsyncClient,
        order: "asyncio.Queue[str]",
        threads: dict[str, list[Notice]],
        busy: defaultdict[str, asyncio.Lock],
        gate: Callable[[], Awaitable[None]] | None,
    ) -> None:
        while not order.empty():
            subject = order.get_nowait()
            async with busy[subject]:
                if gate is not None:
                    await gate()
                await self.post(client, threads[subject].pop(0))

    async def _ask(self, client: httpx.AsyncClient, notice: Notice) -> Mapping[str, Any] | None:
        url = self.sites[country_of(notice.source)] + "/v1/messages"
        try:
            answer = await client.post(url, json=notice.body, headers=self.bearer(notice.source))
        except httpx.TransportError:
            return None
        if answer.status_code in {500, 502, 503, 504}:
            assert answer.json()["retriable"], answer.text
            return None
        assert answer.status_code == 202, f"{answer.status_code} {answer.text} for {notice.body}"
        found: dict[str, Any] = answer.json()
        return found

    def bearer(self, source: str) -> dict[str, str]:
        """The header that speaks for this body."""
        return {"Authorization": f"Bearer {self.tokens[source]}"}
