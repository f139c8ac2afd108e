"""`agenda.item`: a point proposed by an entitled body; the convener takes it or not (`ack`, profile `decision`)."""

from typing import Literal

from pydantic import Field

from tamani.core.catalogue.base import Data, Label, MessageType
from tamani.core.catalogue.head import Head, Line, NoticeRef, Theme
from tamani.core.lifecycle import Act, Lifecycle, Who


class Item(Data):
    """A proposed point. Without a meeting it is for the next one of the body that proposes it."""

    head: Head
    status: Literal["proposed", "withdrawn"] = Field(title="État", description="Status")
    meeting: NoticeRef | None = Field(None, title="Réunion", description="Meeting")
    rank: int | None = Field(None, title="Rang souhaité", description="Wished rank", ge=1, le=60)
    law_ref: Theme | None = Field(None, title="Dossier", description="File")
    rapporteur_role: Line | None = Field(None, title="Rapporteur (fonction)", description="Rapporteur (function)")
    duration_min: int | None = Field(None, title="Durée (min)", description="Duration (min)", ge=5, le=600)


LIFECYCLE = Lifecycle(
    opens="proposed",
    versions={
        "proposed": "proposed withdrawn",
        "accepted": "withdrawn",
        "deferred": "proposed withdrawn",
        "declined": "",
        "discussed": "",
        "decided": "",
        "withdrawn": "",
    },
    acts=(
        Act("ack:accepted", Who.CONVENER, "proposed deferred", "accepted"),
        Act("ack:deferred", Who.CONVENER, "proposed accepted discussed", "deferred"),
        Act("ack:declined", Who.CONVENER, "proposed deferred", "declined"),
        Act("ack:discussed", Who.CONVENER, "accepted", "discussed"),
        Act("ack:decided", Who.CONVENER, "accepted discussed", "decided"),
    ),
    closed="decided declined",
    cancelled="withdrawn",
)

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
    lifecycle=LIFECYCLE,
    words={"status:declined": Label("Non retenu", "Not taken")},
)
