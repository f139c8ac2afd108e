"""What a compromise leaves standing: the one rule, at every order of the three instants."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tamani.core.registry import KeyRow
from tamani.core.trust.stands import NOT_YET, stands
from tests.support.notices import COMMISSION_ML, key_row

SINCE = datetime(2026, 3, 2, 12, tzinfo=UTC)
BEFORE, AFTER = SINCE - timedelta(seconds=1), SINCE + timedelta(seconds=1)


def row(**changes: Any) -> KeyRow:
    return KeyRow.model_validate(key_row(COMMISSION_ML, **changes))


@pytest.mark.parametrize(
    ("recorded", "witnessed", "stood"),
    [
        (BEFORE, BEFORE, True),
        (BEFORE, SINCE, False),
        (BEFORE, AFTER, False),
        (BEFORE, NOT_YET, False),
        (BEFORE, None, True),
        (SINCE, None, False),
        (SINCE, BEFORE, False),
        (AFTER, None, False),
    ],
)
def test_archived_and_witnessed_before(recorded: datetime, witnessed: datetime | None, stood: bool) -> None:
    """Both, where witnesses are asked; the instant itself is too late."""
    assert stands(row(state="compromised", compromised_since=SINCE), recorded, witnessed) is stood


def test_a_key_in_order_has_nothing_to_prove() -> None:
    """Nor has a retired one; compromised nobody knows since when, nothing stands."""
    for state in ("active", "retired", "suspended"):
        assert stands(row(state=state), AFTER, NOT_YET)
    assert not stands(row(state="compromised"), BEFORE, BEFORE)
