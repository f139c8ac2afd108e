"""`reference.sheet`: what one looks up: a body, a mandate, a programme, an agreement, a pool of trainers, an offer.

Functions and figures, never people, and no telephone: a list of those on duty along a border is a list of targets.
"""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from tamani.core.catalogue.base import Data, Label, Many, MessageType
from tamani.core.catalogue.head import Area, CountryCode, Day, Head, Lang, Line, Paragraph, Period, Slug, SourceRef
from tamani.core.catalogue.law_provision import TOPIC
from tamani.core.lifecycle import Lifecycle


class Sheet(Data):
    """What every sheet says: from when to when it holds, and when somebody must look at it again."""

    head: Head
    valid_from: Day | None = Field(None, title="Valable depuis", description="Valid from")
    valid_to: Day | None = Field(None, title="Valable jusqu'au", description="Valid until")
    verified_on: Day | None = Field(None, title="Vérifiée le", description="Verified on")
    verify_by: Day | None = Field(None, title="À revérifier avant le", description="To be verified again by")

    @model_validator(mode="after")
    def _in_order(self) -> "Sheet":
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError("la fin précède le début / the end is before the start")
        if self.verified_on and self.verify_by and self.verify_by < self.verified_on:
            raise ValueError("la prochaine vérification précède la dernière / the next check is before the last")
        return self


class Verified(Sheet):
    """A sheet that somebody verifies; a verified one says when, and until when that will do."""

    status: Literal["draft", "verified", "ended"] = Field(title="État", description="Status")

    @model_validator(mode="after")
    def _says_when(self) -> "Verified":
        if self.status == "verified" and not (self.verified_on and self.verify_by):
            raise ValueError("une fiche vérifiée porte ses deux dates / a verified sheet bears both dates")
        return self


class Function(Data):
    """A function of a body: what for, in which languages. How to reach it is asked by a request, not written here."""

    function: Line = Field(title="Fonction", description="Function")
    matter: Line | None = Field(None, title="Pour", description="For")
    languages: Many[Lang] = Field((), title="Langues", description="Languages", max_length=12)


class Body(Verified):
    """Profile `organisme`."""

    body: SourceRef = Field(title="Organisme", description="Body")
    institution: Slug | None = Field(None, title="Institution (liste)", description="Institution (list)")
    mandate: Paragraph = Field(title="Mandat", description="Mandate")
    functions: Many[Function] = Field((), title="Fonctions", description="Functions", max_length=30)
    members: int | None = Field(None, title="Membres", description="Members", ge=0, le=2000)


class Mandate(Verified):
    """Profile `mandat`: what a body or corps may do, where, and when to turn to it."""

    body: SourceRef | None = Field(None, title="Organisme", description="Body")
    corps: Line | None = Field(None, title="Corps", description="Corps")
    country: CountryCode = Field(title="Pays", description="Country")
    legal_basis: Line = Field(title="Base légale", description="Legal basis")
    remit: Paragraph = Field(title="Attributions", description="Remit")
    limits: Paragraph | None = Field(None, title="Limites", description="Limits")
    scope: Many[Area] = Field((), title="Ressort", description="Territory", max_length=45)
    when_to_call: Line | None = Field(None, title="Quand s'adresser", description="When to turn to it")
    functions: Many[Function] = Field((), title="Fonctions", description="Functions", max_length=30)

    @model_validator(mode="after")
    def _of_somebody(self) -> "Mandate":
        if self.body is None and self.corps is None:
            raise ValueError("dites de quel organisme ou corps / say of which body or corps")
        return self


class Programme(Verified):
    """Profile `programme`."""

    funders: Many[Line] = Field(title="Bailleurs", description="Funders", min_length=1, max_length=20)
    implementers: Many[Line] = Field((), title="Mise en œuvre", description="Implementers", max_length=20)
    objective: Paragraph = Field(title="Objectif", description="Objective")
    alignment: Many[Line] = Field((), title="Stratégies suivies", description="Strategies followed", max_length=20)


class Clause(Data):
    """One provision of an agreement and how far it is carried out."""

    no: Annotated[str, Field(pattern=r"^[0-9]{1,3}([.-][0-9]{1,3}){0,3}$")] = Field(title="N°", description="No.")
    text: Line = Field(title="Disposition", description="Provision")
    carried_out: Literal["oui", "en-partie", "non", "sans-objet"] = Field(
        title="Mise en œuvre", description="Carried out"
    )


