"""A desk of the same country without a node beside it has no key to confirm an erasure with: a node asks it, and does.

Only what the desk says to have carried out is passed on, under the name of the country's desk. A desk that is away, or
that answers something else, costs nothing but the confirmation.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import httpx
import structlog

from tamani.core.errors import DefectError
from tamani.node.settings import NodeSettings

log = structlog.get_logger(__name__)
TIMEOUT = httpx.Timeout(20, connect=5)
_ORDER = re.compile(r"[0-9a-f]{64}")


class DeskElsewhere:
    """Asks `GET /v1/erasures/to-confirm` (`node.ground.ErasedBeside`)."""

    def __init__(self, url: str, token_file: Path) -> None:
        self._token_file = token_file
        self._client = httpx.AsyncClient(base_url=url, timeout=TIMEOUT, follow_redirects=False)
        self._why = ""

    @classmethod
    def of(cls, settings: NodeSettings) -> Self | None:
        """The desk that these settings name, if they name one.

        Raises:
            DefectError: `failed.settings`: no token to ask with.
        """
        if settings.desk_url is None:
            return None
        if settings.desk_token_file is None:
            raise DefectError("failed.settings", "TAMANI_NODE_DESK_TOKEN_FILE")
        return cls(settings.desk_url, settings.desk_token_file)

    async def close(self) -> None:
        """Close the connection."""
        await self._client.aclose()

    async def __call__(self) -> Sequence[str]:
        """Names of orders in the log (hex) that the desk has carried out; none while it cannot be asked."""
        try:
            # Read anew each time, so that a new token needs no restart.
            token = self._token_file.read_text("ascii").strip()
            answer = await self._client.get("/v1/erasures/to-confirm", headers={"Authorization": f"Bearer {token}"})
            answer.raise_for_status()
            orders = [order for order in answer.json()["orders"] if _ORDER.fullmatch(order)]
        except httpx.HTTPStatusError as error:
            return self._none(f"HTTP {error.response.status_code}")
        except (httpx.HTTPError, OSError, ValueError, KeyError, TypeError) as error:
            return self._none(type(error).__name__)
        self._why = ""
        return orders

    def _none(self, why: str) -> Sequence[str]:
        """Said once while it lasts."""
        if why != self._why:
            log.warning("desk elsewhere not asked", why=why)
        self._why = why
        return ()
