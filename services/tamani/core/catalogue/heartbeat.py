"""`heartbeat`: a node says that it is there with nothing to report, so that silence is not taken for calm."""

from pydantic import Field

from tamani.core.catalogue.base import Data, Label, MessageType
from tamani.core.lifecycle import Lifecycle


class Heartbeat(Data):
    """What waits at the node, per lane (notices), and the version of its software."""

    waiting: int = Field(title="En attente", description="Waiting", ge=0)
    waiting_urgent: int = Field(title="En attente (urgent)", description="Waiting (urgent)", ge=0)
    software: str = Field(title="Version", description="Version", max_length=40)


TYPE = MessageType(
    name="heartbeat",
    model=Heartbeat,
    label=Label("Signe de vie", "Heartbeat"),
    profiles={"battement": Label("Signe de vie", "Heartbeat")},
    family="heartbeat",
    system=True,
    lifecycle=Lifecycle(free="the last one counts; it is not archived"),
    archived=False,
)
