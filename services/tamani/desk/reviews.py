"""What waits for a second person at the site's node, as its pages ask for it in an officer's name."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

from tamani.core.event import parse_time
from tamani.desk.posting import Posting

PATH = "/v1/reviews"
# The node takes remarks of 1,000 characters; what is longer goes there cut, and is refused there.
LONGEST_REMARK = 1001


@dataclass(frozen=True, slots=True)
class Done:
    """A line of its trail."""

    act: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Review:
    """One of the body's notices that waits, or has waited. `draft`: what its author posted, until it is decided."""

    id: str
    state: str
    why: str
    author: str
    yours: bool
    digest: str
    changed: datetime
    draft: dict[str, Any] | None
    remark: str
    done: tuple[Done, ...] = field(default=())

    @property
    def title(self) -> str:
        """Its title; empty once its words are gone."""
        return str(((self.draft or {}).get("data", {}).get("head") or {}).get("title", ""))


class ReviewDoor:
    """The node's `/v1/reviews`."""

    def __init__(self, posting: Posting) -> None:
        self._posting = posting

    async def open(self, cookie: str) -> list[Review]:
        """Those that are not decided, newest first.

        Raises:
            RefusedError, OutageError: as `Posting.ask`.
        """
        answer = await self._posting.ask("GET", PATH, cookie)
        return [_review(one) for one in answer["reviews"]]

    async def one(self, cookie: str, id_: str) -> Review:
        """One of them, with its trail.

        Raises:
            RefusedError: `refused.request.notice`, or as `open`.
        """
        return _review(await self._posting.ask("GET", f"{PATH}/{quote(id_, safe='')}", cookie))

    async def act(self, cookie: str, id_: str, step: str, given: dict[str, str]) -> Review:
        """Approve (`seen`), send back or refuse (`remark`), take back or drop.

        Raises:
            RefusedError: `refused.review[.…]`, or as `one`.
        """
        body = {"seen": given.get("seen", ""), "remark": given.get("remark", "")[:LONGEST_REMARK]}
        return _review(await self._posting.ask("POST", f"{PATH}/{quote(id_, safe='')}/{step}", cookie, json=body))


def _review(told: dict[str, Any]) -> Review:
    return Review(
        **{name: told[name] for name in ("id", "state", "why", "author", "yours", "digest", "draft", "remark")},
        changed=parse_time(told["changed_at"]),
        done=tuple(Done(one["act"], one["by"], parse_time(one["at"])) for one in told["acts"]),
    )
