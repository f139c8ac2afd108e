"""Look up our own archived notices in the log: at the archive, else at a witness; an alarm for a promise not kept.

Who hosts the log cannot drop a notice unseen: its poster asks for the proof, and the witnesses keep a copy.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any

import httpx
import structlog
from sqlalchemy import Row

from tamani.core.codes import code
from tamani.core.errors import OutageError, TamaniError
from tamani.core.log.policy import Policy, Seen
from tamani.node import promises
from tamani.node.outbox import Outbox
from tamani.node.promises import ALARMS, Finding, Shown

log = structlog.get_logger(__name__)
MOST = 500
WAIT = 20.0
MOST_BYTES = 8 * 1024 * 1024


class Inclusion:
    """The task of a node that has the log's policy. `own` is the witness to ask after the archive: our country's."""

    def __init__(
        self, outbox: Outbox, policy: Policy, *, own: str, deadline_seconds: float, client: httpx.AsyncClient
    ) -> None:
        self._outbox, self._policy, self._client = outbox, policy, client
        self._deadline = int(deadline_seconds * 1000)
        self._sources = _sources(policy, own)

    async def run(self, stop: asyncio.Event, every_seconds: float) -> None:
        """Look every so many seconds until `stop`."""
        while not stop.is_set():
            try:
                await self.look()
            except OutageError as error:
                # What could not be noted is looked up again.
                log.warning("no look at the log", code=error.code.name, detail=error.detail)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), every_seconds)
        await self._client.aclose()

    async def look(self) -> None:
        """One look at everything that is not yet proved under enough witnesses.

        What the log alone has shown waits until they have seen it: a single notice tells whether they have, and only
        then the others are asked for. So witnesses that are long away do not make each look a longer one.
        """
        rows = await self._next(0, MOST)
        while rows:
            await self._look_at(rows)
            rows = await self._next(rows[-1].row_no, MOST)
        rows = await self._next(0, 1, shown=True)
        while rows and await self._look_at(rows):
            rows = await self._next(rows[-1].row_no, MOST, shown=True)

    async def _next(self, after: int, most: int, *, shown: bool = False) -> Sequence[Row[Any]]:
        return await self._outbox.read(lambda c: promises.page(c, after, most, shown=shown))

    async def _look_at(self, rows: Sequence[Row[Any]]) -> bool:
        """Ask one after the other until all of these are proved; only what nobody who answered can prove is missing.

        Whether the last who answered showed a tree that enough witnesses have seen.
        """
        left, heard = list(rows), None
        for url in self._sources:
            answer = await self._ask(url, left) if left else None
            if answer is not None:
                heard, shown = answer
                found = [promises.proved(row, one, heard) for row, one in zip(left, shown, strict=True)]
                await self._keep(left, found, heard)
                left = [row for row, finding in zip(left, found, strict=True) if finding is None]
        if heard is not None:
            now = self._outbox.now()
            await self._keep(left, [promises.overdue(row, now, self._deadline) for row in left], heard)
        return heard is not None and heard.attested

    async def _keep(self, rows: Sequence[Row[Any]], found: Sequence[Finding | None], seen: Seen) -> None:
        """Write what is new, and raise the alarm for what is wrong."""
        pairs = zip(rows, found, strict=True)
        fresh = [finding for row, finding in pairs if finding is not None and finding.state != row.log_state]
        for finding in fresh:
            _say(finding)
        await self._outbox.write(lambda c: promises.note(c, fresh, seen))

    async def _ask(self, url: str, rows: Sequence[Row[Any]]) -> tuple[Seen, list[Shown | None]] | None:
        wanted = [promises.env_of_row(row).hex() for row in rows]
        try:
            found = await self._exchange(f"{url}/proofs", {"env": wanted})
            match found:
                case {"checkpoint": str(note), "proofs": [*proofs]} if len(proofs) == len(wanted):
                    return self._policy.see(note.encode()), list(map(Shown.parse, proofs))
            log.warning("no proofs", url=url, detail="form")
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError) as error:
            log.info("log away", url=url, error=type(error).__name__)
        except TamaniError as error:
            log.warning("no proofs", url=url, code=error.code.name, detail=error.detail)
        return None

    async def _exchange(self, url: str, body: dict[str, Any]) -> Any:
        async with asyncio.timeout(WAIT), self._client.stream("POST", url, json=body, timeout=WAIT) as answer:
            answer.raise_for_status()
            content = b""
            async for part in answer.aiter_bytes():
                content += part
                if len(content) > MOST_BYTES:
                    raise ValueError("too long")
        return httpx.Response(200, content=content).json()


def _sources(policy: Policy, own: str) -> list[str]:
    """The archive's log first; then the copies that witnesses keep, our own country's before the others'."""
    archive = [party.url.rstrip("/") for party in policy.logs if party.url]
    named = sorted(policy.witnesses.items(), key=lambda entry: (entry[0] != own, entry[0]))
    return archive + [f"{party.url.rstrip('/')}/log" for _, party in named if party.url]


def _say(finding: Finding) -> None:
    name = ALARMS.get(finding.state)
    if name is not None:
        log.critical("a promise was not kept", id=finding.id, code=name, what=code(name).fr)
