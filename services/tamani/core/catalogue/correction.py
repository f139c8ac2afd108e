"""`correction`: the originator's own word on what a notice should have said, or on which of two contents stands."""

from typing import Annotated

from pydantic import Field

from tamani.core.catalogue.base import Data, Label, MessageType
from tamani.core.catalogue.head import Head, Line
from tamani.core.catalogue.system import Target
from tamani.core.lifecycle import Lifecycle


class Correction(Data):
    """A correction. `settles` names, by its digest, which of two contents under one id was meant."""

    head: Head
    target: Target = Field(title="Avis corrigé", description="Notice corrected")
    reason: Line = Field(title="Raison", description="Reason")
    text: Annotated[str, Field(max_length=4000)] | None = Field(
        None, title="Texte corrigé", description="Corrected text"
    )
    settles: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = Field(
        None, title="Contenu qui fait foi", description="Content that stands"
    )


TYPE = MessageType(
    name="correction",
    model=Correction,
    label=Label("Correction", "Correction"),
    profiles={"correction": Label("Correction", "Correction")},
    system=True,
    lifecycle=Lifecycle(free="an act on another notice's thread: the originator may always mend its words"),
)
