"""`endorsement`: a body lends its name to another's notice, fully or with reservations, or takes it back."""

from typing import Literal

from pydantic import Field

from tamani.core.catalogue.base import Data, Label, MessageType
from tamani.core.catalogue.head import Head, Line
from tamani.core.catalogue.system import Target
from tamani.core.lifecycle import Lifecycle


class Endorsement(Data):
    """An endorsement; the last one of each body counts."""

    head: Head
    target: Target = Field(title="Avis soutenu", description="Notice endorsed")
    support: Literal["full", "reserved", "ended"] = Field(title="Soutien", description="Support")
    note: Line | None = Field(None, title="Note", description="Note")


TYPE = MessageType(
    name="endorsement",
    model=Endorsement,
    label=Label("Soutien", "Endorsement"),
    profiles={"soutien": Label("Soutien", "Endorsement")},
    system=True,
    says="support",
    lifecycle=Lifecycle(free="an act on another notice's thread: each body's last one counts"),
    words={
        "support:full": Label("Soutien entier", "Full support"),
        "support:reserved": Label("Soutien avec réserves", "Support with reservations"),
        "support:ended": Label("Soutien retiré", "Support ended"),
    },
)
