"""Logs: structlog on standard error, one line an event. Never a secret, a token, nor the content of a notice."""

import logging
import sys
import time
from collections.abc import Callable

import structlog

LIBRARIES = ("aiokafka", "kafka", "httpx", "httpcore", "faust", "mode", "uvicorn.access", "alembic")
SELDOM = 30.0


class Seldom(logging.Filter):
    """Lets a library say the same thing once in half a minute: without its broker, aiokafka says it ten times a second.

    The same thing is the same text before its values are put in. The next line tells how many were left out.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._said: dict[tuple[str, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether this record is written; ours always are."""
        if not record.name.startswith(LIBRARIES):
            return True
        said, now = (record.name, str(record.msg)), self._clock()
        last, left_out = self._said.get(said, (-SELDOM, 0))
        if now - last < SELDOM:
            self._said[said] = (last, left_out + 1)
            return False
        self._said[said] = (now, 0)
        if left_out:
            record.msg = f"{record.msg} [{left_out} like it before]"
        return True


def setup_logging(service: str, level: str = "INFO", as_json: bool = False) -> None:
    """Send our logs and those of the libraries to standard error with the service's name."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    last: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=last, foreign_pre_chain=shared))
    handler.addFilter(Seldom())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in LIBRARIES:
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))
    structlog.contextvars.bind_contextvars(service=service)
