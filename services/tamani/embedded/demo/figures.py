"""What became of every value that was produced, read from the receipts and the ledger and from nothing else.

One answer counts for each place in the inbound topics: the first, in the order of the receipts. A value that was read
again after a crash is answered again, but it is not counted again.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tamani.core.codes import code
from tamani.core.receipt import Receipt

Place = tuple[str, int, int]
HEARTBEAT = "archived without a place in the ledger"


@dataclass(frozen=True, slots=True)
class Figures:
    """The four figures, what was held, the signs of life, and how often each code was given."""

    archived: int
    duplicates: int
    refused: int
    equivocations: int
    held: int
    heartbeats: int
    codes: Mapping[str, int] = field(default_factory=dict)

    @property
    def answered(self) -> int:
        """How many values have their answer."""
        return self.archived + self.duplicates + self.refused + self.equivocations + self.held + self.heartbeats

    def lines(self) -> list[str]:
        """The line that is promised, and the reasons under it."""
        line = (
            f"archived={self.archived} duplicates={self.duplicates}"
            f" refused={self.refused} equivocations={self.equivocations}"
        )
        reasons = [f"  {name}: {count} · {code(name).fr}" for name, count in sorted(self.codes.items())]
        return [line, *reasons]


def first_answers(receipts: Iterable[Receipt]) -> dict[Place, Receipt]:
    """The first answer to each place, from receipts in the order of their topics."""
    found: dict[Place, Receipt] = {}
    for receipt in receipts:
        if receipt.inbound is not None:
            place = (receipt.inbound.topic, receipt.inbound.partition, receipt.inbound.offset)
            found.setdefault(place, receipt)
    return found


def count_answers(answers: Iterable[Receipt]) -> Figures:
    """The figures of these answers."""
    all_ = list(answers)
    verdicts = Counter(_verdict(answer) for answer in all_)
    codes = Counter(answer.code for answer in all_ if answer.verdict != "archived")
    return Figures(
        archived=verdicts["archived"],
        duplicates=verdicts["duplicate"],
        refused=verdicts["refused"],
        equivocations=verdicts["equivocation"],
        held=verdicts["held"],
        heartbeats=verdicts[HEARTBEAT],
        codes=dict(codes),
    )


def _verdict(answer: Receipt) -> str:
    """A sign of life is taken, but it has no place in the ledger."""
    return HEARTBEAT if answer.verdict == "archived" and answer.log_index is None else answer.verdict
