"""How much is measured: what the page is made of, or a little of everything, to see that the bench itself works."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """Rounds of each rate, notices of each kind of run, samples of latency, a desk's mirror, the log's large tree."""

    rounds: int
    drained: int
    crossed: int
    samples: int
    mirrored: int
    tree: int


FULL = Sizes(rounds=3, drained=30_000, crossed=3_000, samples=1_000, mirrored=100_000, tree=1_000_000)
SMALL = Sizes(rounds=2, drained=2_000, crossed=300, samples=50, mirrored=2_000, tree=20_000)
