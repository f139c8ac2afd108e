"""The past that the topic no longer holds, from the region's archive over HTTP, under this desk's own token."""

import json
from pathlib import Path
from typing import Any, Self

import httpx
from pydantic import ValidationError

from tamani.core.errors import OutageError
from tamani.core.feed import FeedEntry
from tamani.core.names import Country
from tamani.desk.settings import DeskSettings
from tamani.desk.sorting import is_sound

PAGE = 500
# A page of 500 notices of 64 KiB over a line of 64 kbit/s is not to be hurried; a dead peer is found by `connect`.
TIMEOUT = httpx.Timeout(60, connect=5)


class CatchUp:
    """A client of `GET /v1/feed`."""

    def __init__(self, url: str, country: Country, token_file: Path | None) -> None:
        self._country = country
        self._token_file = token_file
        self._client = httpx.AsyncClient(base_url=url, timeout=TIMEOUT)

    @classmethod
    def of(cls, settings: DeskSettings) -> Self | None:
        """The client that these settings describe; nothing if there is no archive to ask."""
        if settings.archive_url is None:
            return None
        return cls(settings.archive_url, settings.country, settings.archive_token_file)

    async def close(self) -> None:
        """Close the connection."""
        await self._client.aclose()

    async def page(self, after: int, limit: int = PAGE) -> list[FeedEntry | None]:
        """The entries that follow this index, in order; `None` stands for one that cannot be read.

        Raises:
            OutageError: `failed.archive`: away, or not answering as an archive does.
        """
        try:
            answer = await self._client.get(
                "/v1/feed",
                params={"cc": self._country.value, "after": after, "limit": limit},
                headers=authorization(self._token_file),
            )
            answer.raise_for_status()
            return [_entry(row) for row in answer.json()["entries"]]
        except httpx.HTTPStatusError as error:
            raise OutageError("failed.archive", f"HTTP {error.response.status_code}") from error
        except (httpx.HTTPError, json.JSONDecodeError, KeyError, TypeError) as error:
            raise OutageError("failed.archive", type(error).__name__) from error

    async def hand_back(self, order: bytes) -> None:
        """Give the archive an order of erasure that it no longer knows: one that was restored from an older copy.

        Raises:
            OutageError: `failed.archive`: away, or it does not take the order; the detail says which.
        """
        try:
            (await self._client.post("/v1/erasures", content=order)).raise_for_status()
        except httpx.HTTPStatusError as error:
            raise OutageError("failed.archive", f"HTTP {error.response.status_code}") from error
        except httpx.HTTPError as error:
            raise OutageError("failed.archive", type(error).__name__) from error


def authorization(token_file: Path | None) -> dict[str, str]:
    """The desk's token at the archive as a header, read anew each time, so that a new token needs no restart."""
    if token_file is None or not token_file.exists():
        return {}
    return {"Authorization": f"Bearer {token_file.read_text('utf-8').strip()}"}


def _entry(row: Any) -> FeedEntry | None:
    try:
        entry = FeedEntry.model_validate(row)
    except ValidationError:
        return None
    return entry if is_sound(entry) else None
