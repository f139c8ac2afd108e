"""Where a desk asks the log: its own country's witness, which has a copy, then the archive."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import httpx

from tamani.core.errors import OutageError
from tamani.core.log.policy import Policy
from tamani.core.names import Country

TIMEOUT = httpx.Timeout(30, connect=5)


@dataclass(frozen=True, slots=True)
class LogSource:
    """One of them. What the archive lacks is lacking; a witness's copy may only be behind."""

    name: str
    url: str
    is_origin: bool


class LogClient:
    """Asks `POST …/proofs`."""

    def __init__(self, sources: Sequence[LogSource], transport: httpx.AsyncBaseTransport | None = None) -> None:
        self.sources = tuple(sources)
        self._client = httpx.AsyncClient(timeout=TIMEOUT, transport=transport)

    @classmethod
    def of(cls, policy: Policy, country: Country) -> Self:
        """Those that the policy names for a desk of this country."""
        own = policy.witnesses.get(country)
        witness = [LogSource(country, f"{own.url.rstrip('/')}/log", False)] if own and own.url else []
        origin = [LogSource(log.key.name, log.url.rstrip("/"), True) for log in policy.logs if log.url]
        return cls([*witness, *origin])

    async def ask(self, source: LogSource, envs: Sequence[bytes]) -> bytes:
        """The answer, byte for byte.

        Raises:
            OutageError: `failed.log.away`.
        """
        try:
            answer = await self._client.post(f"{source.url}/proofs", json={"env": [env.hex() for env in envs]})
            answer.raise_for_status()
        except httpx.HTTPStatusError as error:
            raise OutageError("failed.log.away", f"{source.name}: HTTP {error.response.status_code}") from error
        except httpx.HTTPError as error:
            raise OutageError("failed.log.away", f"{source.name}: {type(error).__name__}") from error
        return answer.content

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()
