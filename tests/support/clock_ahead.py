"""Three years later: the text of this file is run in front of a program, where the machine has no `faketime`.

Both clocks that Python programs read are moved: `time.time`, and `datetime.now` with its kin, which asks the system
without it. What they give stays a plain `datetime`.
"""

import datetime
import time
from datetime import datetime as _datetime

_ticks, _ahead = time.time, datetime.timedelta(days=1095)


class _Plain(type):
    """Whoever asks whether something is a date is answered as before."""

    def __instancecheck__(cls, one: object) -> bool:
        return isinstance(one, _datetime)

    def __subclasscheck__(cls, one: type) -> bool:
        return issubclass(one, _datetime)


class _Ahead(_datetime, metaclass=_Plain):
    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> _datetime:  # type: ignore[override]
        return _datetime.now(tz) + _ahead

    @classmethod
    def utcnow(cls) -> _datetime:  # type: ignore[override]
        return _datetime.now(datetime.UTC).replace(tzinfo=None) + _ahead


datetime.datetime = _Ahead  # type: ignore[misc]
time.time = lambda: _ticks() + _ahead.total_seconds()
