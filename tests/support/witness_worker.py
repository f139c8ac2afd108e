"""A witness as one process, which is asked to cosign and kills itself at a named instant.

    python -m tests.support.witness_worker URL     each line `INSTANT FOLDER` is a life (tests.support.zygote)

Everything is the product's own: the database in the folder, the log read over HTTP. Death waits where two effects meet.
"""

import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tamani.witness import alarms, cosigner
from tamani.witness.copy import Copy
from tamani.witness.cosigner import Cosigner
from tests.support.small_log import SmallLog
from tests.support.witnessing import witnessing
from tests.support.zygote import serve_lives

SIZE = 300


def _dies(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True, slots=True)
class Instant:
    """Before a call, or after it; and in words."""

    words: str
    target: object
    name: str
    after: bool = False

    def arm(self) -> None:
        """Whoever comes here from now on dies."""
        work: Callable[..., Any] = getattr(self.target, self.name)

        def done(*values: Any, **named: Any) -> None:
            work(*values, **named)
            _dies()

        setattr(self.target, self.name, done if self.after else _dies)


# In their order; lines name them by these words.
INSTANTS = {
    "asked": Instant("asked, nothing fetched", Cosigner, "_fetch"),
    "fetched": Instant("a bundle written, not committed", Copy, "append", after=True),
    "copied": Instant("all fetched, not proven", Cosigner, "_prove"),
    "proven": Instant("proven, not signed", Cosigner, "_sign"),
    "signed": Instant("signed and written, not committed", cosigner, "write_last", after=True),
    "settled": Instant("alarms settled, not committed", alarms, "settle", after=True),
    "committed": Instant("committed, not answered", Cosigner, "_sign", after=True),
}


def main(url: str) -> None:
    """Live once a line."""
    log = SmallLog().append(SIZE)

    def live(words: list[str]) -> None:
        name, folder = words
        INSTANTS[name].arm()
        with witnessing(Path(folder), log, url) as witness:
            witness.follow(log)

    serve_lives(live)


if __name__ == "__main__":
    main(sys.argv[1])
