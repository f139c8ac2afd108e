"""`public.notice`: plain words for everybody, or the public version of a record that is not public."""

from typing import Annotated, Literal

from pydantic import Field

from tamani.core.catalogue.base import Data, Label, Many, MessageType
from tamani.core.catalogue.head import Day, Head, Lang, Line, NoticeRef
from tamani.core.lifecycle import Lifecycle


class Public(Data):
    """A notice to the public. Its words are `text`, short and plain; it is TLP:CLEAR or nothing."""

    head: Head
    status: Literal["published", "expired"] = Field(title="État", description="Status")
    text: Annotated[str, Field(min_length=1, max_length=3000)] = Field(title="Texte", description="Text")
    what_changes: Many[Line] = Field(
        (), title="Ce qui change pour vous", description="What changes for you", max_length=10
    )
    contact: Line | None = Field(None, title="Où s'adresser", description="Where to turn")
    spoken: Many[Lang] = Field((), title="Diffusé à la radio en", description="On the radio in", max_length=12)
    until: Day | None = Field(None, title="Valable jusqu'au", description="Valid until")


class Version(Public):
    """Profile `version-publique`: names the record that it puts in plain words."""

    original: NoticeRef = Field(title="Avis d'origine", description="Original notice")


TYPE = MessageType(
    name="public.notice",
    model=Public,
    label=Label("Information du public", "Public information"),
    family="public",
    profiles={
        "information": Label("Information", "Information"),
        "version-publique": Label("Version publique", "Public version"),
    },
    variants={"version-publique": Version},
    tlps=frozenset({"CLEAR"}),
    status=("status",),
    lifecycle=Lifecycle(
        opens="published", versions={"published": "published expired", "expired": ""}, closed="expired"
    ),
    words={"status:expired": Label("Expiré", "Expired")},
)
