"""Suspensions: a delegated role whose one file lists keys that must not count. One officer of any country is enough.

To end one takes two: a row of the registry that names it (`lifts`). So nobody can undo alone what a colleague did, and
one officer who is wrong, or whose key is stolen, can silence but never speak.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from pydantic.types import AwareDatetime

from tamani.core.errors import RefusedError
from tamani.core.registry import KeyRow, Registry
from tamani.core.signing import SigningKey
from tamani.core.trust.bundle import strict
from tamani.core.trust.standing import Holder, Suspension
from tamani.core.trust.statements import Approval, Statement

ROLE = "suspensions"
FILE = "suspensions.json"
MAY = {"officer", "deputy"}


class Listed(BaseModel):
    """An entry of the file, with its author's own signature: the next who signs the file cannot put words into it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    keyid: str
    at: AwareDatetime
    reason: str
    by: Approval

    @property
    def statement(self) -> Statement:
        """What its author signed."""
        said = {"keyid": self.keyid, "at": self.at.isoformat().replace("+00:00", "Z"), "reason": self.reason}
        text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return Statement("application/vnd.tamani.registry.suspension+json", text.encode())

    def opened(self) -> Suspension:
        """The entry as a registry shows it."""
        name = self.statement.digest[:16]
        return Suspension(name=name, keyid=self.keyid, at=self.at, reason=self.reason, by=self.by.keyid)


_FILE = TypeAdapter(tuple[Listed, ...])


def suspend(keyid: str, at: datetime, reason: str, officer: SigningKey) -> Listed:
    """One officer's suspension of a key."""
    draft = Listed(keyid=keyid, at=at, reason=reason, by=Approval(keyid="", sig=""))
    return draft.model_copy(update={"by": draft.statement.sign(officer)})


def encode(entries: Iterable[Listed]) -> str:
    """The file."""
    return _FILE.dump_json(tuple(entries)).decode()


def decode(text: str) -> tuple[Listed, ...]:
    """The entries of a file; their signatures are not looked at yet.

    Raises:
        RefusedError: `refused.registry`.
    """
    strict(text.encode())
    try:
        return _FILE.validate_json(text, strict=True)
    except ValidationError as error:
        raise RefusedError("refused.registry", f"{FILE}: {error}"[:200]) from error


def check(entries: Iterable[Listed], past: Mapping[str, Holder]) -> None:
    """Each entry is its author's own, who was an officer or a deputy, and says why.

    Raises:
        RefusedError: `refused.registry.suspension`, `refused.registry.reason`.
    """
    for entry in entries:
        holder = past.get(entry.by.keyid)
        if (
            holder is None
            or holder.office not in MAY
            or not entry.statement.holds(entry.by, bytes.fromhex(holder.public))
        ):
            raise RefusedError("refused.registry.suspension", entry.keyid[:16])
        if not entry.reason.strip():
            raise RefusedError("refused.registry.reason", entry.keyid[:16])


def standing(entries: Iterable[Listed], document: Registry) -> tuple[Suspension, ...]:
    """Those that no row has lifted."""
    lifted = {name for row in document.keys for name in row.lifts}
    return tuple(found for entry in entries if (found := entry.opened()).name not in lifted)


def applied(row: KeyRow, suspended: frozenset[str]) -> KeyRow:
    """The row as it counts: a suspension takes an active or retired key's voice at once."""
    if row.keyid not in suspended or row.state not in {"active", "retired"}:
        return row
    changes: dict[str, Any] = {"state": "suspended"}
    return row.model_copy(update=changes)
