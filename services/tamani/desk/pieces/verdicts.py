"""What was found of files that came whole and were not kept: remembered, so that a click does not fetch them again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tamani.core.errors import OutageError, RefusedError
from tamani.desk.pieces.blobs import Wanted
from tamani.runtime.clock import Clock

MOST = 256
# The region may mend what it has, or a line may have spoilt it: other bytes than announced are asked for again then.
FALSE_WAITS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class _Verdict:
    error: RefusedError | OutageError
    until: datetime | None


class Verdicts:
    """Those of a desk since its start, by body and digest; the oldest go first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._found: dict[tuple[str, str], _Verdict] = {}

    def check(self, wanted: Wanted) -> None:
        """Raise what was found of this file, if it still counts.

        Raises:
            RefusedError: what was remembered, for good.
            OutageError: what was remembered, for some minutes.
        """
        found = self._found.get((wanted.source, wanted.sha256))
        if found is not None and (found.until is None or self._clock() < found.until):
            raise type(found.error)(found.error.code.name, found.error.detail)

    def remember(self, wanted: Wanted, error: RefusedError | OutageError) -> None:
        """This was found of the file: a refusal counts for good, anything else for some minutes."""
        until = None if isinstance(error, RefusedError) else self._clock() + FALSE_WAITS
        self._found.pop((wanted.source, wanted.sha256), None)
        self._found[wanted.source, wanted.sha256] = _Verdict(error, until)
        for oldest in list(self._found)[:-MOST]:
            del self._found[oldest]
