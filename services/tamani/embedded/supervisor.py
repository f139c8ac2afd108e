"""The supervisor: parts in stages. A stage begins when the one before answers, and ends before it."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from tamani.core.errors import OutageError
from tamani.embedded.keeper import Keeper, Part
from tamani.embedded.screen import Screen

LINES_OF_LOG = 15


class Supervisor:
    """Starts, keeps and ends all parts."""

    def __init__(self, stages: Sequence[Sequence[Part]], screen: Screen, patience: float) -> None:
        self._stages = [[Keeper(part, screen) for part in stage] for stage in stages]
        self._patience = patience
        self._screen = screen

    @property
    def keepers(self) -> list[Keeper]:
        """All of them, first stage first."""
        return [keeper for stage in self._stages for keeper in stage]

    async def start(self) -> None:
        """Start everything; return when all parts answer.

        Raises:
            OutageError: a part does not answer in time (`failed.start`; the end of its log is in the detail).
            TamaniError: a part cannot be prepared.
        """
        for stage in self._stages:
            await self._begin(stage)

    async def _begin(self, stage: Sequence[Keeper]) -> None:
        lives = [keeper.start() for keeper in stage]
        answers = asyncio.create_task(self._all_answer(stage))
        try:
            await asyncio.wait([answers, *lives], return_when=asyncio.FIRST_COMPLETED)
            for life in lives:
                if life.done():
                    life.result()
            await answers
        finally:
            answers.cancel()

    async def _all_answer(self, stage: Sequence[Keeper]) -> None:
        await asyncio.gather(*(self._answer(keeper) for keeper in stage))

    async def stop(self) -> None:
        """End all parts, the last stage first."""
        for stage in reversed(self._stages):
            await asyncio.gather(*(keeper.stop() for keeper in stage))

    def kill(self) -> None:
        """End all parts at once (a second Ctrl-C)."""
        for keeper in self.keepers:
            keeper.kill()

    async def _answer(self, keeper: Keeper) -> None:
        try:
            await asyncio.wait_for(keeper.ready.wait(), self._patience)
        except TimeoutError as error:
            raise OutageError("failed.start", f"{keeper.part.name}: {_end_of(keeper.part.log)}") from error
        if keeper.defect is not None:
            raise keeper.defect


def _end_of(log: Path) -> str:
    lines = log.read_text("utf-8", errors="replace").splitlines()[-LINES_OF_LOG:] if log.exists() else []
    return "\n".join([str(log), *lines])
