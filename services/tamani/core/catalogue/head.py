"""`head`: what every notice says first, whatever its type: title, summary, places, themes, references, translations."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from tamani.core.catalogue.base import Data, Many
from tamani.core.codelists import terms
from tamani.core.event import parse_time

# One line with something to read on it: no control characters or line separators, not blanks alone.
_CONTROL = r"\x00-\x1f\x7f-\x9f\u2028\u2029"
_ONE_LINE = rf"^[^{_CONTROL}]*[^\x20{_CONTROL}][^{_CONTROL}]*$"


def _real_instant(text: str) -> str:
    parse_time(text)
    return text


def _real_day(text: str) -> str:
    date.fromisoformat(text)
    return text


Title = Annotated[str, Field(min_length=3, max_length=120, pattern=_ONE_LINE)]
Summary = Annotated[str, Field(min_length=1, max_length=300)]
Text = Annotated[str, Field(max_length=20_000)]
Line = Annotated[str, Field(min_length=1, max_length=240, pattern=_ONE_LINE)]
# A municipality or district by its name: no figures (of any script) and no signs, so neither position nor telephone.
_NO_FIGURES = rf"{_CONTROL}0-9\u0660-\u0669\u06f0-\u06f9@°+/#"
PlaceName = Annotated[
    str, Field(min_length=2, max_length=80, pattern=rf"^[^{_NO_FIGURES}]*[^\x20{_NO_FIGURES}][^{_NO_FIGURES}]*$")
]
# `[0-9]`, for `\d` takes the digits of every script; 30 February is seen only by the calendar.
Instant = Annotated[
    str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"), AfterValidator(_real_instant)
]
Day = Annotated[str, Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"), AfterValidator(_real_day)]
Period = Annotated[str, Field(pattern=r"^[0-9]{4}(-(0[1-9]|1[0-2])|-T[1-4]|-S[12])?$")]
SourceRef = Annotated[str, Field(pattern=r"^/(bf|ml|ne|rg)/[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$")]
IdRef = Annotated[str, Field(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")]
CountryCode = Literal["bf", "ml", "ne"]


def one_of(name: str) -> Any:
    """The constraint of a field that holds a code of this list."""
    codes = list(terms(name))
    return Field(json_schema_extra={"enum": [*codes]}, pattern="^(" + "|".join(codes) + ")$")


Area = Annotated[str, one_of("areas")]
Theme = Annotated[str, one_of("themes")]
Stage = Annotated[str, one_of("stages")]
Conformity = Annotated[str, one_of("conformity")]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+){0,12}$", max_length=80)]
Paragraph = Annotated[str, Field(min_length=1, max_length=4000)]
Lang = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$")]


class NoticeRef(Data):
    """Another notice, by source and id."""

    source: SourceRef = Field(title="Organisme", description="Body")
    id: IdRef = Field(title="Avis", description="Notice")


class Reference(Data):
    """A link to another notice, by its source and id."""

    rel: Literal["replies", "amends", "implements", "evidences", "translates", "endorses", "corrects"] = Field(
        title="Relation", description="Relation"
    )
    source: SourceRef = Field(title="Organisme", description="Body")
    id: IdRef = Field(title="Avis", description="Notice")


class Attachment(Data):
    """A document: its digest, media type, size in bytes and language. The bytes travel apart."""

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] = Field(title="Empreinte", description="Digest")
    mime: Annotated[str, Field(pattern=r"^[a-z]+/[a-z0-9.+-]+$")] = Field(title="Format", description="Format")
    size: int = Field(title="Taille (octets)", description="Size (bytes)", ge=1, le=2**31)
    title: Line = Field(title="Intitulé", description="Title")
    lang: Lang | None = Field(None, title="Langue", description="Language")


class Translation(Data):
    """The same words in another language, and how far the translation was read over."""

    lang: Lang = Field(title="Langue", description="Language")
    status: Literal["machine", "draft", "reviewed"] = Field(title="Relecture", description="Review")
    title: Title = Field(title="Titre", description="Title")
    summary: Summary | None = Field(None, title="Résumé", description="Summary")
    body: Text | None = Field(None, title="Texte", description="Text")


class Head(Data):
    """Common fields (domain §1)."""

    title: Title = Field(title="Titre", description="Title")
    summary: Summary | None = Field(None, title="Résumé", description="Summary")
    body: Text | None = Field(None, title="Texte", description="Text")
    reason: Line | None = Field(None, title="Raison du changement", description="Reason for the change")
    issuer_role: Line | None = Field(None, title="Fonction de l'émetteur", description="Issuer's function")
    countries: Many[CountryCode] = Field((), title="Pays concernés", description="Countries", max_length=3)
    areas: Many[Area] = Field((), title="Régions", description="Regions", max_length=45)
    themes: Many[Theme] = Field((), title="Thèmes", description="Themes", max_length=13)
    sdg: Many[Annotated[str, Field(pattern=r"^(1[0-7]|[1-9])(\.([1-9][0-9]?|[a-d]))?$")]] = Field(
        (), title="ODD", description="SDG", max_length=17
    )
    gender_marker: int | None = Field(None, title="Marqueur genre", description="Gender marker", ge=0, le=3)
    consent_basis: Literal["informed", "collective", "public source"] | None = Field(
        None, title="Base du consentement", description="Basis of consent"
    )
    caveats: Many[Literal["protected-person", "gbv", "witness", "minor", "source"]] = Field(
        (), title="Personnes à protéger", description="People to protect", max_length=5
    )
    translations: Many[Translation] = Field((), title="Traductions", description="Translations", max_length=12)
    refs: Many[Reference] = Field((), title="Références", description="References", max_length=40)
    attachments: Many[Attachment] = Field((), title="Pièces", description="Documents", max_length=40)


class BareHead(Data):
    """The head of what may say nothing of a case: a title and where, no text and no documents."""

    title: Title = Field(title="Titre", description="Title")
    issuer_role: Line | None = Field(None, title="Fonction de l'émetteur", description="Issuer's function")
    countries: Many[CountryCode] = Field((), title="Pays concernés", description="Countries", max_length=3)
    areas: Many[Area] = Field((), title="Régions", description="Regions", max_length=45)
    themes: Many[Theme] = Field((), title="Thèmes", description="Themes", max_length=13)
    refs: Many[Reference] = Field((), title="Références", description="References", max_length=40)
