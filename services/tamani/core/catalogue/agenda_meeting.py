"""`agenda.meeting`: a sitting, hearing, forum, workshop or mission, with its ordered points (iCalendar, RFC 5545)."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from tamani.core.catalogue.base import Data, Label, Many, MessageType
from tamani.core.catalogue.head import Day, Head, Instant, Line, NoticeRef, SourceRef, Theme
from tamani.core.lifecycle import Act, Lifecycle, Who


class Point(Data):
    """One point of the order of the day."""

    rank: int = Field(title="Rang", description="Rank", ge=1, le=60)
    kind: Literal["examen-texte", "audition", "echange-pratiques", "divers"] = Field(title="Nature", description="Kind")
    title: Line = Field(title="Intitulé", description="Title")
    law_ref: Theme | None = Field(None, title="Dossier", description="File")
    rapporteur_role: Line | None = Field(None, title="Rapporteur (fonction)", description="Rapporteur (function)")
    duration_min: int | None = Field(None, title="Durée (min)", description="Duration (min)", ge=5, le=600)
    about: NoticeRef | None = Field(None, title="Avis examiné", description="Notice examined")
    documents: Many[Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]] = Field(
        (), title="Pièces (empreintes)", description="Documents (digests)", max_length=20
    )


class Sought(Data):
    """Whom the convener wishes to see, by category, never by name."""

    category: Line = Field(title="Catégorie", description="Category")
    seats: int | None = Field(None, title="Places", description="Seats", ge=1, le=10_000)


class Meeting(Data):
    """A convocation. `sequence` counts its changes, as in RFC 5545 §3.8.7.4."""

    head: Head
    status: Literal["tentative", "confirmed", "held", "postponed", "cancelled"] = Field(
        title="État", description="Status"
    )
    body: SourceRef = Field(title="Organisme qui convoque", description="Convening body")
    start: Instant = Field(title="Début", description="Start")
    end: Instant = Field(title="Fin", description="End")
    tz: Literal["Africa/Ouagadougou", "Africa/Bamako", "Africa/Niamey"] = Field(title="Heure de", description="Time of")
    place: Line | None = Field(None, title="Lieu", description="Venue")
    link: Annotated[str, Field(pattern=r"^https://\S{3,400}$")] | None = Field(None, title="Lien", description="Link")
    chair_role: Line | None = Field(None, title="Présidence (fonction)", description="Chair (function)")
    quorum: int | None = Field(None, title="Quorum", description="Quorum", ge=1, le=500)
    ics_uid: Line | None = Field(None, title="Référence d'agenda", description="Calendar reference")
    sequence: int = Field(0, title="Version de l'agenda", description="Calendar sequence", ge=0, le=9999)
    points: Many[Point] = Field((), title="Ordre du jour", description="Order of the day", max_length=60)
    objective: Line | None = Field(None, title="Objectif", description="Objective")
    reply_by: Day | None = Field(None, title="Réponse attendue le", description="Reply due")
    organisers: Many[SourceRef] = Field((), title="Organisateurs", description="Organisers", max_length=20)
    sought: Many[Sought] = Field((), title="Participants recherchés", description="Participants sought", max_length=20)
    women_target: int | None = Field(None, title="Femmes visées (%)", description="Women aimed at (%)", ge=0, le=100)
    funders: Many[Line] = Field((), title="Bailleurs", description="Funders", max_length=20)
    seats: int | None = Field(None, title="Participants prévus", description="Expected participants", ge=1, le=10_000)

    @model_validator(mode="after")
    def _in_order(self) -> "Meeting":
        if self.end < self.start:
            raise ValueError("la fin précède le début / the end is before the start")
        if [point.rank for point in self.points] != list(range(1, len(self.points) + 1)):
            raise ValueError("les points sont numérotés 1, 2, 3… / points are numbered 1, 2, 3…")
        return self


_TO_COME = "tentative confirmed postponed"
LIFECYCLE = Lifecycle(
    opens="tentative confirmed held",  # held: what took place before its body was on the bus
    versions={
        "tentative": "tentative confirmed postponed cancelled",
        "confirmed": "confirmed held postponed cancelled",
        "postponed": "postponed tentative confirmed cancelled",
        "held": "",
        "cancelled": "",
    },
    asks=tuple(Act(f"ack:{word}", Who.INVITED, _TO_COME) for word in ("will-attend", "will-not-attend", "other-date")),
    closed="held",
    cancelled="cancelled",
)

TYPE = MessageType(
    name="agenda.meeting",
    model=Meeting,
    label=Label("Réunion ou convocation", "Meeting or convocation"),
    family="agenda",
    profiles={
        "ordinaire": Label("Réunion ordinaire", "Ordinary meeting"),
        "extraordinaire": Label("Réunion extraordinaire", "Extraordinary meeting"),
        "conjointe": Label("Séance conjointe", "Joint sitting"),
        "audition": Label("Audition", "Hearing"),
        "forum": Label("Forum", "Forum"),
        "atelier": Label("Atelier", "Workshop"),
        "mission": Label("Mission", "Mission"),
        "rencontre": Label("Rencontre", "Encounter"),
    },
    status=("status",),
    lifecycle=LIFECYCLE,
)