class Agreement(Sheet):
    """Profile `accord`."""

    status: Literal["signed", "in-force", "ended"] = Field(title="État", description="Status")
    parties: Many[Line] = Field(title="Parties", description="Parties", min_length=2, max_length=20)
    signed_on: Day = Field(title="Signé le", description="Signed on")
    purpose: Paragraph = Field(title="Objet", description="Purpose")
    clauses: Many[Clause] = Field((), title="Dispositions", description="Provisions", max_length=60)


class Pool(Sheet):
    """Profile `vivier`: how many trainers, of which corps and speciality. Who they are stays with the school."""

    status: Literal["active", "dormant", "retired"] = Field(title="État", description="Status")
    pool: Slug = Field(title="Vivier", description="Pool")
    country: CountryCode = Field(title="Pays", description="Country")
    corps: Line = Field(title="Corps", description="Corps")
    specialty: Line = Field(title="Spécialité", description="Specialty")
    topic: Annotated[str, Field(pattern=TOPIC, max_length=100)] | None = Field(None, title="Point", description="Point")
    count: int = Field(title="Effectif", description="Number", ge=0, le=10_000)
    languages: Many[Lang] = Field((), title="Langues", description="Languages", max_length=12)
    availability: Line | None = Field(None, title="Disponibilité", description="Availability")
    certification: Literal["aucune", "ecole", "nationale", "regionale"] = Field(
        "aucune", title="Certification", description="Certification"
    )
    last_active: Period | None = Field(None, title="Dernière activité", description="Last active")


class Offer(Sheet):
    """Profile `offre`: expertise or means that one can share."""

    status: Literal["open", "matched", "closed"] = Field(title="État", description="Status")
    resource: Literal["expertise", "materiel", "formation", "financement", "logistique"] = Field(
        title="Ressource", description="Resource"
    )
    quantity: Line | None = Field(None, title="Quantité", description="Quantity")
    when: Line | None = Field(None, title="Période", description="Period")
    where: Many[Area] = Field((), title="Où", description="Where", max_length=45)
    conditions: Line | None = Field(None, title="Conditions", description="Conditions")


TYPE = MessageType(
    name="reference.sheet",
    model=Sheet,
    label=Label("Fiche de référence", "Reference sheet"),
    family="reference",
    profiles={
        "organisme": Label("Organisme", "Body"),
        "mandat": Label("Mandat et rôle", "Mandate and role"),
        "programme": Label("Programme", "Programme"),
        "accord": Label("Accord", "Agreement"),
        "vivier": Label("Vivier de formateurs", "Pool of trainers"),
        "offre": Label("Offre de ressources", "Offer of resources"),
    },
    variants={
        "organisme": Body,
        "mandat": Mandate,
        "programme": Programme,
        "accord": Agreement,
        "vivier": Pool,
        "offre": Offer,
    },
    status=("status",),
    lifecycle=Lifecycle(
        opens="draft verified",
        versions={"draft": "draft verified", "verified": "verified draft ended", "ended": ""},
        closed="ended",
    ),
    lifecycles={
        "accord": Lifecycle(
            opens="signed in-force",
            versions={"signed": "signed in-force ended", "in-force": "in-force ended", "ended": ""},
            closed="ended",
        ),
        "vivier": Lifecycle(
            opens="active",
            versions={
                "active": "active dormant retired",
                "dormant": "dormant active retired",
                "retired": "",
            },
            closed="retired",
        ),
        "offre": Lifecycle(
            opens="open",
            versions={"open": "open matched closed", "matched": "matched open closed", "closed": ""},
            closed="closed",
        ),
    },
    words={
        "status:ended": Label("Terminé", "Ended"),
        "status:signed": Label("Signé", "Signed"),
        "status:in-force": Label("En vigueur", "In force"),
        "status:active": Label("Actif", "Active"),
        "status:dormant": Label("En sommeil", "Dormant"),
        "status:retired": Label("Retiré du vivier", "Retired"),
        "status:matched": Label("Preneur trouvé", "Matched"),
        "carried_out:oui": Label("Oui", "Yes"),
        "carried_out:en-partie": Label("En partie", "In part"),
        "carried_out:non": Label("Non", "No"),
        "carried_out:sans-objet": Label("Sans objet", "Not applicable"),
        "certification:aucune": Label("Aucune", "None"),
        "certification:ecole": Label("École", "School"),
        "certification:nationale": Label("Nationale", "National"),
        "certification:regionale": Label("Régionale", "Regional"),
    },
)
