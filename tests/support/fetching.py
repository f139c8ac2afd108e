"""What some tests fetch from a package registry when they are asked for; without it they are skipped, and say so."""

from typing import NoReturn

import pytest

# `--no-skips` pardons this reason and no other: what a registry does not hand over is nobody's fault here.
NOT_FETCHED = "could not be fetched"


def skip_unfetched(what: str, why: str = "") -> NoReturn:
    """Leave out a test whose tool did not come."""
    pytest.skip(f"{what} {NOT_FETCHED}" + (f": {why}" if why else ""))
