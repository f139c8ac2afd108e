"""`exchange.answer`: what an addressee answers. It joins the thread of the request, under the same profile."""

from typing import Literal

from pydantic import Field, model_validator

from tamani.core.catalogue.base import Data, Label, Many, MessageType
from tamani.core.catalogue.exchange_request import TYPE as REQUEST
from tamani.core.catalogue.head import BareHead, Head, Line, Paragraph
from tamani.core.catalogue.system import Target
from tamani.core.lifecycle import Lifecycle


class Answer(Data):
    """What every answer says."""

    head: Head
    target: Target = Field(title="Demande", description="Request")
    answer: Literal["answered", "partial", "declined"] = Field(title="Réponse", description="Answer")
    text: Paragraph | None = Field(None, title="Texte de la réponse", description="Text of the answer")

    @model_validator(mode="after")
    def _says_something(self) -> "Answer":
        if self.answer == "declined" and self.text is None:
            raise ValueError("dites pourquoi vous déclinez / say why you decline")
        return self


class Reply(Answer):
    """Profile `question`."""

    text: Paragraph = Field(title="Texte de la réponse", description="Text of the answer")


class Comment(Data):
    """A remark on one article, and what one proposes instead."""

    article: Line = Field(title="Article", description="Article")
    comment: Paragraph = Field(title="Observation", description="Comment")
    proposal: Paragraph | None = Field(None, title="Proposition", description="Proposal")


class Advice(Answer):
    """Profile `avis`."""

    opinion: Literal["favorable", "reserves", "defavorable"] | None = Field(None, title="Avis", description="Opinion")
    comments: Many[Comment] = Field((), title="Observations", description="Comments", max_length=60)

    @model_validator(mode="after")
    def _an_answer_has_an_opinion(self) -> "Advice":
        if (self.answer == "answered") != (self.opinion is not None):
            raise ValueError("un avis rendu dit son sens / an opinion given says which")
        return self


class Connection(Data):
    """Profile `mise-en-relation`: contact made or not; nothing of any case."""

    head: BareHead
    target: Target = Field(title="Demande", description="Request")
    answer: Literal["answered", "declined"] = Field(title="Réponse", description="Answer")
    contact: Literal["etabli", "reoriente", "impossible"] = Field(title="Contact", description="Contact")

    @model_validator(mode="after")
    def _one_or_the_other(self) -> "Connection":
        if (self.answer == "declined") != (self.contact == "impossible"):
            raise ValueError("décliner et impossible vont ensemble / to decline and impossible go together")
        return self


class Contribution(Answer):
    """Profile `contribution`: what a group said, in short; no names."""

    groups: Many[Line] = Field((), title="Groupes entendus", description="Groups heard", max_length=20)
    participants: int | None = Field(None, title="Participations", description="Participations", ge=0, le=100_000)
    synthesis: Many[Line] = Field((), title="Synthèse", description="Synthesis", max_length=30)


class Offer(Answer):
    """Profile `besoin`: what one can give."""

    quantity: Line | None = Field(None, title="Quantité", description="Quantity")
    when: Line | None = Field(None, title="Période", description="Period")
    conditions: Line | None = Field(None, title="Conditions", description="Conditions")


TYPE = MessageType(
    name="exchange.answer",
    model=Answer,
    label=Label("Réponse à une demande", "Answer to a request"),
    family="exchange",
    profiles=REQUEST.profiles,
    variants={
        "question": Reply,
        "avis": Advice,
        "mise-en-relation": Connection,
        "contribution": Contribution,
        "besoin": Offer,
    },
    sealed_profiles=REQUEST.sealed_profiles,
    says="answer",
    lifecycle=Lifecycle(free="it moves the request that it answers; each body's last answer counts"),
    words={
        "answer:answered": Label("Réponse complète", "Full answer"),
        "answer:partial": Label("Réponse partielle", "Partial answer"),
        "answer:declined": Label("Déclinée", "Declined"),
        "opinion:favorable": Label("Favorable", "In favour"),
        "opinion:reserves": Label("Favorable avec réserves", "In favour, with reservations"),
        "opinion:defavorable": Label("Défavorable", "Against"),
        "contact:etabli": Label("Établi", "Made"),
        "contact:reoriente": Label("Réorienté", "Redirected"),
        "contact:impossible": Label("Impossible", "Not possible"),
    },
)
