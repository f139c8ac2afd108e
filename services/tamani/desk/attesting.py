"""Holds every notice of the mirror against the log, in the background: nothing waits for it, nothing is hidden by it.

What is attested is settled; what is not is asked again, the longest unasked first. An answer that contradicts the feed,
and the lack of what was promised long ago, are kept byte for byte and shown as an alarm.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import structlog

from tamani.core.envelope import decode_envelope
from tamani.core.errors import DefectError, OutageError, RefusedError
from tamani.core.log.leaf import env_of
from tamani.core.log.policy import Policy, parse_policy
from tamani.core.proving import registry_env
from tamani.desk import attested_rows as rows
from tamani.desk.attestations import Attestations
from tamani.desk.database import Database
from tamani.desk.held_against import Answer, Wanted, read_answer, wanted_registry
from tamani.desk.log_client import LogClient, LogSource
from tamani.desk.settings import DeskSettings
from tamani.runtime.clock import Clock
from tamani.runtime.registry import RegistryHolder

log = structlog.get_logger(__name__)
BATCH = 500
# The log signs every two seconds and witnesses answer within a few more.
EVERY = 3.0
LONGEST_WAIT = 30.0
# A notice that the archive recorded this long ago and that is still not in its log was promised and not kept.
GRACE = timedelta(minutes=10)


class Attesting:
    """Asks for one desk until cancelled. `away` says why nobody could be asked, if so."""

    def __init__(
        self, database: Database, registry: RegistryHolder, policy: Policy, client: LogClient, clock: Clock
    ) -> None:
        self._database = database
        self._registry = registry
        self._policy = policy
        self._client = client
        self._clock = clock
        self.away = ""
        # Open ones, as of the last step: every page of a body shows that there are some.
        self.alarms = 0

    async def run(self) -> None:
        """Ask again and again; an outage is waited out."""
        wait = EVERY
        while True:
            try:
                await self.step()
                wait = EVERY
            except OutageError as error:
                self.away = error.code.name
                log.info("attesting.away", code=error.code.name, detail=error.detail)
                wait = min(wait * 2, LONGEST_WAIT)
            await asyncio.sleep(wait)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def step(self) -> None:
        """Ask once for as many as one question may hold, and for the leaf of the registry that is held.

        Raises:
            OutageError: `failed.log.away` where no source answers; `failed.database`.
        """
        async with self._database.reading() as connection:
            waiting = await rows.waiting(connection, BATCH)
        wanted = await asyncio.to_thread(_wanted, waiting)
        try:
            await self._ask(wanted)
            await self._ask_registry()
        finally:
            async with self._database.reading() as connection:
                self.alarms = await rows.open_alarms(connection)

    async def _ask(self, wanted: Sequence[Wanted]) -> None:
        """From the nearest source to the farthest, until enough witnesses are named for all of them."""
        outage: OutageError | None = None
        for source in self._client.sources:
            if not wanted:
                return
            try:
                answer = await self._answer(source, wanted)
            except OutageError as error:
                outage = error
                continue
            self.away, outage = "", None
            if answer is not None:
                await self._keep(source, wanted, answer)
                settled = {found.key for found in answer[1].found} if answer[1].attested else set()
                wanted = [one for one in wanted if one.key not in settled]
        if outage is not None:
            raise outage

    async def _answer(self, source: LogSource, wanted: Sequence[Wanted]) -> tuple[bytes, Answer] | None:
        """What the source says; an answer that is a lie as a whole becomes an alarm, and is not believed."""
        content = await self._client.ask(source, [one.env for one in wanted])
        try:
            return content, await asyncio.to_thread(read_answer, content, wanted, self._policy)
        except RefusedError as error:
            log.error("attesting.refused", source=source.name, code=error.code.name, detail=error.detail)
            async with self._database.writing() as connection:
                alarm = rows.Alarm(None, error.code.name, f"{source.name} {error.detail}".strip(), content)
                await rows.raise_alarm(connection, alarm, self._clock())
            return None

    async def _keep(self, source: LogSource, wanted: Sequence[Wanted], told: tuple[bytes, Answer]) -> None:
        content, answer = told
        now = self._clock()
        async with self._database.writing() as connection:
            if other := await rows.keep_checkpoint(connection, answer, now):
                alarm = rows.Alarm(None, "failed.log.forked", f"{answer.seen.checkpoint.size}", other + b"\n" + content)
                await rows.raise_alarm(connection, alarm, now)
                return
            await rows.keep_found(connection, answer, wanted, now)
            for wrong in answer.contradicted:
                alarm = rows.Alarm(wrong.key, wrong.code, wrong.detail, content)
                await rows.raise_alarm(connection, alarm, now)
            for one in self._lacking(source, wanted, answer):
                alarm = rows.Alarm(one.key, "failed.log.lacking", source.name, content)
                await rows.raise_alarm(connection, alarm, now)

    def _lacking(self, source: LogSource, wanted: Sequence[Wanted], answer: Answer) -> list[Wanted]:
        late = self._clock() - GRACE
        lacks = [one for one in wanted if one.key in answer.missing and one.recorded is not None]
        return [one for one in lacks if source.is_origin and one.recorded is not None and one.recorded < late]

    async def _ask_registry(self) -> None:
        """The registry as it stands is kept with its own leaf: a proof needs both, long after it was replaced."""
        held, value = self._registry.current, self._registry.value
        if value is None or held.standing is None:
            return
        env = registry_env(held)
        async with self._database.writing() as connection:
            if not await rows.keep_registry(connection, held.version, env, value):
                return
        wanted = [wanted_registry(held.version, env)]
        for source in self._client.sources:
            told = await self._answer(source, wanted)
            if told is not None and told[1].attested and told[1].found:
                async with self._database.writing() as connection:
                    if await rows.keep_checkpoint(connection, told[1], self._clock()) is None:
                        await rows.keep_registry_leaf(connection, told[1])
                return


def _wanted(waiting: Sequence[rows.Waiting]) -> list[Wanted]:
    return [Wanted(row.feed_index, env_of(decode_envelope(row.envelope)), row.recorded) for row in waiting]


def read_policy(settings: DeskSettings, database: Database, registry: RegistryHolder) -> Attestations:
    """What the desk believes of the log, and what the registry says was believed before.

    Raises:
        DefectError: `failed.settings`: the policy file cannot be read.
        RefusedError: `refused.log.policy`, `refused.log.key`.
    """
    if settings.log_policy is None:
        return Attestations(database, None, None, lambda: registry.current.log_policies)
    try:
        content = settings.log_policy.read_bytes()
    except OSError as error:
        raise DefectError("failed.settings", f"TAMANI_DESK_LOG_POLICY: {error.strerror}") from error
    policy = parse_policy(content)
    return Attestations(database, content.decode(), policy, lambda: registry.current.log_policies)


def make_attesting(
    settings: DeskSettings, attestations: Attestations, registry: RegistryHolder, clock: Clock
) -> Attesting | None:
    """The task that holds them against the log; none where no policy says whom to believe."""
    policy = attestations.policy
    if policy is None:
        return None
    client = LogClient.of(policy, settings.country)
    return Attesting(attestations.database, registry, policy, client, clock)
