"""A log that is served, and the witness of Burkina Faso beside it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.small_log import SmallLog, serving
from tests.support.witnessing import Witness, witnessing


@pytest.fixture
def log() -> SmallLog:
    """Three hundred entries: more than a bundle."""
    return SmallLog().append(300)


@pytest.fixture
def url(log: SmallLog) -> Iterator[str]:
    """Where it is served."""
    with serving(log) as prefix:
        yield prefix


@pytest.fixture
def witness(tmp_path: Path, log: SmallLog, url: str) -> Iterator[Witness]:
    """A witness that has cosigned nothing yet."""
    with witnessing(tmp_path, log, url) as made:
        yield made
