"""The answer to one Kafka value: `receipts.<cc>`, version 1 (schemas/receipt.v1.schema.json).

A node finds its row by `value_sha256` alone, so that the refusal of a forgery can never turn a good notice to *refusé*.
"""

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tamani.core.strict_json import BadJson, loads

_COORDINATES = re.compile(r"([a-z.]{1,80})/([0-9]{1,9})/([0-9]{1,18})")
VerdictWord = Literal["archived", "duplicate", "equivocation", "refused", "held"]
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
