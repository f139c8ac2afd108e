"""A node's posting side, without its tasks, for each test that asks."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.posting import Posting, posting


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Posting]:
    """The node of Mali with the keys of its three bodies."""
    async with posting(tmp_path) as made:
        yield made
