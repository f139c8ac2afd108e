"""`law.item`: a harmonisation file: one theme, a reference instrument, and where each country stands."""

from typing import Literal

from pydantic import Field, model_validator

from tamani.core.catalogue.base import Data, Label, Many, MessageType
from tamani.core.catalogue.head import CountryCode, Day, Head, Line, Stage, Theme
from tamani.core.lifecycle import Lifecycle


class Step(Data):
    """Where one country stands, since when, and what shows it."""

    country: CountryCode = Field(title="Pays", description="Country")
    stage: Stage = Field(title="Étape", description="Stage")
    since: Day | None = Field(None, title="Depuis", description="Since")
    evidence: Line | None = Field(None, title="Preuve (JO, lien)", description="Evidence (gazette, link)")


class LawItem(Data):
    """A file followed by the three commissions."""

    head: Head
    status: Literal["open", "closed", "suspended"] = Field("open", title="État", description="Status")
    theme: Theme = Field(title="Thème", description="Theme")
    problem: Line = Field(title="Lacune", description="Gap")
    reference_instrument: Line | None = Field(None, title="Instrument de référence", description="Reference instrument")
    article: Line | None = Field(None, title="Article", description="Article")
    target_outcome: Line | None = Field(None, title="Résultat visé", description="Target outcome")
    lead_country: CountryCode | None = Field(None, title="Pays chef de file", description="Lead country")
    steps: Many[Step] = Field(min_length=1, max_length=3, title="Avancement", description="Progress")
    next_milestone: Line | None = Field(None, title="Prochaine étape", description="Next milestone")
    due: Day | None = Field(None, title="Échéance", description="Due")

    @model_validator(mode="after")
    def _once_each(self) -> "LawItem":
        if len({step.country for step in self.steps}) != len(self.steps):
            raise ValueError("un pays n'est qu'à une étape / a country stands at one stage")
        return self


TYPE = MessageType(
    name="law.item",
    model=LawItem,
    label=Label("Dossier d'harmonisation", "Harmonisation file"),
    family="law",
    profiles={"dossier": Label("Dossier", "File")},
    status=("status",),
    steps="steps",
    lifecycle=Lifecycle(
        opens="open suspended closed",
        versions={"open": "open suspended closed", "suspended": "suspended open closed", "closed": ""},
        closed="closed",
        unsaid="open",
    ),
)
