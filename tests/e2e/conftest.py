"""What stories of a whole region need: room for its data, and the three verifiers of what it has said."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.cluster import roomy_folder
from tests.support.verifiers import browser_page, program, wheel

__all__ = ["browser_page", "program", "wheel"]


@pytest.fixture
def folder(jars: Path) -> Iterator[Path]:
    """Room for data folders."""
    with roomy_folder() as roomy:
        yield roomy
