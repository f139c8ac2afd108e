"""`translation`: another body puts a notice into a language, and says how far the translation was read over."""

from typing import Literal

from pydantic import Field

from tamani.core.catalogue.base import Data, Label, MessageType
from tamani.core.catalogue.head import Head, Lang, Line, Summary, Text, Title
from tamani.core.catalogue.system import Target
from tamani.core.lifecycle import Lifecycle


class Translated(Data):
    """A translation. It changes nothing of the notice, which alone is authentic."""

    head: Head
    target: Target = Field(title="Avis traduit", description="Notice translated")
    into: Lang = Field(title="Langue", description="Language")
    review: Literal["machine", "draft", "reviewed"] = Field(title="Relecture", description="Review")
    title: Title = Field(title="Titre", description="Title")
    summary: Summary | None = Field(None, title="Résumé", description="Summary")
    body: Text | None = Field(None, title="Texte", description="Text")
    by_role: Line | None = Field(None, title="Traduit par (fonction)", description="Translated by (function)")


TYPE = MessageType(
    name="translation",
    model=Translated,
    label=Label("Traduction", "Translation"),
    profiles={"traduction": Label("Traduction", "Translation")},
    system=True,
    says="into",
    lifecycle=Lifecycle(free="an act on another notice's thread: each body's last one in a language counts"),
    words={
        "review:machine": Label("Traduction automatique", "Machine translation"),
        "review:draft": Label("Traduction à relire", "Draft translation"),
        "review:reviewed": Label("Traduction relue", "Reviewed translation"),
    },
)
