"""`roadmap.progress`: where a recommendation or commitment stands."""

from typing import Annotated, Literal

from pydantic import Field

from tamani.core.catalogue.base import Data, Label, Many, MessageType
from tamani.core.catalogue.head import Day, Head, Line, Period
from tamani.core.lifecycle import Lifecycle


class Progress(Data):
    """A progress report of the lead body, or of an observatory beside it (profile `regard-osc`)."""

    head: Head
    recommendation: Annotated[str, Field(pattern=r"^[A-Z]{2,6}-[0-9]{4}-[0-9]{2,3}$")] = Field(
        title="Recommandation", description="Recommendation"
    )
    rank: Literal["principale", "autre"] = Field("autre", title="Rang", description="Rank")
    period: Period = Field(title="Période", description="Period")
    status: Literal["non-commence", "en-cours", "partiel", "mis-en-oeuvre", "bloque", "sans-objet"] = Field(
        title="État", description="Status"
    )
    percent: int | None = Field(None, title="Avancement (%)", description="Progress (%)", ge=0, le=100)
    narrative: Annotated[str, Field(max_length=4000)] | None = Field(None, title="Récit", description="Narrative")
    evidence: Many[Line] = Field((), title="Preuves", description="Evidence", max_length=20)
    blockers: Many[Line] = Field((), title="Blocages", description="Blockers", max_length=20)
    next_due: Day | None = Field(None, title="Prochaine échéance", description="Next due date")


TYPE = MessageType(
    name="roadmap.progress",
    model=Progress,
    label=Label("Point d'avancement", "Progress report"),
    family="roadmap",
    profiles={
        "officiel": Label("Point officiel", "Official report"),
        "regard-osc": Label("Regard de la société civile", "Civil-society assessment"),
        "engagement": Label("Engagement", "Commitment"),
    },
    status=("status",),
    lifecycle=Lifecycle(
        free="a report of what is seen: work stalls, goes back and starts again", closed="mis-en-oeuvre sans-objet"
    ),
)
