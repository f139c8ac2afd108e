"""The way of a bill along the stages (`lists/stages.csv`): what may follow what, and that each move shows its proof."""

from collections.abc import Mapping, Sequence
from typing import Any

from tamani.core.codelists import next_stages

Row = Mapping[str, Any]
# Why a version has no effect, as the projection says it.
WRONG = "stage"


def wrong_move(before: Sequence[Row], after: Sequence[Row]) -> str | None:
    """Nothing if each country goes on from where it stood; else why not.

    A row is a country's `stage`, `since` when, and the `evidence`. Whoever moves names both; a country may join at any
    stage, and none may leave, for it could then come back elsewhere.
    """
    now = {row["country"]: row for row in after}
    return None if all(_goes_on(row, now.get(row["country"])) for row in before) else WRONG


def _goes_on(stood: Row, stands: Row | None) -> bool:
    if stands is None:
        return False
    if stands["stage"] == stood["stage"]:
        return True
    return stands["stage"] in next_stages(stood["stage"]) and bool(stands.get("since") and stands.get("evidence"))
