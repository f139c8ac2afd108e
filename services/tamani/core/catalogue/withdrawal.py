"""`withdrawal`: the originator takes an earlier notice back; a tombstone stays, with the reason."""

from typing import Literal

from pydantic import Field

from tamani.core.catalogue.base import Data, Label, MessageType
from tamani.core.catalogue.head import Head, Line
from tamani.core.catalogue.system import Target
from tamani.core.lifecycle import Lifecycle


class Withdrawal(Data):
    """A withdrawal."""

    head: Head
    target: Target = Field(title="Avis retiré", description="Notice withdrawn")
    reason: Literal["erreur", "consentement-retire", "protection", "remplace", "autre"] = Field(
        title="Raison", description="Reason"
    )
    note: Line | None = Field(None, title="Note", description="Note")


TYPE = MessageType(
    name="withdrawal",
    model=Withdrawal,
    label=Label("Retrait", "Withdrawal"),
    profiles={"retrait": Label("Retrait", "Withdrawal")},
    system=True,
    lifecycle=Lifecycle(free="an act on another notice's thread: the originator may always take its words back"),
)
