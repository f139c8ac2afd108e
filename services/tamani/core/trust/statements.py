"""What people sign about a row, apart from the document it stands in: each a small text with a type of its own.

The signatures lie in a file beside the document (`signatures.json`), by the digest of what was signed: so a row never
changes because somebody signs it, officers can sign one after the other, and each signature can be checked for ever,
by anybody, without knowing how the row came about. Types differ (DSSE's pre-authentication encoding), so nothing that
was signed for one purpose serves another.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

from tamani.core.envelope import Envelope, pae
from tamani.core.registry import Body, KeyRow, Recipient, Row
from tamani.core.signing import SigningKey, verify

_TYPE = "application/vnd.tamani.registry.{}+json"
_KINDS: dict[type[Row], str] = {Body: "body", KeyRow: "key", Recipient: "recipient"}
# A reply may be added by its author, and who has signed is no part of what is signed.
_UNSIGNED: dict[str, Any] = {"reply": True, "decision": {"by"}}


class Approval(BaseModel):
    """One signature (base64) and the key that made it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    keyid: str
    sig: str


Signatures = Mapping[str, tuple[Approval, ...]]
Publics = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Statement:
    """A text to sign and its type."""

    payload_type: str
    payload: bytes

    @property
    def digest(self) -> str:
        """Its name: SHA-256 of the bytes that are signed (hex)."""
        return hashlib.sha256(pae(self.payload, self.payload_type)).hexdigest()

    def sign(self, key: SigningKey) -> Approval:
        """This key's signature."""
        sealed = key.sign(self.payload, self.payload_type)
        return Approval(keyid=key.keyid, sig=base64.b64encode(sealed.sig).decode())

    def signers(self, signatures: Signatures, publics: Publics) -> frozenset[str]:
        """Whose signatures under it hold, of the keys given; what does not hold counts for nothing."""
        found = signatures.get(self.digest, ())
        return frozenset(a.keyid for a in found if a.keyid in publics and self.holds(a, publics[a.keyid]))

    def holds(self, approval: Approval, public: bytes) -> bool:
        """Whether a signature holds under a key of 32 bytes."""
        try:
            sig = base64.b64decode(approval.sig, validate=True)
        except (binascii.Error, ValueError):
            return False
        return verify(Envelope(self.payload, approval.keyid, sig, self.payload_type), public)


def _statement(kind: str, value: Mapping[str, Any]) -> Statement:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return Statement(_TYPE.format(kind), text.encode())


def row_statement(row: Row) -> Statement:
    """A row as it stands. Members at their default are left out, so that a later version may add some."""
    return _statement(_KINDS[type(row)], row.model_dump(mode="json", exclude_defaults=True, exclude=_UNSIGNED))


def possession(source: str, keyid: str) -> Statement:
    """The new key itself: its holder wants it enrolled for this body."""
    return _statement("possession", {"body": source, "keyid": keyid})


def enrolment(row: KeyRow) -> Statement:
    """The platform of civil society: this body may post from that node, with that key."""
    return _statement("enrolment", {"body": row.body, "keyid": row.keyid, "node": row.node})


def succession(source: str, old: str, new: str) -> Statement:
    """The old key: the new one follows me."""
    return _statement("succession", {"body": source, "old": old, "new": new})


def reply(row: KeyRow) -> Statement:
    """The body's answer to a decision about its key."""
    version = row.decision.version if row.decision else 0
    return _statement("reply", {"keyid": row.keyid, "version": version, "text": row.reply})


def merged(*parts: Signatures) -> dict[str, tuple[Approval, ...]]:
    """All signatures of several files, each key once under a statement (the later part wins)."""
    names = {name for part in parts for name in part}
    return {name: _once(approval for part in parts for approval in part.get(name, ())) for name in sorted(names)}


def _once(approvals: Iterable[Approval]) -> tuple[Approval, ...]:
    return tuple({approval.keyid: approval for approval in approvals}.values())
