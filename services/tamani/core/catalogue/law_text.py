"""`law.text`: a text by articles: in force, a bill in one of its versions, or an amendment to a bill."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from tamani.core.catalogue.base import Data, Label, Many, MessageType
from tamani.core.catalogue.head import CountryCode, Day, Head, Line, NoticeRef, SourceRef, Stage
from tamani.core.catalogue.law_provision import AKN, EID
from tamani.core.lifecycle import Lifecycle

Iri = Annotated[str, Field(pattern=AKN, max_length=300)]


class Article(Data):
    """One article: its place in the text (Akoma Ntoso `eId`), its number and its words."""

    eid: Annotated[str, Field(pattern=EID, max_length=120)] = Field(title="Repère", description="Place")
    number: Line = Field(title="Article", description="Article")
    heading: Line | None = Field(None, title="Intitulé", description="Heading")
    text: Annotated[str, Field(min_length=1, max_length=12_000)] = Field(title="Texte", description="Text")


class Text(Data):
    """What every text says."""

    head: Head
    item: NoticeRef | None = Field(None, title="Dossier", description="File")
    akn: Iri | None = Field(None, title="Référence Akoma Ntoso", description="Akoma Ntoso reference")
    articles: Many[Article] = Field((), title="Articles", description="Articles", max_length=300)

    @model_validator(mode="after")
    def _each_article_once(self) -> "Text":
        if len({one.eid for one in self.articles}) != len(self.articles):
            raise ValueError("deux articles ont le même repère / two articles have the same place")
        return self


class Ratification(Data):
    """A country bound by a treaty, since when."""

    country: CountryCode = Field(title="Pays", description="Country")
    on: Day | None = Field(None, title="Ratifié le", description="Ratified on")


class InForce(Text):
    """Profile `en-vigueur`: the record of an instrument, of a country or of an organisation."""

    status: Literal["draft", "verified", "amended", "repealed"] = Field(title="État", description="Status")
    instrument_kind: Literal["traite", "resolution", "loi-type", "loi", "ordonnance", "decret"] = Field(
        title="Nature", description="Kind"
    )
    country: CountryCode | None = Field(None, title="Pays", description="Country")
    organisation: Line | None = Field(None, title="Organisation", description="Organisation")
    number: Line | None = Field(None, title="Numéro", description="Number")
    date: Day | None = Field(None, title="Date", description="Date")
    in_force: Literal["oui", "partiel", "non", "abroge"] = Field(title="En vigueur", description="In force")
    ratifications: Many[Ratification] = Field((), title="Ratifications", description="Ratifications", max_length=3)
    repeals: Many[Line] = Field((), title="Abroge", description="Repeals", max_length=20)
    amends: Many[Line] = Field((), title="Modifie", description="Amends", max_length=20)
    gazette: Line | None = Field(None, title="Journal officiel", description="Gazette")

    @model_validator(mode="after")
    def _of_somebody(self) -> "InForce":
        if (self.country is None) == (self.organisation is None):
            raise ValueError("un pays ou bien une organisation / either a country or an organisation")
        return self


class Bill(Text):
    """Profile `projet`: one version of a text that is being written."""

    status: Literal["draft", "submitted", "adopted", "rejected", "withdrawn"] = Field(
        title="État", description="Status"
    )
    draft_kind: Literal["avant-projet", "projet", "proposition"] = Field(title="Nature", description="Kind")
    country: CountryCode = Field(title="Pays", description="Country")
    version: Annotated[str, Field(pattern=r"^[0-9]{1,3}(\.[0-9]{1,3}){0,2}$")] = Field(
        title="Version", description="Version"
    )
    stage: Stage | None = Field(None, title="Étape", description="Stage")
    author: SourceRef | None = Field(None, title="Organisme auteur", description="Author body")
    diff_base: NoticeRef | None = Field(None, title="Comparer avec", description="Compare with")


class Amendment(Text):
    """Profile `amendement`: what one would change in a bill, article by article."""

    status: Literal["draft", "submitted", "adopted", "rejected", "withdrawn"] = Field(
        title="État", description="Status"
    )
    bill: NoticeRef = Field(title="Texte modifié", description="Text amended")
    country: CountryCode = Field(title="Pays", description="Country")
    author: SourceRef | None = Field(None, title="Organisme auteur", description="Author body")
    reason: Line | None = Field(None, title="Motif", description="Reason")

    @model_validator(mode="after")
    def _changes_something(self) -> "Amendment":
        if not self.articles:
            raise ValueError("un amendement vise au moins un article / an amendment is about an article at least")
        return self


_DRAFT = Lifecycle(
    opens="draft submitted",
    versions={
        "draft": "draft submitted withdrawn",
        "submitted": "submitted adopted rejected withdrawn",
        "adopted": "",
        "rejected": "",
        "withdrawn": "",
    },
    closed="adopted rejected",
    cancelled="withdrawn",
)
TYPE = MessageType(
    name="law.text",
    model=Text,
    label=Label("Texte de loi", "Text of law"),
    family="law",
    profiles={
        "en-vigueur": Label("Texte en vigueur", "Text in force"),
        "projet": Label("Texte en projet", "Bill"),
        "amendement": Label("Amendement", "Amendment"),
    },
    variants={"en-vigueur": InForce, "projet": Bill, "amendement": Amendment},
    status=("status",),
    lifecycle=_DRAFT,
    lifecycles={
        "en-vigueur": Lifecycle(
            opens="draft verified",
            versions={
                "draft": "draft verified",
                "verified": "verified amended repealed",
                "amended": "verified amended repealed",
                "repealed": "",
            },
            closed="repealed",
        )
    },
    words={
        "status:amended": Label("Modifié", "Amended"),
        "status:repealed": Label("Abrogé", "Repealed"),
        "status:adopted": Label("Adopté", "Adopted"),
        "status:rejected": Label("Rejeté", "Rejected"),
        "instrument_kind:traite": Label("Traité", "Treaty"),
        "instrument_kind:resolution": Label("Résolution", "Resolution"),
        "instrument_kind:loi-type": Label("Loi type", "Model law"),
        "instrument_kind:loi": Label("Loi", "Act"),
        "instrument_kind:ordonnance": Label("Ordonnance", "Ordinance"),
        "instrument_kind:decret": Label("Décret", "Decree"),
        "in_force:oui": Label("Oui", "Yes"),
        "in_force:partiel": Label("En partie", "In part"),
        "in_force:non": Label("Non", "No"),
        "in_force:abroge": Label("Abrogé", "Repealed"),
        "draft_kind:avant-projet": Label("Avant-projet", "Preliminary draft"),
        "draft_kind:projet": Label("Projet de loi", "Government bill"),
        "draft_kind:proposition": Label("Proposition de loi", "Private member's bill"),
    },
)
