"""The posting side of the site as a page reaches it: its API, in the officer's name. A page never signs.

What comes back is either the notice's place in the outbox or a refusal, with every fault beside its field.
"""

from dataclasses import dataclass
from typing import Any

import httpx
from starlette.requests import HTTPConnection

from tamani.core.codes import code
from tamani.core.errors import OutageError, RefusedError
from tamani.core.faults import Fault, InvalidError
from tamani.runtime.accounts.sessions import SCHEME


@dataclass(frozen=True, slots=True)
class Sent:
    """Where one of the body's notices stands."""

    id: str
    type: str
    state: str
    code: str | None
    detail: str | None

    @property
    def unsealed(self) -> bool:
        """Whether it waits for a second person, or was given up before it was sealed."""
        return self.state in {"to-validate", "sent-back"} or (self.code or "").startswith("refused.review")


@dataclass(frozen=True, slots=True)
class Stray:
    """A notice of the body's that its node never sealed: whoever said it has this key, too."""

    id: str
    keyid: str


@dataclass(frozen=True, slots=True)
class Posted:
    """A notice that the node has. `waits`: a second person must release it first."""

    id: str
    waits: bool


class Posting:
    """The node's API; none where the desk stands alone."""

    def __init__(self, node: httpx.AsyncClient | None) -> None:
        self._node = node

    @property
    def there(self) -> bool:
        """Whether this site can post."""
        return self._node is not None

    async def say(self, cookie: str, draft: dict[str, Any]) -> str:
        """The id of the notice, which can no longer be lost.

        Raises:
            RefusedError: what the node refuses; InvalidError with its faults; OutageError `failed.node` or its own.
        """
        return (await self.post(cookie, draft)).id

    async def post(self, cookie: str, draft: dict[str, Any]) -> Posted:
        """The same, and whether it waits for a second person.

        Raises:
            RefusedError, OutageError: as `say`.
        """
        answer = await self.ask("POST", "/v1/messages", cookie, json=draft)
        return Posted(str(answer["id"]), answer["state"] == "to-validate")

    async def latest(self, cookie: str, limit: int) -> list[Sent]:
        """The body's own last notices, newest first.

        Raises:
            RefusedError, OutageError: as `say`.
        """
        answer = await self.ask("GET", f"/v1/messages?limit={limit}", cookie)
        return [_sent(row) for row in answer["messages"]]

    async def one(self, cookie: str, id_: str) -> Sent:
        """One of them.

        Raises:
            RefusedError: `refused.request.notice`, or as `say`.
        """
        return _sent(await self.ask("GET", f"/v1/messages/{id_}", cookie))

    async def strays(self, cookie: str) -> list[Stray]:
        """What the body's keys have said elsewhere, the latest first.

        Raises:
            RefusedError, OutageError: as `say`.
        """
        answer = await self.ask("GET", "/v1/elsewhere", cookie)
        return [Stray(row["id"], row["keyid"]) for row in answer["notices"]]

    async def receipt(self, asked: HTTPConnection, cookie: str, id_: str) -> str:
        """The signed receipt for a notice of the asker's own body; "" if there is none for them, or no node answers.

        `cookie` is the name under which a browser keeps its session; a program's own token is handed on.
        """
        session = asked.cookies.get(cookie)
        who = asked.headers.get("authorization") or (f"{SCHEME} {session}" if session else None)
        if self._node is None or who is None:
            return ""
        try:
            answer = await self._node.get(f"/v1/messages/{id_}/receipt", headers={"Authorization": who})
        except httpx.TransportError:
            return ""  # a proof is whole without it
        return answer.text if answer.is_success else ""

    async def ask(self, method: str, path: str, cookie: str, **more: Any) -> dict[str, Any]:
        """What the node's API answers to this officer.

        Raises:
            RefusedError: what the node refuses; InvalidError with its faults; OutageError `failed.node` or its own.
        """
        if self._node is None:
            raise OutageError("failed.node")
        headers = {"Authorization": f"{SCHEME} {cookie}"}
        try:
            answer = await self._node.request(method, path, headers=headers, **more)
        except httpx.TransportError as error:
            raise OutageError("failed.node", str(error)) from error
        body: dict[str, Any] = answer.json()
        if answer.status_code >= httpx.codes.BAD_REQUEST:
            raise _error(body)
        return body


def _error(body: dict[str, Any]) -> RefusedError | OutageError:
    name = str(body.get("code", "failed.node"))
    if faults := body.get("faults"):
        return InvalidError(name, [Fault(**fault) for fault in faults])
    kind = OutageError if code(name).status >= httpx.codes.INTERNAL_SERVER_ERROR else RefusedError
    return kind(name, str(body.get("detail", "")))


def _sent(row: dict[str, Any]) -> Sent:
    return Sent(row["id"], row["type"] or "", row["state"], row["code"], row["detail"])
