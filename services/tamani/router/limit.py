"""When nearly everything is refused, the fault is ours: a bad deployment, a registry that was lost.

One origin alone never stops a worker, however much it sends: whoever floods us with forgeries can write to the topics
of one origin. The same code for nearly all of two origins at once is not theirs.
"""

from collections import Counter, deque
from dataclasses import dataclass

from tamani.core.names import Country


@dataclass(frozen=True, slots=True)
class Limit:
    """Of an origin's last `window` notices, `share` refused with one code; so for `origins` of them."""

    window: int = 1000
    share: float = 0.95
    origins: int = 2


class Refusals:
    """What became of the last notices of each origin."""

    def __init__(self, limit: Limit) -> None:
        self._limit = limit
        self._last: dict[Country, deque[str | None]] = {cc: deque(maxlen=limit.window) for cc in Country}

    def note(self, country: Country, code: str | None) -> None:
        """A notice was forwarded (no code) or refused."""
        self._last[country].append(code)

    def reached(self) -> str | None:
        """The code that nearly everything is refused with, if it is so."""
        common = Counter(code for code in map(self._code_of, Country) if code)
        if not common:
            return None
        code, origins = common.most_common(1)[0]
        return code if origins >= self._limit.origins else None

    def _code_of(self, country: Country) -> str | None:
        last = self._last[country]
        if len(last) < self._limit.window:
            return None
        code, count = Counter(last).most_common(1)[0]
        return code if count >= self._limit.share * self._limit.window else None
