"""The log's tasks of one worker, put together: checkpointer and witnesses; and what an operator is told of them."""

from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from psycopg_pool import AsyncConnectionPool

from tamani.archive.log.checkpointer import Checkpointer, Connect, Fence
from tamani.archive.log.steps import Hook, no_hook
from tamani.archive.log.witnesses import Standing, Witnesses
from tamani.core.errors import TamaniError
from tamani.core.log.note import NoteKey
from tamani.core.log.policy import Policy


@dataclass(frozen=True, slots=True)
class Identity:
    """What makes this archive's log that log: its key, and the policy that names its witnesses."""

    key: NoteKey
    policy: Policy


class LogWork:
    """Checkpoints and witnesses of a worker that has the key."""

    def __init__(
        self,
        identity: Identity,
        *,
        connect: Connect,
        pool: AsyncConnectionPool[Any],
        fence: Fence,
        memory: Path,
        seconds: float,
        hook: Hook = no_hook,
    ) -> None:
        # Addresses are the policy's own: no proxy of the environment, no redirection to elsewhere.
        self._client = httpx.AsyncClient(trust_env=False, follow_redirects=False)
        self._witnesses = Witnesses(
            pool, identity.policy, identity.key.verifier, client=self._client, refuse=self._refuse, hook=hook
        )
        self._checkpointer = Checkpointer(
            connect, identity.key, memory, fence=fence, told=self._witnesses, seconds=seconds, hook=hook
        )

    def jobs(self) -> dict[str, Coroutine[Any, Any, None]]:
        """What runs for ever beside the worker's other tasks."""
        return {"checkpoints": self._checkpointer.run(), "witnesses": self._witnesses.run()}

    @property
    def refusal(self) -> TamaniError | None:
        """Why nothing is signed any more, if that is so."""
        return self._checkpointer.refusal

    def shown(self) -> dict[str, Any]:
        """What this worker knows that the database does not."""
        witnesses = {name: _shown(standing) for name, standing in self._witnesses.standings.items()}
        wrong = self.refusal or self._checkpointer.trouble
        return {"witnesses": witnesses} | (_said(wrong) if wrong else {"state": "ok"})

    async def close(self) -> None:
        """Close what is open."""
        await self._client.aclose()
        await self._checkpointer.close()

    def _refuse(self, error: TamaniError) -> None:
        self._checkpointer.refuse(error)


def _said(error: TamaniError) -> dict[str, str]:
    return {"state": error.code.name, "detail": error.detail, "fr": error.code.fr, "en": error.code.en}


def _shown(standing: Standing) -> dict[str, Any]:
    return {"cosigned": standing.cosigned, "state": standing.code or "ok", "detail": standing.detail}
