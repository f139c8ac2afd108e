"""`exchange.request`: a question, a text for opinion, a contact to be made, a call for contributions, a need.

One inbox and one clock for all. To be put in contact, one says what kind of help and to whom, never the case: that
profile has no free text beyond its title, one addressee, and travels sealed.
"""

from typing import Literal

from pydantic import Field, model_validator

from tamani.core.catalogue.base import Data, Label, Many, MessageType
from tamani.core.catalogue.head import Area, BareHead, Day, Head, Line, NoticeRef, Paragraph, PlaceName, SourceRef
from tamani.core.lifecycle import Act, Lifecycle, Who

Status = Literal["asked", "considered", "closed", "withdrawn"]


class Request(Data):
    """What every request says. Nobody addressed: whoever is entitled may answer."""

    head: Head
    status: Status = Field(title="État", description="Status")
    addressed_to: Many[SourceRef] = Field((), title="Adressée à", description="Addressed to", max_length=20)
    due: Day | None = Field(None, title="Réponse attendue le", description="Reply due")


class Addressed(Request):
    """A request to bodies that are named, with a day by which they answer."""

    addressed_to: Many[SourceRef] = Field(title="Adressée à", description="Addressed to", min_length=1, max_length=20)
    due: Day = Field(title="Réponse attendue le", description="Reply due")


class Question(Addressed):
    """Profile `question`: parliamentary oversight."""

    question_kind: Literal["ecrite", "orale", "visite", "information"] = Field(title="Nature", description="Kind")
    text: Paragraph = Field(title="Question", description="Question")


class Outcome(Data):
    """What became of one remark of an opinion, and why."""

    article: Line = Field(title="Article", description="Article")
    outcome: Literal["accepted", "partly", "refused"] = Field(title="Suite", description="Outcome")
    reason: Line | None = Field(None, title="Raison", description="Reason")


class Opinion(Addressed):
    """Profile `avis`: a text on which one asks for an opinion, and later what one made of it."""

    text: NoticeRef | None = Field(None, title="Texte soumis", description="Text submitted")
    questions: Many[Line] = Field((), title="Questions", description="Questions", max_length=20)
    outcomes: Many[Outcome] = Field((), title="Suites données à l'avis", description="Follow-up", max_length=60)

    @model_validator(mode="after")
    def _after_the_answer(self) -> "Opinion":
        if self.outcomes and self.status == "asked":
            raise ValueError("les suites viennent après l'examen / outcomes come once the opinion is considered")
        return self


class Contact(Data):
    """Profile `mise-en-relation`: need and place, nothing of any case."""

    head: BareHead
    status: Literal["asked", "closed", "withdrawn"] = Field(title="État", description="Status")
    addressed_to: Many[SourceRef] = Field(title="Adressée à", description="Addressed to", min_length=1, max_length=1)
    due: Day = Field(title="Réponse attendue le", description="Reply due")
    need: Literal["entraide", "point-focal", "prevention-conflit", "avis-technique"] = Field(
        title="Besoin", description="Need"
    )
    urgency: Literal["normale", "urgente"] = Field("normale", title="Urgence", description="Urgency")
    from_place: PlaceName | None = Field(None, title="De (commune)", description="From (municipality)")
    to_place: PlaceName | None = Field(None, title="Vers (commune)", description="To (municipality)")
    channel: Literal["appel", "rencontre", "courrier-officiel", "messagerie"] | None = Field(
        None, title="Canal souhaité", description="Channel wished"
    )


class Call(Request):
    """Profile `contribution`: a consultation that is open to groups until a day."""

    due: Day = Field(title="Ouverte jusqu'au", description="Open until")
    opens: Day | None = Field(None, title="Ouverte le", description="Opens on")
    text: NoticeRef | None = Field(None, title="Texte soumis", description="Text submitted")
    groups: Many[Line] = Field((), title="Groupes attendus", description="Groups sought", max_length=20)
    modes: Many[Literal["reunion", "radio", "ecrit", "en-ligne", "oral"]] = Field(
        (), title="Modes", description="Ways", max_length=5
    )

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> "Call":
        if self.opens is not None and self.opens > self.due:
            raise ValueError("l'ouverture suit la clôture / it opens after it closes")
        return self


class Need(Request):
    """Profile `besoin`: expertise or means that one lacks."""

    resource: Literal["expertise", "materiel", "formation", "financement", "logistique"] = Field(
        title="Ressource", description="Resource"
    )
    quantity: Line | None = Field(None, title="Quantité", description="Quantity")
    when: Line | None = Field(None, title="Période", description="Period")
    where: Many[Area] = Field((), title="Où", description="Where", max_length=45)
    conditions: Line | None = Field(None, title="Conditions", description="Conditions")


