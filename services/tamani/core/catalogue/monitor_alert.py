"""`monitor.alert`: an alert in the words of CAP 1.2, at the level of a region, never a village nor coordinates."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from tamani.core.catalogue.base import Data, Label, Many, MessageType
from tamani.core.catalogue.head import Head, Line, PlaceName, one_of
from tamani.core.lifecycle import Act, Lifecycle, Who


class Alert(Data):
    """CAP 1.2 `msgType`, `urgency`, `severity`, `certainty`, with ACLED sub-type, ICCS codes and Admiralty grade."""

    head: Head
    msg_type: Literal["Alert", "Update", "Cancel"] = Field(title="Message", description="Message")
    status: Literal["Actual", "Exercise", "Test"] = Field(
        "Actual", title="Réel ou exercice", description="Actual or exercise"
    )
    category: Literal["Safety", "Security", "Rescue", "Health", "Infra", "Other"] = Field(
        "Security", title="Catégorie", description="Category"
    )
    urgency: Literal["Immediate", "Expected", "Future", "Past", "Unknown"] = Field(
        title="Urgence", description="Urgency"
    )
    severity: Literal["Extreme", "Severe", "Moderate", "Minor", "Unknown"] = Field(
        title="Gravité", description="Severity"
    )
    certainty: Literal["Observed", "Likely", "Possible", "Unlikely", "Unknown"] = Field(
        title="Certitude", description="Certainty"
    )
    response: Literal["Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear", "None"] = (
        Field("None", title="Conduite à tenir", description="Response")
    )
    acled: Annotated[str, one_of("acled")] | None = Field(None, title="Nature (ACLED)", description="Kind (ACLED)")
    iccs: Many[Annotated[str, one_of("iccs")]] = Field(
        (), title="Infractions (ICCS)", description="Crimes (ICCS)", max_length=10
    )
    place: PlaceName | None = Field(None, title="Commune ou cercle", description="Municipality or district")
    source_reliability: Literal["A", "B", "C", "D", "E", "F"] = Field(
        title="Fiabilité de la source", description="Reliability of the source"
    )
    credibility: int = Field(title="Crédibilité de l'information", description="Credibility", ge=1, le=6)
    advice: Line | None = Field(None, title="Conseil", description="Advice")

    @model_validator(mode="after")
    def _sober(self) -> "Alert":
        if not self.head.areas:
            raise ValueError("indiquez la région / name the region")
        weak = self.source_reliability >= "D" or self.credibility >= 4
        if weak and self.severity == "Extreme":
            raise ValueError("une rumeur ne peut pas être d'une gravité extrême / a rumour cannot be extreme")
        return self


TO_CONFIRM = "a-confirmer"


def cannot_wait(profile: str, data: Mapping[str, Any]) -> bool:
    """At 21:00 nobody else is there: what is immediate goes out at once, marked *à confirmer*; its end never does."""
    return profile == TO_CONFIRM and data.get("urgency") == "Immediate" and data.get("msg_type") != "Cancel"


TYPE = MessageType(
    name="monitor.alert",
    model=Alert,
    label=Label("Alerte", "Alert"),
    family="alert",
    profiles={"alerte": Label("Alerte", "Alert"), TO_CONFIRM: Label("À confirmer", "To be confirmed")},
    second=frozenset({"alerte", TO_CONFIRM}),
    alone=cannot_wait,
    status=("msg_type",),
    # An update or the end may come first at a reader: the alert may be withdrawn, or older than its rights.
    lifecycle=Lifecycle(
        opens="Alert Update Cancel",
        versions={"Alert": "Update Cancel", "Update": "Update Cancel", "Cancel": ""},
        asks=tuple(Act(f"ack:{word}", Who.ANYONE, "Alert Update") for word in ("handled", "received")),
        cancelled="Cancel",
    ),
)
