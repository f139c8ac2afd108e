"""`ack`: received, taken in hand, or whether one will come. It bears the subject of the thread that it answers."""

from typing import Literal

from pydantic import Field

from tamani.core.catalogue.base import Data, Label, MessageType
from tamani.core.catalogue.head import Head, Instant, Line
from tamani.core.catalogue.system import Target


class Ack(Data):
    """An acknowledgement."""

    head: Head
    target: Target = Field(title="Avis concerné", description="Notice concerned")
    level: Literal["received", "handled", "will-attend", "will-not-attend", "other-date"] = Field(
        title="Réponse", description="Answer"
    )
    proposed: Instant | None = Field(None, title="Autre date", description="Other date")
    note: Line | None = Field(None, title="Note", description="Note")


TYPE = MessageType(
    name="ack",
    model=Ack,
    label=Label("Accusé de réception", "Acknowledgement"),
    profiles={"accuse": Label("Accusé", "Acknowledgement"), "participation": Label("Participation", "Participation")},
    system=True,
)