ANSWERS = (
    Act("ack:received", Who.ADDRESSEE, "asked", "acknowledged"),
    Act("ack:handled", Who.ADDRESSEE, "asked acknowledged", "acknowledged"),
    Act("exchange.answer:partial", Who.ADDRESSEE, "asked acknowledged declined", "acknowledged"),
    Act("exchange.answer:answered", Who.ADDRESSEE, "asked acknowledged answered declined considered", "answered"),
    Act("exchange.answer:declined", Who.ADDRESSEE, "asked acknowledged declined", "declined"),
    # Of several addressees one has answered: the others may still answer in part, or decline.
    Act("exchange.answer:partial", Who.ADDRESSEE, "answered", "answered"),
    Act("exchange.answer:declined", Who.ADDRESSEE, "answered", "answered"),
)
TYPE = MessageType(
    name="exchange.request",
    model=Request,
    label=Label("Demande", "Request"),
    family="exchange",
    profiles={
        "question": Label("Question de contrôle", "Oversight question"),
        "avis": Label("Demande d'avis sur un texte", "Request for an opinion on a text"),
        "mise-en-relation": Label("Mise en relation", "Contact to be made"),
        "contribution": Label("Appel à contributions", "Call for contributions"),
        "besoin": Label("Besoin", "Need"),
    },
    variants={
        "question": Question,
        "avis": Opinion,
        "mise-en-relation": Contact,
        "contribution": Call,
        "besoin": Need,
    },
    sealed_profiles=frozenset({"mise-en-relation"}),
    status=("status",),
    lifecycle=Lifecycle(
        opens="asked",
        versions={
            "asked": "asked closed withdrawn",
            "acknowledged": "asked closed withdrawn",
            "answered": "considered closed",
            "declined": "asked closed",
            "considered": "considered closed",
            "closed": "",
            "withdrawn": "",
        },
        acts=ANSWERS,
        closed="closed",
        cancelled="withdrawn",
    ),
    # Contact made or not: there is nothing to consider.
    lifecycles={
        "mise-en-relation": Lifecycle(
            opens="asked",
            versions={
                "asked": "asked closed withdrawn",
                "acknowledged": "asked closed withdrawn",
                "answered": "closed",
                "declined": "asked closed",
                "closed": "",
                "withdrawn": "",
            },
            acts=tuple(act for act in ANSWERS if not act.name.endswith(":partial")),
            closed="closed",
            cancelled="withdrawn",
        )
    },
    words={
        "status:asked": Label("Posée", "Asked"),
        "status:acknowledged": Label("Prise en compte", "Acknowledged"),
        "status:answered": Label("Répondue", "Answered"),
        "status:declined": Label("Déclinée", "Declined"),
        "status:considered": Label("Réponse examinée", "Answer considered"),
        "question_kind:ecrite": Label("Écrite", "Written"),
        "question_kind:orale": Label("Orale", "Oral"),
        "question_kind:visite": Label("Visite", "Visit"),
        "question_kind:information": Label("Demande d'information", "Request for information"),
        "outcome:accepted": Label("Retenu", "Accepted"),
        "outcome:partly": Label("Retenu en partie", "Accepted in part"),
        "outcome:refused": Label("Non retenu", "Not accepted"),
        "need:entraide": Label("Entraide judiciaire", "Mutual legal assistance"),
        "need:point-focal": Label("Point focal", "Focal point"),
        "need:prevention-conflit": Label("Prévention d'un conflit local", "Prevention of a local conflict"),
        "need:avis-technique": Label("Avis technique", "Technical advice"),
        "urgency:normale": Label("Normale", "Normal"),
        "urgency:urgente": Label("Urgente", "Urgent"),
        "channel:appel": Label("Appel", "Call"),
        "channel:rencontre": Label("Rencontre", "Meeting"),
        "channel:courrier-officiel": Label("Courrier officiel", "Official letter"),
        "channel:messagerie": Label("Messagerie chiffrée", "Encrypted messages"),
        "modes:reunion": Label("Réunion", "Meeting"),
        "modes:radio": Label("Radio", "Radio"),
        "modes:ecrit": Label("Écrit", "In writing"),
        "modes:en-ligne": Label("En ligne", "Online"),
        "modes:oral": Label("Oral", "Spoken"),
        "resource:expertise": Label("Expertise", "Expertise"),
        "resource:materiel": Label("Matériel", "Equipment"),
        "resource:formation": Label("Formation", "Training"),
        "resource:financement": Label("Financement", "Funding"),
        "resource:logistique": Label("Logistique", "Logistics"),
    },
)
