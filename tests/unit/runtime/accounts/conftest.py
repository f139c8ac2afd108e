"""The accounts of a site, with a clock that stands until it is turned."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tamani.runtime.accounts.accounts import Accounts
from tests.support.officers import accounts_in
from tests.support.posting import TestClock


@pytest.fixture
def clock() -> TestClock:
    """The time."""
    return TestClock()


@pytest.fixture
def accounts(tmp_path: Path, clock: TestClock) -> Iterator[Accounts]:
    """An empty file."""
    made = accounts_in(tmp_path, clock)
    yield made
    made.close()
