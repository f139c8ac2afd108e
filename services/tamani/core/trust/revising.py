"""The next document from the one before: rows added or replaced, each with when and why; nothing ever leaves. Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeVar

from tamani.core.registry import Body, Decision, KeyRow, Moment, Node, Recipient, Registry
from tamani.core.trust.policies import with_policy

R = TypeVar("R", Body, KeyRow, Recipient)
TAKEN_OVER = "repris du registre précédent · taken over from the registry before"
_BOOKKEEPING: dict[str, Any] = {"decision": None, "enrolled": None}


def begun(document: Registry, at: datetime) -> Registry:
    """A first document: all its rows are of this version, whatever came before."""
    moment = Moment(version=document.version, at=at)
    decision = Decision(version=document.version, at=at, reason=TAKEN_OVER)
    bodies = tuple(body.model_copy(update={"decision": decision}) for body in document.bodies)
    keys = tuple(row.model_copy(update={"decision": decision, "enrolled": moment}) for row in document.keys)
    reading = tuple(row.model_copy(update={"decision": decision}) for row in document.recipients)
    return _document(document, bodies=bodies, keys=keys, recipients=reading, issued=at)


def revised(
    document: Registry,
    bodies: Iterable[Body],
    keys: Iterable[KeyRow],
    at: datetime,
    *,
    recipients: Iterable[Recipient] = (),
    nodes: Iterable[Node] = (),
    reason: str = "",
    demo: bool = False,
    anyway: bool = False,
    log_policy: str | None = None,
) -> Registry | None:
    """The next version with these rows; nothing if it would say the same, unless it is wanted anyway.

    `log_policy`: the text of the policy file that is in force from now on.
    """
    made = Decision(version=document.version + 1, at=at, reason=reason)
    rows: dict[str, Any] = {
        "bodies": _replaced(document.bodies, bodies, made),
        "keys": _replaced(document.keys, keys, made),
        "recipients": _replaced(document.recipients, recipients, made),
        "nodes": tuple({node.name: node for node in (*document.nodes, *nodes)}.values()),
        "demo": demo,
        "log_policies": (policies := with_policy(document.log_policies, log_policy, at)),
        "log_policy": policies[-1].sha256 if policies else document.log_policy,
    }
    if not anyway and all(getattr(document, name) == value for name, value in rows.items()):
        return None
    return _document(document, version=made.version, issued=at, **rows)


def _replaced(before: tuple[R, ...], given: Iterable[R], made: Decision) -> tuple[R, ...]:
    rows = {row.name: row for row in before}
    for row in given:
        old = rows.get(row.name)
        if old is None or _said(old) != _said(row):
            rows[row.name] = _as_decided(row, old, made)
    return tuple(rows.values())


def _said(row: R) -> R:
    """What a row says, without when and why."""
    changes = {name: value for name, value in _BOOKKEEPING.items() if name in type(row).model_fields}
    return row.model_copy(update=changes)


def _as_decided(row: R, old: R | None, made: Decision) -> R:
    said = row.decision.reason if row.decision else ""
    changes: dict[str, Any] = {"decision": made.model_copy(update={"reason": made.reason or said})}
    if isinstance(row, KeyRow):
        first = old.enrolled if isinstance(old, KeyRow) else None
        changes["enrolled"] = first or Moment(version=made.version, at=made.at)
    return row.model_copy(update=changes)


def _document(before: Registry, **changes: Any) -> Registry:
    fields = {name: getattr(before, name) for name in Registry.model_fields} | changes
    return Registry(**fields | {"standing": None, "as_signed": None})
