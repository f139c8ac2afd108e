"""What an officer must hear first: the body's key has spoken, and not from here."""

from fastapi import Request

from tamani.core.policy import key_state
from tamani.core.roles import Role
from tamani.desk.gate import Visitor
from tamani.desk.service import Desk
from tamani.desk.wire import page_path

MOST_SHOWN = 6


async def strays_of(desk: Desk, request: Request, visitor: Visitor) -> list[dict[str, str]]:
    """Where each is read, and which key; none once officers of the registry have silenced the key.

    Raises:
        RefusedError, OutageError: what the node answers.
    """
    who = visitor.as_officer()
    if Role.POSTER not in who.roles or not desk.posting.there:
        return []
    found = await desk.posting.strays(request.cookies.get(desk.gate.cookie, ""))
    loud = [one for one in found if _counts(desk, one.keyid)]
    return [{"href": page_path(who.source, one.id), "key": one.keyid[:16]} for one in loud[:MOST_SHOWN]]


def _counts(desk: Desk, keyid: str) -> bool:
    row = desk.registry.current.key(keyid)
    return row is not None and key_state(row, desk.clock()) is None
