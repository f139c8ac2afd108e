"""What a type of notice is, and how its data is checked.

Fields carry their label as pydantic `title` (French) and `description` (English): forms, pages and schemas read them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Strict, ValidationError, model_validator

from tamani.core.event import TLP, Event
from tamani.core.lifecycle import Lifecycle
from tamani.core.strict_json import shown

T = TypeVar("T")
# A JSON array. Nothing is coerced but this: a list, which is how Python reads an array, becomes an immutable tuple.
Many = Annotated[tuple[T, ...], Strict(False)]


class Data(BaseModel):
    """Base of every model in the catalogue: immutable, nothing unknown, nothing coerced from another JSON type."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, str_strip_whitespace=False)

    @model_validator(mode="after")
    def _without_null(self) -> Self:
        """The schemas know no `null`: what we took with one, another implementation would refuse."""
        for name in self.model_fields_set:
            if getattr(self, name) is None:
                raise ValueError(f"{name} : absent plutôt que null / {name}: left out rather than null")
        return self


Model = type[Data]


@dataclass(frozen=True, slots=True)
class Label:
    """A word in French and in English."""

    fr: str
    en: str

    def said(self, lang: str) -> str:
        """The word in the language asked for."""
        return self.en if lang.startswith("en") else self.fr


STATELESS = Lifecycle(free="each version replaces the one before it; there is nothing to forbid")


@dataclass(frozen=True, slots=True)
class MessageType:
    """One type: its model, its profiles (name to label), the family that its subject must have ("" for any).

    A profile whose data differ has a model of its own in `variants`; one whose states differ, a lifecycle of its own in
    `lifecycles`. A model with a member `target` speaks of another body's notice and joins its thread.
    """

    name: str
    model: Model
    label: Label
    profiles: dict[str, Label]
    family: str = ""
    major: int = 1
    # 1: `head.reason`, why a version differs from the one before it.
    minor: int = 1
    system: bool = False
    # A system type that needs a right all the same: only who the registry lets speak for the archive may sign it.
    reserved: bool = False
    archived: bool = True
    # The type that hides another within: rights, profile and data of that one are judged where it is opened.
    opaque: bool = False
    # A rule on the attributes of its events, beyond their grammar: nothing, or the code and detail of the refusal.
    outside: Callable[[Event], tuple[str, str] | None] | None = None
    variants: dict[str, Model] = field(default_factory=dict)
    # The path in `data` that says in which state this version leaves the thread.
    status: tuple[str, ...] = ()
    # The member whose rows, one a country, go along the stages of `lists/stages.csv` (`core.stages`).
    steps: str = ""
    lifecycle: Lifecycle = STATELESS
    lifecycles: dict[str, Lifecycle] = field(default_factory=dict)
    # Of a type that joins threads: the member of `data` whose value is the act (`ack:accepted`).
    says: str = ""
    # Profiles that travel sealed only, and the TLP labels that the type may bear.
    sealed_profiles: frozenset[str] = frozenset()
    tlps: frozenset[str] = frozenset(TLP)
    # Profiles that a second person of the body must release; and the notices among them that may not wait for one.
    second: frozenset[str] = frozenset()
    alone: Callable[[str, Mapping[str, Any]], bool] | None = None
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

    @property
    def joins(self) -> bool:
        """Whether a notice of this type joins the thread of the notice that it speaks of."""
        return "target" in self.model.model_fields

    def model_of(self, profile: str) -> Model:
        """The model of the data under this profile."""
        return self.variants.get(profile, self.model)

    def lifecycle_of(self, profile: str) -> Lifecycle:
        """The states under this profile."""
        return self.lifecycles.get(profile, self.lifecycle)

    def refusal(self, event: Event) -> tuple[str, str] | None:
        """Nothing if profile, label, subject and data fit this type; else the code and detail."""
        refusal = self._check_profile(event) or self._check_family(event) or self._check_data(event)
        return refusal or (self.outside(event) if self.outside else None)

    def refusal_within(self, event: Event) -> tuple[str, str] | None:
        """The same for a notice that travels inside another, whose thread is that of the one outside."""
        return self._check_profile(event) or self._check_data(event)

    def _check_profile(self, event: Event) -> tuple[str, str] | None:
        if event.profile not in self.profiles:
            return "refused.profile", f"{self.name}:{event.profile}"
        return None if event.tlp in self.tlps else ("refused.tlp.type", f"{self.name}: {event.tlp}")

    def _check_family(self, event: Event) -> tuple[str, str] | None:
        fits = not self.family or event.subject.startswith(self.family + "/")
        return None if fits else ("refused.event.subject", f"{self.family}/…")

    def _check_data(self, event: Event) -> tuple[str, str] | None:
        # A later minor version may have fields that we do not know yet: they are carried, not refused.
        extra: Literal["ignore", "forbid"] = "ignore" if event.minor > self.minor else "forbid"
        try:
            self.model_of(event.profile).model_validate(event.data, extra=extra)
        except ValidationError as error:
            return "refused.data", _first(error)
        return None

    def status_of(self, event: Event) -> str | None:
        """The state that this version claims for its thread; if it names none, the one that its model means."""
        found: Any = event.data
        for name in self.status:
            found = found.get(name) if isinstance(found, dict) else None
        return found if isinstance(found, str) else self.lifecycle_of(event.profile).unsaid or None


def _first(error: ValidationError) -> str:
    """The first fault in words: where, and what."""
    fault = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = ".".join(str(part) for part in fault["loc"])
    return shown(f"{where}: {fault['msg']}"[:240])
