"""`law.provision`: one cell of the comparison: what one country's law says on one point, and how far it conforms."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from tamani.core.catalogue.base import Data, Label, MessageType
from tamani.core.catalogue.head import Conformity, CountryCode, Day, Head, Line, NoticeRef, Paragraph
from tamani.core.codelists import theme_keys
from tamani.core.lifecycle import Lifecycle

TOPIC = "^(" + "|".join(theme_keys()) + r")/[a-z0-9]+(-[a-z0-9]+){0,9}$"
AKN = r"^/akn/(bf|ml|ne|un|aa)(/[A-Za-z0-9@~_.:!-]{1,60}){1,12}$"
EID = r"^[a-z]{2,12}_[0-9a-z.-]{1,20}(__[a-z]{2,12}_[0-9a-z.-]{1,20}){0,6}$"


class Provision(Data):
    """A provision of one country. `topic` is `theme/point`; `eid` its place in the text (Akoma Ntoso)."""

    head: Head
    status: Literal["proposed", "verified", "outdated"] = Field(title="État", description="Status")
    item: NoticeRef | None = Field(None, title="Dossier", description="File")
    topic: Annotated[str, Field(pattern=TOPIC, max_length=100)] = Field(title="Point comparé", description="Point")
    country: CountryCode = Field(title="Pays", description="Country")
    conformity: Conformity = Field(title="Conformité", description="Conformity")
    instrument: Line | None = Field(None, title="Texte", description="Instrument")
    article: Line | None = Field(None, title="Article", description="Article")
    eid: Annotated[str, Field(pattern=EID, max_length=120)] | None = Field(
        None, title="Repère dans le texte", description="Place in the text"
    )
    verbatim: Paragraph | None = Field(None, title="Texte exact", description="Verbatim")
    gap: Paragraph | None = Field(None, title="Lacune", description="Gap")
    recommendation: Paragraph | None = Field(None, title="Recommandation", description="Recommendation")
    proposed_text: Paragraph | None = Field(None, title="Texte proposé", description="Proposed text")
    assessed_by_role: Line | None = Field(None, title="Évalué par (fonction)", description="Assessed by (function)")
    assessed_on: Day | None = Field(None, title="Évalué le", description="Assessed on")

    @model_validator(mode="after")
    def _says_one_thing(self) -> "Provision":
        if self.conformity == "absent" and self.verbatim:
            raise ValueError("absent : il n'y a pas de texte exact / absent: there is no verbatim")
        if self.conformity == "non-evalue" and (self.gap or self.assessed_on):
            raise ValueError("non évalué : ni lacune ni date / not assessed: neither gap nor date")
        return self


TYPE = MessageType(
    name="law.provision",
    model=Provision,
    label=Label("Disposition comparée", "Compared provision"),
    family="law",
    profiles={"disposition": Label("Disposition", "Provision")},
    status=("status",),
    lifecycle=Lifecycle(
        opens="proposed verified",
        versions={
            "proposed": "proposed verified outdated",
            "verified": "verified proposed outdated",
            "outdated": "proposed verified",
        },
        closed="outdated",
    ),
    words={
        "status:verified": Label("Vérifié", "Verified"),
        "status:outdated": Label("Dépassé", "Outdated"),
    },
)
