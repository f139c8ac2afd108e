"""The finding tasks of one worker, put together: it looks for what lacks, and tells what it or the ledger found."""

from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from typing import Any

from psycopg import AsyncConnection

from tamani.archive.findings.gaps import Gaps
from tamani.archive.findings.silences import Silences
from tamani.archive.findings.telling import Teller
from tamani.archive.findings.voice import Voice
from tamani.archive.findings.watch import EVERY, Absences
from tamani.archive.settings import ArchiveSettings
from tamani.runtime.clock import Clock
from tamani.runtime.registry import Registries
from tamani.runtime.sender import Sender


class FindingsWork:
    """One worker looks and tells at a time, the one for which `mine` holds; without a voice nothing is told."""

    def __init__(
        self,
        connect: Callable[[], Awaitable[AsyncConnection[Any]]],
        settings: ArchiveSettings,
        voice: Voice | None,
        *,
        registry: Registries,
        sender: Sender,
        clock: Clock,
        mine: Callable[[], bool],
    ) -> None:
        gaps = Gaps(registry, clock, settings.gap_seconds)
        silences = Silences(registry, clock, timedelta(seconds=settings.silence_seconds))
        every = min(EVERY, settings.gap_seconds / 2, settings.silence_seconds / 4)
        self._absences = Absences(connect, gaps, silences, mine=mine, every=every)
        self._teller = Teller(connect, voice, registry, sender, mine=mine) if voice else None

    def jobs(self) -> dict[str, Coroutine[Any, Any, None]]:
        """What runs for ever beside the worker's other tasks."""
        jobs = {"absences": self._absences.run()}
        return jobs | ({"tell": self._teller.run()} if self._teller else {})

    @property
    def refusal(self) -> str | None:
        """Why the router would not let our notices through, if that is so."""
        return self._teller.refusal if self._teller else None

    async def close(self) -> None:
        """Close what is open."""
        await self._absences.close()
        if self._teller is not None:
            await self._teller.close()
