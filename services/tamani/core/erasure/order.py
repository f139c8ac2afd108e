"""An order to erase one notice: which, on what ground, for which reason; under the signatures of officers.

It travels as a DSSE envelope of its own payload type, with a signature for each officer, so that nothing else that an
officer or a body signs can be taken for one. It names the notice by source and id, by the digest of its text and by
`env`, the log's own name of the signed envelope (`core.log.leaf`): an order serves for that notice alone.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from tamani.core.envelope import Envelope, pae
from tamani.core.errors import RefusedError
from tamani.core.event import TIME, UUID7, Event, format_time
from tamani.core.log.leaf import ERASE, Leaf, env_of
from tamani.core.names import SOURCE
from tamani.core.registry import Tlp
from tamani.core.signing import SigningKey
from tamani.core.strict_json import BadJson, loads
from tamani.core.trust.statements import Approval, Statement

ORDER_TYPE = "application/vnd.tamani.erasure+json"
MAX_ORDER = 16 * 1024
MOST_SIGNATURES = 8
SHORTEST, LONGEST = 10, 500
Basis = Literal["consentement-retire", "protection", "erreur", "decision"]
BASES: tuple[str, ...] = get_args(Basis)


def _spelled(pattern: Any) -> AfterValidator:
    def check(text: str) -> str:
        if not pattern.fullmatch(text):
            raise ValueError(f"not of the form {pattern.pattern}")
        return text

    return AfterValidator(check)


Hex32 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Instant = Annotated[str, _spelled(TIME)]


class Order(BaseModel):
    """What the officers sign. The rest up to `basis` says of the notice what its tombstone shows.

    `reason` is read by everybody who could read the notice, for ever: it repeats nothing of what is erased.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    v: Literal[1] = 1
    source: Annotated[str, _spelled(SOURCE)]
    id: Annotated[str, _spelled(UUID7)]
    type: Annotated[str, Field(pattern=r"^tamani\.[a-z.]{1,60}\.v[0-9]{1,3}$")]
    tlp: Tlp
    audience: Annotated[str, Field(max_length=4096)] = ""
    recorded: Instant
    digest: Hex32
    env: Hex32
    keyid: Hex32
    basis: Basis
    reason: Annotated[str, Field(min_length=SHORTEST, max_length=LONGEST)]
    at: Instant

    @property
    def readers(self) -> tuple[str, ...]:
        """The bodies that the notice's audience named."""
        return tuple(self.audience.split(" ")) if self.audience else ()

    def encode(self) -> bytes:
        """The bytes to sign."""
        return json.dumps(self.model_dump(), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def facts_of(envelope: Envelope, event: Event, recorded: str) -> dict[str, str]:
    """What an order says of a notice, from its verified envelope and the time at which it was archived."""
    return {
        "source": event.source,
        "id": event.id,
        "type": event.type,
        "tlp": event.tlp,
        "audience": event.audience or "",
        "recorded": recorded,
        "digest": hashlib.sha256(envelope.payload).hexdigest(),
        "env": env_of(envelope).hex(),
        "keyid": envelope.keyid,
    }


def draw_up(facts: Mapping[str, str], basis: str, reason: str, at: datetime) -> "SignedOrder":
    """An order for the notice of these facts, to be signed.

    Raises:
        RefusedError: `refused.erasure.reason` (the ground is none, or the reason no sentence), `refused.erasure`.
    """
    said = reason.strip()
    if basis not in BASES or not SHORTEST <= len(said) <= LONGEST:
        raise RefusedError("refused.erasure.reason", basis if basis not in BASES else str(len(said)))
    try:
        order = Order.model_validate({**facts, "basis": basis, "reason": said, "at": format_time(at)}, strict=True)
    except ValidationError as error:
        raise RefusedError("refused.erasure", str(error)[:200]) from error
    return SignedOrder(order, order.encode())


@dataclass(frozen=True, slots=True)
class SignedOrder:
    """An order with its exact bytes and the signatures that came with them; none is believed yet."""

    order: Order
    payload: bytes
    approvals: tuple[Approval, ...] = ()

    @property
    def statement(self) -> Statement:
        """What an officer signs."""
        return Statement(ORDER_TYPE, self.payload)

    @property
    def env(self) -> bytes:
        """Its name in the log: SHA-256 over the encoding that was signed and the signatures, by keyid."""
        return hashlib.sha256(pae(self.payload, ORDER_TYPE) + b"".join(map(_raw, self.approvals))).digest()

    def leaf(self, registry_version: int, recorded: str) -> Leaf:
        """Its entry of the log."""
        return Leaf(self.env, registry_version, recorded, ERASE)

    def signed(self, key: SigningKey) -> "SignedOrder":
        """With this key's signature, once."""
        others = (found for found in self.approvals if found.keyid != key.keyid)
        return replace(self, approvals=_sorted((*others, self.statement.sign(key))))

    def encode(self) -> bytes:
        """The document."""
        body = {
            "payloadType": ORDER_TYPE,
            "payload": base64.b64encode(self.payload).decode(),
            "signatures": [approval.model_dump() for approval in self.approvals],
        }
        return json.dumps(body, separators=(",", ":")).encode()


def decode_order(value: bytes) -> SignedOrder:
    """The order in a document.

    Raises:
        RefusedError: `refused.erasure`: not an order of version 1, or in another spelling than ours.
    """
    if len(value) > MAX_ORDER:
        raise RefusedError("refused.erasure", f"{len(value)} > {MAX_ORDER}")
    try:
        found = loads(value)
        payload = base64.b64decode(found["payload"], validate=True)
        loads(payload)
        order = Order.model_validate_json(payload, strict=True)
        approvals = tuple(Approval.model_validate(one, strict=True) for one in found["signatures"])
        signed = SignedOrder(order, payload, _sorted(approvals))
        again = signed.encode() if signed.env else b""
    except (BadJson, ValidationError, KeyError, TypeError, ValueError, binascii.Error) as error:
        raise RefusedError("refused.erasure", str(error)[:200]) from error
    # One spelling, or one order would have many names in the log.
    if again != value or order.encode() != payload or len(approvals) > MOST_SIGNATURES:
        raise RefusedError("refused.erasure", "spelling")
    return signed


def _sorted(approvals: Iterable[Approval]) -> tuple[Approval, ...]:
    """One a key, by keyid."""
    return tuple(sorted({one.keyid: one for one in approvals}.values(), key=lambda one: one.keyid))


def _raw(approval: Approval) -> bytes:
    return base64.b64decode(approval.sig, validate=True)
