"""What had come of files before a line was cut: kept in memory, so that the next to ask goes on from there.

Each with the erasures that the desk knew when it began: what the region gave before an erasure may be what was erased.
"""

from collections.abc import Set
from dataclasses import dataclass, field

from tamani.desk.pieces.blobs import Wanted

# Beginnings that are kept: these many times 4 MiB.
MOST = 8


@dataclass(frozen=True, slots=True)
class Begun:
    """The bytes so far; `erased`: the digests of what was erased of this body before the first of them came."""

    erased: Set[str]
    raw: bytearray = field(default_factory=bytearray)


class Beginnings:
    """Those of a desk, the youngest last."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str, int], Begun] = {}

    def arrived(self, wanted: Wanted) -> int:
        """How much of a file has come."""
        begun = self._kept.get(_file(wanted))
        return len(begun.raw) if begun else 0

    def go_on(self, wanted: Wanted, erased: Set[str]) -> Begun:
        """What has come of it, unless something of this body was erased since."""
        if (begun := self._kept.pop(_file(wanted), None)) is None or begun.erased != erased:
            begun = Begun(erased)
        self._kept[_file(wanted)] = begun
        return begun

    def leave(self, wanted: Wanted) -> None:
        """Nobody goes on with it now: it is kept if there is something of it, before older ones."""
        if not self.arrived(wanted):
            self.drop(wanted)
        for oldest in list(self._kept)[:-MOST]:
            del self._kept[oldest]

    def drop(self, wanted: Wanted) -> None:
        """It is of no more use."""
        self._kept.pop(_file(wanted), None)

    def drop_all_of(self, source: str) -> None:
        """Something of this body was erased: any of them may be of it."""
        for file in [file for file in self._kept if file[0] == source]:
            del self._kept[file]


def _file(wanted: Wanted) -> tuple[str, str, int]:
    """By whatever notice it is asked for; of a false size it is another."""
    return wanted.source, wanted.sha256, wanted.size
