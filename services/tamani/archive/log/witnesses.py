"""Ask the witnesses of the policy to cosign what was signed (C2SP tlog-witness, `add-checkpoint`).

Each is asked by a task of its own, one request at a time: one that is down, slow or lying delays neither the others nor
anything else. A witness joins the checkpoint that another is being asked for, so that their signatures come together
under one note; else it is asked for the newest.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import psycopg
import structlog
from psycopg_pool import AsyncConnectionPool

from tamani.archive.log import checkpoints
from tamani.archive.log.asking import Answer, ask, signed_checkpoint
from tamani.archive.log.guard import hold_against
from tamani.archive.log.steps import Hook, Step, no_hook
from tamani.archive.log.tiles import hashes_for
from tamani.core.errors import DefectError, OutageError, RefusedError, TamaniError
from tamani.core.log.checkpoint import Checkpoint
from tamani.core.log.merkle import consistency_proof
from tamani.core.log.note import Signature, VerifierKey
from tamani.core.log.policy import Party, Policy
from tamani.runtime.database import is_outage, through_outages

log = structlog.get_logger(__name__)
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
# It has another tree than we say: let it show what it has of ours.
CONFRONTED = frozenset({"refused.witness.size", "refused.witness.answer", "refused.witness.conflict"})


@dataclass(slots=True)
class Standing:
    """One witness as we know it: the tree whose cosignature we have, the one that it says it knows, the one it is asked
    for; and the code of what went wrong since, if anything.
    """

    name: str
    party: Party
    cosigned: int = 0
    known: int = 0
    asked: int = 0
    corrected: bool = False
    code: str | None = None
    detail: str = ""
    wait: float = FIRST_WAIT
    news: asyncio.Event = field(default_factory=asyncio.Event)


class Witnesses:
    """All that the policy gives an address for. `refuse` is called when one can show that our log went back."""

    def __init__(
        self,
        pool: AsyncConnectionPool[Any],
        policy: Policy,
        key: VerifierKey,
        *,
        client: httpx.AsyncClient,
        refuse: Callable[[TamaniError], None],
        hook: Hook = no_hook,
    ) -> None:
        self._pool, self._policy, self._key, self._client = pool, policy, key, client
        self._refuse, self._hook = refuse, hook
        self._newest = 0
        self.standings: Mapping[str, Standing] = {
            name: Standing(name, party) for name, party in policy.witnesses.items() if party.url
        }

    def offer(self, size: int) -> None:
        """A checkpoint of this size is signed and stored."""
        if size > self._newest:
            self._newest = size
            for standing in self.standings.values():
                standing.news.set()

    async def seen(self) -> list[Checkpoint]:
        """What the witnesses hold of our log, signed with our key; those that do not answer hold nothing."""
        found = await asyncio.gather(*map(self._held_by, self.standings.values()))
        return [checkpoint for checkpoint in found if checkpoint is not None]

    async def run(self) -> None:
        """Ask them, for ever."""
        if not self.standings:
            await asyncio.Event().wait()
        async with asyncio.TaskGroup() as group:
            for standing in self.standings.values():
                group.create_task(self._follow(standing), name=f"witness {standing.name}")

    async def _follow(self, standing: Standing) -> None:
        standing.cosigned = standing.known = await through_outages(lambda: self._last(standing), "witnesses")
        while True:
            await standing.news.wait()
            standing.news.clear()
            while standing.cosigned < self._newest:
                await through_outages(lambda: self._attempt(standing), "witnesses")
                if standing.code is not None:
                    await asyncio.sleep(standing.wait)

    async def _attempt(self, standing: Standing) -> None:
        """One request, and what its answer says."""
        standing.asked = size = self._target(standing)
        try:
            await self._take(standing, size, await self._request(standing, size))
        except TamaniError as error:
            if error.code.name in CONFRONTED:
                await self._confront(standing)
            _failed(standing, error)
        except psycopg.Error as error:
            if is_outage(error):
                raise
            # Whatever is wrong with the log's tables, notices go on.
            _failed(standing, DefectError("failed.log.state", str(error).strip()[:200]))

    def _target(self, standing: Standing) -> int:
        others = (other.asked for other in self.standings.values() if other is not standing)
        wanted = (size for size in others if size > standing.cosigned and size >= standing.known)
        return max(wanted, default=self._newest)

    async def _request(self, standing: Standing, size: int) -> Answer:
        old = min(standing.known, size)
        async with self._pool.connection() as connection:
            kept = await checkpoints.signed_of(connection, size)
            hashes = await hashes_for(connection, size, lambda hashes: consistency_proof(old, size, hashes))
        if kept is None or kept.note is None:
            raise OutageError("failed.witness", f"no checkpoint of {size}")
        self._hook(Step.WITNESS_ASKED)
        return await ask(self._client, standing.party, old, consistency_proof(old, size, hashes), kept.note)

    async def _take(self, standing: Standing, size: int, answer: Answer) -> None:
        if answer.line is not None:
            await self._store(standing, size, answer.line, answer.time)
        elif answer.size > self._newest:
            raise RefusedError("refused.witness.size", f"{answer.size} > {self._newest}")
        elif standing.corrected or answer.size == standing.known:
            raise RefusedError("refused.witness.answer", f"409 {answer.size}, again")
        else:
            standing.known, standing.corrected = answer.size, True

    async def _store(self, standing: Standing, size: int, line: Signature, time: int) -> None:
        self._hook(Step.WITNESS_ANSWERED)
        async with self._pool.connection() as connection:
            enough_at = self._policy.enough_at
            await checkpoints.store_cosignature(
                connection, size, standing.name, line=line, said=time, enough_at=enough_at
            )
        self._hook(Step.COSIGNATURE_STORED)
        if standing.code is not None:
            log.info("witness cosigns again", witness=standing.name, size=size)
        standing.cosigned = standing.known = size
        standing.code, standing.detail, standing.wait, standing.corrected = None, "", FIRST_WAIT, False

    async def _confront(self, standing: Standing) -> None:
        """A claim alone stops nothing: a lie would cost a witness nothing. Our own signature is another matter."""
        held = await self._held_by(standing)
        async with self._pool.connection() as connection:
            try:
                await hold_against(connection, self._key.name, [held] if held else [])
            except DefectError as error:
                self._refuse(error)

    async def _held_by(self, standing: Standing) -> Checkpoint | None:
        try:
            return await signed_checkpoint(self._client, standing.party, self._key)
        except (RefusedError, OutageError) as error:
            log.info("witness shows nothing", witness=standing.name, code=error.code.name, detail=error.detail)
            return None

    async def _last(self, standing: Standing) -> int:
        async with self._pool.connection() as connection:
            return await checkpoints.last_cosigned(connection, standing.name)


def _failed(standing: Standing, error: TamaniError) -> None:
    if standing.code != error.code.name:
        log.warning("witness", witness=standing.name, code=error.code.name, detail=error.detail)
        standing.wait = FIRST_WAIT
    else:
        standing.wait = min(standing.wait * 2, LONGEST_WAIT)
    standing.corrected = False
    standing.code, standing.detail = error.code.name, error.detail
