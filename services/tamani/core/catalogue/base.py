"""What a type of notice is, and how its data is checked.

Fields carry their label as pydantic `title` (French) and `description` (English): forms, pages and schemas read them.
"""

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Strict, ValidationError

from tamani.core.event import Event
from tamani.core.strict_json import shown

T = TypeVar("T")
# A JSON array. Nothing is coerced but this: a list, which is how Python reads an array, becomes an immutable tuple.
Many = Annotated[tuple[T, ...], Strict(False)]


class Data(BaseModel):
    """Base of every model in the catalogue: immutable, nothing unknown, nothing coerced from another JSON type."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, str_strip_whitespace=False)


@dataclass(frozen=True, slots=True)
class Label:
    """A word in French and in English."""

    fr: str
    en: str

    def said(self, lang: str) -> str:
        """The word in the language asked for."""
        return self.en if lang.startswith("en") else self.fr


@dataclass(frozen=True, slots=True)
class MessageType:
    """One type: its model, its profiles (name to label), the family that its subject must have ("" for any)."""

    name: str
    model: type[Data]
    label: Label
    profiles: dict[str, Label]
    family: str = ""
    major: int = 1
    minor: int = 0
    system: bool = False
    archived: bool = True
    # The path in `data` that says in which state this version leaves the thread, and the values that close it.
    status: tuple[str, ...] = ()
    closing: frozenset[str] = field(default_factory=frozenset)
    # Words for values of its own, as `field:value`; what several types share is in `lists/values.csv`.
    words: dict[str, Label] = field(default_factory=dict)

    @property
    def type(self) -> str:
        """The CloudEvents type, with the major version."""
        return f"tamani.{self.name}.v{self.major}"

    @property
    def dataschema(self) -> str:
        """The URN of the model's minor version."""
        return f"urn:tamani:{self.name}:{self.minor}"

    def refusal(self, event: Event) -> tuple[str, str] | None:
        """Nothing if profile, subject and data fit this type; else the code and detail."""
        if event.profile not in self.profiles:
            return "refused.profile", f"{self.name}:{event.profile}"
        if self.family and not event.subject.startswith(self.family + "/"):
            return "refused.event.subject", f"{self.family}/…"
        return self._check_data(event)

    def _check_data(self, event: Event) -> tuple[str, str] | None:
        # A later minor version may have fields that we do not know yet: they are carried, not refused.
        extra: Literal["ignore", "forbid"] = "ignore" if event.minor > self.minor else "forbid"
        try:
            self.model.model_validate(event.data, extra=extra)
        except ValidationError as error:
            return "refused.data", _first(error)
        return None

    def status_of(self, event: Event) -> str | None:
        """The state that this version claims for its thread."""
        found: Any = event.data
        for name in self.status:
            found = found.get(name) if isinstance(found, dict) else None
        return found if isinstance(found, str) else None


def _first(error: ValidationError) -> str:
    """The first fault in words: where, and what."""
    fault = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = ".".join(str(part) for part in fault["loc"])
    return shown(f"{where}: {fault['msg']}"[:240])
