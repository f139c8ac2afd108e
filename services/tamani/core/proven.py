"""What a verifier brings, and what it is told: a verdict for each step of the recipe, in French and in English."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum

from tamani.core.codes import Code, code
from tamani.core.envelope import Envelope
from tamani.core.event import Event
from tamani.core.log.leaf import EQUIVOCATION, Leaf
from tamani.core.log.policy import Seen
from tamani.core.registry import Registry


class Step(IntEnum):
    """The recipe."""

    SHAPE = 0
    ENVELOPE = 1
    ENTRY = 2
    POLICY = 3
    INCLUSION = 4
    LOG = 5
    WITNESSES = 6
    REGISTRY = 7
    KEY = 8


# What each step says when it holds.
WORDS: Mapping[Step, tuple[str, str]] = {
    Step.SHAPE: ("Le fichier est une preuve, entière.", "The file is a proof, and whole."),
    Step.ENVELOPE: ("Il contient un avis signé.", "It holds a signed notice."),
    Step.ENTRY: (
        "L'entrée du journal désigne cet avis et sa signature.",
        "The entry names this notice and its signature.",
    ),
    Step.POLICY: ("On sait quel journal et quels témoins croire.", "It is known which log and witnesses to believe."),
    Step.INCLUSION: ("L'entrée est dans le journal, à cette place.", "The entry is in the log, at this place."),
    Step.LOG: ("Le journal l'a signé.", "The log has signed it."),
    Step.WITNESSES: ("Assez de pays témoins l'ont vu.", "Enough witness countries have seen it."),
    Step.REGISTRY: ("Le registre joint est celui qui faisait foi.", "The registry enclosed is the one that held."),
    Step.KEY: (
        "L'organisme l'a signé, avec une clé valable et le droit de le dire.",
        "The body signed it, with a valid key and the right to say it.",
    ),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one step: it held, it failed with a code, or it was not reached (`holds` is None)."""

    step: Step
    holds: bool | None
    name: str = ""
    detail: str = ""

    @property
    def code(self) -> Code | None:
        """Why it failed."""
        return code(self.name) if self.name else None

    def sentence(self, lang: str) -> str:
        """What it says, in French unless English is asked for."""
        if self.code is not None:
            return self.code.sentence(lang)
        words = WORDS[self.step] if self.holds else ("Non examiné.", "Not examined.")
        return words[lang.startswith("en")]


@dataclass(frozen=True, slots=True)
class Trust:
    """What the verifier brings: a policy file, fingerprints of the registry's root, or both.

    `registry`: the registry as it is today (any site serves it). Under the roots given it says which policy held when,
    and which roots came before.
    """

    policy: bytes | None = None
    roots: tuple[str, ...] = ()
    registry: bytes | None = None


@dataclass(slots=True)
class Proven:
    """The verdict: every step's outcome, and what was learnt on the way (believed only if all steps hold)."""

    outcomes: list[Outcome] = field(default_factory=list)
    envelope: Envelope | None = None
    event: Event | None = None
    leaf: Leaf | None = None
    index: int | None = None
    seen: Seen | None = None
    witnessed: datetime | None = None
    registry: Registry | None = None
    # When the archive promised the entry in a receipt, if the file holds one.
    promised: str | None = None

    @property
    def holds(self) -> bool:
        """Whether the notice is proven."""
        return all(outcome.holds for outcome in self.outcomes)

    @property
    def second(self) -> bool:
        """Whether it is a second content, which stands beside the notice of its id and is no notice itself."""
        return self.leaf is not None and self.leaf.kind == EQUIVOCATION

    def contradicts(self, other: "Proven") -> bool:
        """Whether the two prove that a body signed two contents under one id."""
        if not (self.holds and other.holds and self.event and other.event and self.envelope and other.envelope):
            return False
        named = (self.event.source, self.event.id) == (other.event.source, other.event.id)
        return named and self.envelope.payload != other.envelope.payload

    @property
    def failed(self) -> Outcome | None:
        """The step that failed."""
        return next((outcome for outcome in self.outcomes if outcome.holds is False), None)
