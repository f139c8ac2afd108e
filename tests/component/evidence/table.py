"""The table of attacks: what is tried, who lies, who is down; and, as a run has measured it, who caught it and when."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

Where = TypeVar("Where")


@dataclass(frozen=True, slots=True)
class Caught:
    """Who caught an attack, what they said of it (a code, or a mark), and how many checkpoints they saw first."""

    by: str
    told: str
    after: int = 0


@dataclass(frozen=True, slots=True)
class Attack(Generic[Where]):
    """A row. `run` gives who caught it, nothing if it succeeded; on the product that is `caught`.

    Each of `without` is a set of defences (`tests.support.mutants`) without which the attack must succeed.
    """

    what: str
    lies: str
    artefact: str
    caught: Caught
    run: Callable[[Where], Caught | None]
    without: tuple[tuple[str, ...], ...]
    down: str = "–"

    @property
    def cells(self) -> tuple[str, ...]:
        """As it is printed."""
        return self.what, self.lies, self.down, self.caught.by, self.artefact, self.caught.told, str(self.caught.after)


HEAD = ("attack", "who lies", "who is down", "who detects it", "from", "says", "checkpoints")


def cases(attacks: Iterable[Attack[Where]]) -> list[tuple[Attack[Where], tuple[str, ...]]]:
    """Each attack with each set of defences that it is tried without."""
    return [(attack, without) for attack in attacks for without in attack.without]


def name_of(value: object) -> str:
    """A readable name of a case."""
    return value.run.__name__ if isinstance(value, Attack) else "+".join(value) if isinstance(value, tuple) else ""


def lines(rows: Iterable[tuple[str, ...]]) -> list[str]:
    """The rows in columns, under their head."""
    table = [HEAD, *rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]
