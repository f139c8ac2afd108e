"""`practice.note`: a good practice that others may take up, or an assessment of what people need to learn."""

from typing import Literal

from pydantic import Field

from tamani.core.catalogue.base import Data, Label, Many, MessageType
from tamani.core.catalogue.head import Head, Line, Paragraph
from tamani.core.lifecycle import Lifecycle


class Note(Data):
    """What both profiles say."""

    head: Head
    status: Literal["submitted", "reviewed", "published"] = Field(title="État", description="Status")


class Practice(Note):
    """Profile `bonne-pratique`: what was done, with what result, and whether it can be done elsewhere."""

    field: Literal["enquete", "poursuite", "jugement", "controle", "veille", "formation", "prevention"] = Field(
        title="Domaine", description="Field"
    )
    context: Paragraph = Field(title="Contexte", description="Context")
    practice: Paragraph = Field(title="Pratique", description="Practice")
    result: Paragraph | None = Field(None, title="Résultat", description="Result")
    conditions: Many[Line] = Field((), title="Conditions", description="Conditions", max_length=20)
    rights_check: Line = Field(title="Droits humains : vérification", description="Human rights: check")
    gender_check: Line | None = Field(None, title="Genre : vérification", description="Gender: check")
    transferability: Line | None = Field(None, title="Transposition", description="Transferability")


class Needs(Note):
    """Profile `evaluation-besoins`: which competences lack, for whom."""

    trainees: Line = Field(title="Public", description="Trainees")
    gaps: Many[Line] = Field(title="Compétences à renforcer", description="Gaps", min_length=1, max_length=30)
    method: Line = Field(title="Méthode", description="Method")
    findings: Many[Line] = Field((), title="Constats", description="Findings", max_length=30)
    partners: Many[Line] = Field((), title="Partenaires", description="Partners", max_length=20)


TYPE = MessageType(
    name="practice.note",
    model=Note,
    label=Label("Note de pratique", "Practice note"),
    family="practice",
    profiles={
        "bonne-pratique": Label("Bonne pratique", "Good practice"),
        "evaluation-besoins": Label("Évaluation de besoins", "Assessment of needs"),
    },
    variants={"bonne-pratique": Practice, "evaluation-besoins": Needs},
    status=("status",),
    lifecycle=Lifecycle(
        opens="submitted reviewed",
        versions={
            "submitted": "submitted reviewed",
            "reviewed": "reviewed published",
            "published": "submitted",  # a note is written anew, and reviewed anew
        },
    ),
    words={
        "status:reviewed": Label("Relu", "Reviewed"),
        "field:enquete": Label("Enquête", "Investigation"),
        "field:poursuite": Label("Poursuite", "Prosecution"),
        "field:jugement": Label("Jugement", "Judgment"),
        "field:controle": Label("Contrôle", "Oversight"),
        "field:veille": Label("Veille", "Monitoring"),
        "field:formation": Label("Formation", "Training"),
        "field:prevention": Label("Prévention", "Prevention"),
    },
)
