"""`agenda.item`: a point proposed by an entitled body; the convener takes it or not."""

from typing import Literal

from pydantic import Field

from tamani.core.catalogue.base import Data, Label, MessageType
from tamani.core.catalogue.head import Head, IdRef, Line, SourceRef, Theme


class MeetingRef(Data):
    """The meeting concerned."""

    source: SourceRef = Field(title="Organisme", description="Body")
    id: IdRef = Field(title="Réunion", description="Meeting")


class Item(Data):
    """A proposed point."""

    head: Head
    status: Literal["proposed", "accepted", "discussed", "decided", "deferred", "withdrawn"] = Field(
        title="État", description="Status"
    )
    meeting: MeetingRef | None = Field(None, title="Réunion", description="Meeting")
    rank: int | None = Field(None, title="Rang souhaité", description="Wished rank", ge=1, le=60)
    law_ref: Theme | None = Field(None, title="Dossier", description="File")
    rapporteur_role: Line | None = Field(None, title="Rapporteur (fonction)", description="Rapporteur (function)")
    duration_min: int | None = Field(None, title="Durée (min)", description="Duration (min)", ge=5, le=600)


TYPE = MessageType(
    name="agenda.item",
    model=Item,
    label=Label("Point d'ordre du jour proposé", "Proposed agenda item"),
    family="agenda",
    profiles={
        "examen-texte": Label("Examen d'un texte", "Examination of a text"),
        "audition": Label("Audition", "Hearing"),
        "echange-pratiques": Label("Échange de pratiques", "Exchange of practices"),
        "divers": Label("Divers", "Other"),
    },
    status=("status",),
    closing=frozenset({"decided", "withdrawn"}),
)
