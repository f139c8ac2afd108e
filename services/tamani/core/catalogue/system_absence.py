"""`system.absence`: the archive says to a body what of its own is missing: numbers of its series, or signs of life.

Each absence is a thread: it opens as `missing` and ends as `settled`, when what lacked has come.
"""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from tamani.core.catalogue.base import Data, Label, MessageType
from tamani.core.catalogue.head import Head, Instant, SourceRef
from tamani.core.lifecycle import Lifecycle

MOST = 10**18 - 1
Status = Annotated[Literal["missing", "settled"], Field(title="État", description="Status")]
KeyId = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Numbers(Data):
    """Numbers `first` to `last` of a key's series on a lane, of which none came though later ones did."""

    head: Head
    status: Status
    about: SourceRef = Field(title="Organisme", description="Body")
    keyid: KeyId = Field(title="Clé", description="Key")
    lane: Literal["normal", "urgent"] = Field(title="Voie", description="Lane")
    first: int = Field(title="Du numéro", description="From number", ge=1, le=MOST)
    last: int = Field(title="Au numéro", description="To number", ge=1, le=MOST)

    @model_validator(mode="after")
    def _in_order(self) -> "Numbers":
        if self.last < self.first:
            raise ValueError("the last number comes before the first")
        return self


class Silence(Data):
    """No sign of life of a node's key since an instant; once settled, the instant at which it was heard again."""

    head: Head
    status: Status
    about: SourceRef = Field(title="Organisme", description="Body")
    keyid: KeyId = Field(title="Clé", description="Key")
    since: Instant = Field(title="Silence depuis", description="Silent since")
    heard: Instant | None = Field(None, title="Entendu à nouveau", description="Heard again")

    @model_validator(mode="after")
    def _heard_if_settled(self) -> "Silence":
        if (self.status == "settled") != (self.heard is not None):
            raise ValueError("settled says when it was heard, and only then")
        return self


TYPE = MessageType(
    name="system.absence",
    model=Numbers,
    variants={"silence": Silence},
    label=Label("Absence constatée", "Absence found"),
    profiles={"numeros": Label("Numéros manquants", "Missing numbers"), "silence": Label("Silence", "Silence")},
    family="system",
    system=True,
    reserved=True,
    status=("status",),
    lifecycle=Lifecycle(opens="missing", versions={"missing": "settled", "settled": ""}, closed="settled"),
    words={
        "status:missing": Label("Manque", "Missing"),
        "status:settled": Label("Réglé", "Settled"),
        "lane:normal": Label("Ordinaire", "Ordinary"),
        "lane:urgent": Label("Alertes", "Alerts"),
    },
)
