"""`monitor.report`: what an observatory watched, how, and what it found."""

from typing import Annotated, Literal

from pydantic import Field

from tamani.core.catalogue.base import Data, Label, Many, MessageType
from tamani.core.catalogue.head import Day, Head, Line, Period, SourceRef, Theme
from tamani.core.lifecycle import Lifecycle


class Finding(Data):
    """One finding, with how sure it is (Admiralty grade: source A to F, credibility 1 to 6)."""

    theme: Theme | None = Field(None, title="Thème", description="Theme")
    text: Annotated[str, Field(min_length=1, max_length=2000)] = Field(title="Constat", description="Finding")
    confidence: Annotated[str, Field(pattern=r"^[A-F][1-6]$")] = Field(title="Confiance", description="Confidence")


class Indicator(Data):
    """A figure with its unit."""

    key: Line = Field(title="Indicateur", description="Indicator")
    value: float = Field(title="Valeur", description="Value")
    unit: Line = Field(title="Unité", description="Unit")


class Report(Data):
    """A monitoring report."""

    head: Head
    status: Literal["submitted", "peer-checked", "published", "answered"] = Field(title="État", description="Status")
    observatory: SourceRef = Field(title="Observatoire", description="Observatory")
    period: Period = Field(title="Période", description="Period")
    method: Line = Field(title="Méthode", description="Method")
    sources_n: int = Field(title="Nombre de sources", description="Number of sources", ge=0, le=100_000)
    findings: Many[Finding] = Field(title="Constats", description="Findings", min_length=1, max_length=40)
    indicators: Many[Indicator] = Field((), title="Indicateurs", description="Indicators", max_length=60)
    recommendations: Many[Line] = Field((), title="Recommandations", description="Recommendations", max_length=40)
    right_of_reply: Line | None = Field(None, title="Droit de réponse", description="Right of reply")
    reply_due: Day | None = Field(None, title="Réponse attendue le", description="Reply due")


PROFILES = {
    "flash": Label("Flash", "Flash"),
    "hebdomadaire": Label("Hebdomadaire", "Weekly"),
    "mensuel": Label("Mensuel", "Monthly"),
    "thematique": Label("Thématique", "Thematic"),
    "trimestriel": Label("Trimestriel", "Quarterly"),
    "note-politique": Label("Note politique", "Policy note"),
    "tendance": Label("Tendance", "Trend"),
}
TYPE = MessageType(
    name="monitor.report",
    model=Report,
    label=Label("Rapport de veille", "Monitoring report"),
    family="monitor",
    profiles=PROFILES,
    second=frozenset(PROFILES),
    status=("status",),
    lifecycle=Lifecycle(
        opens="submitted peer-checked published",
        versions={
            "submitted": "submitted peer-checked",
            "peer-checked": "peer-checked published",
            "published": "published answered",
            "answered": "answered",
        },
    ),
)
