"""`heartbeat`: a node says that it is there with nothing to report, so that silence is not taken for calm."""

from typing import Literal

from pydantic import Field

from tamani.core.catalogue.base import Data, Label, Many, MessageType
from tamani.core.lifecycle import Lifecycle


class Erased(Data):
    """An order of erasure that was carried out here."""

    order: str = Field(title="Ordre", description="Order", pattern=r"^[0-9a-f]{64}$")
    part: Literal["node", "desk"] = Field(title="Où", description="Where")


class Heartbeat(Data):
    """What waits at the node, per lane (notices), and the version of its software; since minor 1, what it erased."""

    waiting: int = Field(title="En attente", description="Waiting", ge=0)
    waiting_urgent: int = Field(title="En attente (urgent)", description="Waiting (urgent)", ge=0)
    software: str = Field(title="Version", description="Version", max_length=40)
    erased: Many[Erased] = Field((), title="Effacements faits", description="Erasures done", max_length=50)


TYPE = MessageType(
    name="heartbeat",
    model=Heartbeat,
    label=Label("Signe de vie", "Heartbeat"),
    profiles={"battement": Label("Signe de vie", "Heartbeat")},
    family="heartbeat",
    minor=1,
    system=True,
    lifecycle=Lifecycle(free="the last one counts; it is not archived"),
    archived=False,
    words={"part:node": Label("Nœud", "Node"), "part:desk": Label("Bureau", "Desk")},
)
