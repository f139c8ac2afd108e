"""`ack`: received, taken in hand, whether one will come; what was decided of a point; what became of an action."""

from typing import Literal

from pydantic import Field, model_validator

from tamani.core.catalogue.base import Data, Label, MessageType
from tamani.core.catalogue.head import Head, Instant, Line, NoticeRef, Paragraph
from tamani.core.catalogue.system import Target
from tamani.core.lifecycle import Lifecycle

# Profiles that have a say on the thread's state, so that one that changes nothing has no effect.
JUDGED = frozenset({"decision", "suite"})


class Ack(Data):
    """An acknowledgement."""

    head: Head
    target: Target = Field(title="Avis concerné", description="Notice concerned")
    level: Literal["received", "handled"] = Field(title="Réponse", description="Answer")
    note: Line | None = Field(None, title="Note", description="Note")


class Participation(Data):
    """Whether one will come; another date is a proposal, the convener alone moves the meeting."""

    head: Head
    target: Target = Field(title="Réunion", description="Meeting")
    level: Literal["will-attend", "will-not-attend", "other-date"] = Field(title="Réponse", description="Answer")
    proposed: Instant | None = Field(None, title="Autre date", description="Other date")
    note: Line | None = Field(None, title="Note", description="Note")

    @model_validator(mode="after")
    def _a_date_for_another_date(self) -> "Participation":
        if (self.level == "other-date") != (self.proposed is not None):
            raise ValueError("l'autre date va avec cette réponse / the other date goes with that answer")
        return self


class Decision(Data):
    """What the convener decides of a point proposed for its meeting."""

    head: Head
    target: Target = Field(title="Point", description="Item")
    level: Literal["accepted", "deferred", "declined", "discussed", "decided"] = Field(
        title="Décision", description="Decision"
    )
    meeting: NoticeRef | None = Field(None, title="Réunion", description="Meeting")
    rank: int | None = Field(None, title="Rang", description="Rank", ge=1, le=60)
    note: Line | None = Field(None, title="Note", description="Note")


class FollowUp(Data):
    """What the body in charge made of an action of minutes; `action` is its text, word for word."""

    head: Head
    target: Target = Field(title="Relevé", description="Minutes")
    action: Line = Field(title="Action", description="Action")
    level: Literal["en-cours", "fait", "abandonne"] = Field(title="Suite donnée", description="Follow-up")
    note: Paragraph | None = Field(None, title="Précisions et preuves", description="Details and evidence")

    @model_validator(mode="after")
    def _says_why_it_is_dropped(self) -> "FollowUp":
        if self.level == "abandonne" and self.note is None:
            raise ValueError("dites pourquoi l'action est abandonnée / say why the action is dropped")
        return self


TYPE = MessageType(
    name="ack",
    model=Ack,
    label=Label("Accusé de réception", "Acknowledgement"),
    profiles={
        "accuse": Label("Accusé", "Acknowledgement"),
        "participation": Label("Participation", "Participation"),
        "decision": Label("Décision sur un point", "Decision on an item"),
        "suite": Label("Suite d'une action", "Follow-up of an action"),
    },
    variants={"participation": Participation, "decision": Decision, "suite": FollowUp},
    system=True,
    says="level",
    lifecycle=Lifecycle(free="an act on another notice's thread: each body's last one counts"),
    words={
        "level:accepted": Label("Inscrit à l'ordre du jour", "On the agenda"),
        "level:deferred": Label("Reporté", "Deferred"),
        "level:declined": Label("Non retenu", "Not taken"),
        "level:discussed": Label("Discuté", "Discussed"),
        "level:decided": Label("Décidé", "Decided"),
        "level:en-cours": Label("En cours", "In progress"),
        "level:fait": Label("Fait", "Done"),
        "level:abandonne": Label("Abandonné", "Dropped"),
    },
)
