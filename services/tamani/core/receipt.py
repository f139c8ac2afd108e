"""The answer to one Kafka value: `receipts.<cc>`, version 1 (schemas/receipt.v1.schema.json).

The archive signs its answers with the key of its log: the signature is the last member, over the bytes without it. So
"archived, entry N" is a promise that can be shown to others. The router has no such key: its refusals are unsigned.

A node finds its row by `value_sha256` alone, so that the refusal of a forgery can never turn a good notice to *refusé*.
"""

import base64
import binascii
import re
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tamani.core.envelope import pae
from tamani.core.signing import SigningKey, sign_bytes, verify_bytes
from tamani.core.strict_json import BadJson, loads

# Bound into the signature (DSSE's encoding): no receipt can be taken for a checkpoint, which the same key signs.
RECEIPT_TYPE = "application/vnd.tamani.receipt.v1+json"
_SIG = re.compile(rb',"sig":"([A-Za-z0-9+/]{86}==)"\}\Z')
_COORDINATES = re.compile(r"([a-z.]{1,80})/([0-9]{1,9})/([0-9]{1,18})")
# What answers a notice that has an entry in the log.
PROMISES = frozenset({"archived", "duplicate"})
VerdictWord = Literal["archived", "duplicate", "equivocation", "refused", "held", "erased"]
Hex32 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Inbound(BaseModel):
    """Where the value had come in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    topic: str
    partition: int = Field(ge=0)
    offset: int = Field(ge=0)

    @classmethod
    def parse(cls, text: str) -> "Inbound | None":
        """From `topic/partition/offset`; nothing if it does not read so."""
        match = _COORDINATES.fullmatch(text)
        return match and cls(topic=match[1], partition=int(match[2]), offset=int(match[3]))

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"


class Receipt(BaseModel):
    """Verdict and code for the value of this SHA-256. The last five fields are there only if the signature held."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    v: Literal[1] = 1
    verdict: VerdictWord
    code: str
    detail: str = ""
    value_sha256: Hex32
    inbound: Inbound | None = None
    at: str
    epoch: int = Field(default=0, ge=0)
    log_index: int | None = Field(default=None, ge=0)
    leaf_index: int | None = Field(default=None, ge=0, description="The entry of the log that was promised")
    source: str | None = None
    id: str | None = None
    sequence: str | None = None
    keyid: str | None = None
    lane: Literal["normal", "urgent"] | None = None
    order: str | None = Field(default=None, description="With the verdict `erased`: the officers' order, as signed")
    sig: str | None = Field(
        default=None, pattern=r"^[A-Za-z0-9+/]{86}==$", description="Signature of the log's key, always the last member"
    )

    def encode(self) -> bytes:
        """The Kafka value."""
        return self.model_dump_json(exclude_none=True).encode()


def decode_receipt(value: bytes) -> Receipt:
    """The receipt in a Kafka value.

    Raises:
        BadJson: not a receipt of version 1.
    """
    try:
        loads(value)
        return Receipt.model_validate_json(value, strict=True)
    except ValidationError as error:
        raise BadJson("refused.json", "receipt: " + str(error)[:200]) from error


def sign_receipt(value: bytes, key: SigningKey) -> bytes:
    """The same receipt with its signature as the last member."""
    sig = sign_bytes(pae(value, RECEIPT_TYPE), key)
    return b'%s,"sig":"%s"}' % (value[:-1], base64.b64encode(sig))


def is_signed(value: bytes, publics: Iterable[bytes]) -> bool:
    """Whether one of these keys (32 bytes each) signed the receipt in a Kafka value, over the received bytes."""
    match = _SIG.search(value)
    if match is None:
        return False
    message, sig = pae(value[: match.start()] + b"}", RECEIPT_TYPE), binascii.a2b_base64(match[1])
    if binascii.b2a_base64(sig, newline=False) != match[1]:  # a second spelling of the same bytes
        return False
    return any(verify_bytes(message, sig, public) for public in publics)
