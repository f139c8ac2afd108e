"""`system.contest`: the archive says that a body signed two contents under one id. It joins the thread of the first.

Neither content is in it: two events of 64 KiB do not fit into one, the second may be meant for other eyes than the
first, and what is to be erased must not live on in a copy. Both are named as the log's entries name them.
"""

from typing import Annotated

from pydantic import Field

from tamani.core.catalogue.base import Data, Label, MessageType
from tamani.core.catalogue.head import Head
from tamani.core.catalogue.system import Target
from tamani.core.lifecycle import Lifecycle

Env = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Contest(Data):
    """Two contents under one id. `first_entry` stands; `second_entry` is kept as evidence, and nowhere shown."""

    head: Head
    target: Target = Field(title="Avis contesté", description="Notice contested")
    first_entry: Env = Field(title="Entrée du premier contenu", description="Entry of the first content")
    second_entry: Env = Field(title="Entrée du second contenu", description="Entry of the second content")


TYPE = MessageType(
    name="system.contest",
    model=Contest,
    label=Label("Double contenu constaté", "Two contents found"),
    profiles={"double-contenu": Label("Double contenu", "Two contents")},
    system=True,
    reserved=True,
    lifecycle=Lifecycle(free="what the archive found on another body's thread: only that body's correction settles it"),
)
