"""Rows of the registry from what a command line or a file says: read strictly, each with its reason."""

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tamani.cli.ceremony import folder_of, full_keyid, now
from tamani.core.errors import RefusedError

if TYPE_CHECKING:
    from tamani.core.registry import KeyRow
    from tamani.runtime.ceremony import Ceremony, Change


def steps_of(data: Path, folder: Path | None) -> "Ceremony":
    """The ceremony of a folder."""
    from tamani.runtime.ceremony import Ceremony

    return Ceremony(folder_of(data, folder))


def change_of(steps: "Ceremony", *, reason: str = "", **rows: Any) -> "Change":
    """Rows as data, each with the reason, as a change.

    Raises:
        RefusedError: `refused.request`.
    """
    from pydantic import ValidationError

    from tamani.core.registry import Body, KeyRow, Node, Recipient
    from tamani.runtime.ceremony import Change, because

    kinds: dict[str, Any] = {"bodies": Body, "keys": KeyRow, "recipients": Recipient}
    try:
        made = {name: tuple(kind.model_validate(row) for row in rows.get(name, ())) for name, kind in kinds.items()}
        nodes = tuple(Node.model_validate(row) for row in rows.get("nodes", ()))
    except ValidationError as error:
        raise RefusedError("refused.request", str(error)[:300]) from error
    decided: dict[str, Any] = {name: tuple(because(row, reason, now()) for row in some) for name, some in made.items()}
    return Change(nodes=nodes, **decided)


def with_more(change: "Change", **more: Any) -> "Change":
    """The change with more to it."""
    from dataclasses import replace

    return replace(change, **more)


def key_row(steps: "Ceremony", keyid: str) -> "KeyRow":
    """The row of a key as it was last signed (a suspension lies over it).

    Raises:
        RefusedError: `refused.registry.proposal`: no body's key begins so.
    """
    found = steps.published()[0]
    row = (found.as_signed or found).key(full_keyid(steps, keyid))
    if row is None:
        raise RefusedError("refused.registry.proposal", keyid[:64])
    return row


def changed_key(steps: "Ceremony", keyid: str, **changes: Any) -> dict[str, Any]:
    """The row of a key with these members changed."""
    return key_row(steps, keyid).model_dump() | changes


def new_key(
    steps: "Ceremony", row: dict[str, Any], public: str, at: datetime, *, at_once: bool = False
) -> dict[str, Any]:
    """The row of a new key, from when it may count.

    Raises:
        RefusedError: `refused.request`.
    """
    from datetime import timedelta

    from tamani.core.signing import keyid_of

    standing = steps.published()[0].standing
    # An hour more than the rule asks for: proposals are renewed while they wait for signatures.
    wait = timedelta(seconds=standing.delay_seconds + 3600) if standing and standing.delay_seconds else timedelta()
    try:
        raw = bytes.fromhex(public)
    except ValueError as error:
        raise RefusedError("refused.request", public[:80]) from error
    return row | {"keyid": keyid_of(raw), "public": public.lower(), "not_before": at if at_once else at + wait}


def proof_of(body: str, public: str, proof: str) -> Any:
    """The new key's own wish to be enrolled, as `keys new` printed it."""
    from tamani.core.signing import keyid_of
    from tamani.core.trust.statements import Approval, possession

    keyid = keyid_of(bytes.fromhex(public))
    return {possession(body, keyid).digest: (Approval(keyid=keyid, sig=proof),)}


def rows_of_file(path: Path) -> dict[str, Any]:
    """The rows in a file of changes.

    Raises:
        RefusedError: `refused.request`.
    """
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise RefusedError("refused.request", str(error)) from error
    if not isinstance(found, dict) or not set(found) <= {"bodies", "keys", "recipients", "nodes"}:
        raise RefusedError("refused.request", "bodies, keys, recipients, nodes")
    return found


def policy_text(path: Path) -> str:
    """The text of a policy file (C2SP tlog-policy).

    Raises:
        RefusedError: `refused.request`; `refused.log.policy` or `refused.log.key`, it is none.
    """
    from tamani.core.log.policy import parse_policy

    try:
        content = path.read_bytes()
    except OSError as error:
        raise RefusedError("refused.request", f"{path}: {error.strerror}") from error
    parse_policy(content)
    return content.decode()


def moment(text: str) -> datetime:
    """An instant with its zone.

    Raises:
        RefusedError: `refused.request`.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise RefusedError("refused.request", text[:40]) from error
    if found.tzinfo is None:
        raise RefusedError("refused.request", f"{text[:40]}: Z")
    return found
