"""`agenda.record`: what came of a meeting: decisions and actions, an account, or a dialogue with communities.

A dialogue has rules of its own: a basis of consent, a district at most, groups and never people.
"""

from dataclasses import replace
from typing import Literal

from pydantic import Field, model_validator

from tamani.core.catalogue.base import Data, Label, Many, MessageType
from tamani.core.catalogue.head import CountryCode, Day, Head, Line, NoticeRef, Paragraph, PlaceName, SourceRef
from tamani.core.lifecycle import Act, Lifecycle, Who


class Vote(Data):
    """How many voted which way."""

    in_favour: int = Field(title="Pour", description="For", ge=0, le=2000)
    against: int = Field(title="Contre", description="Against", ge=0, le=2000)
    abstained: int = Field(title="Abstentions", description="Abstentions", ge=0, le=2000)


class Decision(Data):
    """One decision, numbered."""

    no: int = Field(title="N°", description="No.", ge=1, le=200)
    text: Paragraph = Field(title="Décision", description="Decision")
    vote: Vote | None = Field(None, title="Vote", description="Vote")


class Action(Data):
    """Something that a body has to do by a day."""

    text: Line = Field(title="Action", description="Action")
    owner: SourceRef = Field(title="Organisme chargé", description="Body in charge")
    due: Day | None = Field(None, title="Échéance", description="Due")
    progress: Literal["a-faire", "en-cours", "fait", "abandonne"] = Field(
        "a-faire", title="Suite donnée", description="Follow-up"
    )


class Record(Data):
    """What every record says."""

    head: Head
    status: Literal["draft", "approved", "published"] = Field(title="État", description="Status")
    meeting: NoticeRef | None = Field(None, title="Réunion", description="Meeting")
    held_on: Day = Field(title="Tenue le", description="Held on")


class Minutes(Record):
    """Profile `releve`: decisions and actions."""

    decisions: Many[Decision] = Field(title="Décisions", description="Decisions", min_length=1, max_length=60)
    actions: Many[Action] = Field((), title="Actions", description="Actions", max_length=60)

    @model_validator(mode="after")
    def _numbered(self) -> "Minutes":
        if [one.no for one in self.decisions] != list(range(1, len(self.decisions) + 1)):
            raise ValueError("les décisions sont numérotées 1, 2, 3… / decisions are numbered 1, 2, 3…")
        return self


class Category(Data):
    """How many took part, of one category."""

    category: Line = Field(title="Catégorie", description="Category")
    count: int = Field(title="Nombre", description="Number", ge=0, le=10_000)


class Presence(Data):
    """How many took part, of one country."""

    country: CountryCode = Field(title="Pays", description="Country")
    count: int = Field(title="Nombre", description="Number", ge=0, le=10_000)


class Participants(Data):
    """Figures only."""

    total: int = Field(title="Participations", description="Participations", ge=0, le=10_000)
    women: int | None = Field(None, title="dont femmes", description="of whom women", ge=0, le=10_000)
    by_category: Many[Category] = Field((), title="Par catégorie", description="By category", max_length=20)
    by_country: Many[Presence] = Field((), title="Par pays", description="By country", max_length=3)

    @model_validator(mode="after")
    def _no_more_than_all(self) -> "Participants":
        if self.women is not None and self.women > self.total:
            raise ValueError("plus de femmes que de participations / more women than participations")
        return self


class Quote(Data):
    """Words said, under the rule that hides who said them (Chatham House)."""

    category: Line = Field(title="Catégorie", description="Category")
    text: Line = Field(title="Propos", description="Words")


class Account(Record):
    """Profile `compte-rendu`: who came (figures), what was held in common, what is hard."""

    participants: Participants | None = Field(None, title="Participants", description="Participants")
    points: Many[Line] = Field((), title="Points d'intérêt commun", description="Common points", max_length=30)
    challenges: Many[Line] = Field((), title="Défis", description="Challenges", max_length=30)
    quotes: Many[Quote] = Field((), title="Propos (sans nom)", description="Words (no names)", max_length=10)
    recommendations: Many[Line] = Field((), title="Recommandations", description="Recommendations", max_length=40)

    @model_validator(mode="after")
    def _agreed(self) -> "Account":
        if self.quotes and self.head.consent_basis is None:
            raise ValueError("dites sur quel accord reposent les propos / say on what consent the words rest")
        return self


class Dialogue(Data):
    """Profile `dialogue`: communities and forces, as groups; consent is checked before it is published."""

    head: Head
    status: Literal["draft", "consent-checked", "published"] = Field(title="État", description="Status")
    meeting: NoticeRef | None = Field(None, title="Réunion", description="Meeting")
    held_on: Day = Field(title="Tenue le", description="Held on")
    place: PlaceName | None = Field(None, title="Commune ou cercle", description="Municipality or district")
    groups: Many[Line] = Field(title="Groupes réunis", description="Groups", min_length=1, max_length=20)
    topics: Many[Line] = Field(title="Sujets", description="Topics", min_length=1, max_length=20)
    trust_points: Many[Line] = Field((), title="Points de confiance", description="Points of trust", max_length=20)
    agreements: Many[Line] = Field((), title="Accords", description="Agreements", max_length=20)
    follow_ups: Many[Line] = Field((), title="Suites", description="Follow-ups", max_length=20)

    @model_validator(mode="after")
    def _with_consent(self) -> "Dialogue":
        if self.head.consent_basis not in {"informed", "collective"}:
            raise ValueError("un dialogue demande un consentement / a dialogue needs a consent")
        if not self.head.areas:
            raise ValueError("indiquez la région / name the region")
        return self


RECORD = Lifecycle(
    opens="draft approved published",
    versions={"draft": "draft approved", "approved": "approved published", "published": ""},
)
# Whoever is in charge of an action says what became of it; the minutes stay what they are.
MINUTES = replace(
    RECORD,
    acts=tuple(
        Act(f"ack:{word}", Who.ADDRESSEE, state, state)
        for word in ("en-cours", "fait", "abandonne")
        for state in ("approved", "published")
    ),
)
TYPE = MessageType(
    name="agenda.record",
    model=Record,
    label=Label("Compte rendu de réunion", "Record of a meeting"),
    family="agenda",
    profiles={
        "releve": Label("Relevé de décisions", "Minutes"),
        "compte-rendu": Label("Compte rendu", "Account"),
        "dialogue": Label("Dialogue communautés et forces", "Dialogue of communities and forces"),
    },
    second=frozenset({"dialogue"}),
    variants={"releve": Minutes, "compte-rendu": Account, "dialogue": Dialogue},
    status=("status",),
    lifecycle=RECORD,
    lifecycles={
        "releve": MINUTES,
        "dialogue": Lifecycle(
            opens="draft consent-checked",
            versions={
                "draft": "draft consent-checked",
                "consent-checked": "consent-checked published",
                "published": "",
            },
        ),
    },
    words={
        "status:draft": Label("Brouillon", "Draft"),
        "status:approved": Label("Approuvé", "Approved"),
        "status:consent-checked": Label("Consentement vérifié", "Consent checked"),
        "progress:a-faire": Label("À faire", "To do"),
        "progress:en-cours": Label("En cours", "In progress"),
        "progress:fait": Label("Fait", "Done"),
        "progress:abandonne": Label("Abandonné", "Dropped"),
    },
)
