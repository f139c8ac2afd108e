"""One entry of a country's feed: `feed.<cc>`, version 1. It never carries a number that counts what is not its own."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tamani.core.strict_json import BadJson, loads

# Marks that carry a document.
ERASED, CONFIRMED = "erased", "confirmed"


class FeedEntry(BaseModel):
    """A notice (`record`) with its exact envelope, or a `mark` set on an earlier one.

    `feed_index` counts from 1 without holes within a country; `prev` is the digest of the entry before (hex, "" for the
    first); `epoch` is the ledger's history number: a higher one replaces what stood at its index and after.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    v: Literal[1] = 1
    epoch: int = Field(ge=1)
    feed_index: int = Field(ge=1)
    prev: str
    kind: Literal["record", "mark"]
    recordedtime: str
    digest: str
    marks: tuple[str, ...] = ()
    envelope: str | None = None
    source: str | None = None
    id: str | None = None
    mark: str | None = None
    # With the mark `erased` the order of the officers, with `confirmed` the signed word of who has carried it out.
    document: str | None = None

    def encode(self) -> bytes:
        """The Kafka value."""
        return self.model_dump_json(exclude_none=True).encode()


def decode_feed(value: bytes) -> FeedEntry:
    """The entry in a Kafka value.

    Raises:
        BadJson: not a feed entry of version 1.
    """
    try:
        loads(value)
        return FeedEntry.model_validate_json(value, strict=True)
    except ValidationError as error:
        raise BadJson("refused.json", "feed: " + str(error)[:200]) from error
