"""The desk against its own OpenAPI document, with right and wrong requests: never a 5xx."""

import json
from pathlib import Path

import pytest

from tests.component.desk.conftest import Fed
from tests.support.notices import COMMISSION_ML, NOTICE_KINDS
from tests.support.openapi_cases import cases_of, fives
from tests.support.telling import Tell

DOCUMENT = json.loads((Path(__file__).parents[3] / "schemas" / "openapi" / "desk.json").read_text("utf-8"))
EACH = 6
ENDLESS = "/v1/stream"  # answers for as long as one listens


@pytest.mark.timeout(120)
@pytest.mark.parametrize("reader", [None, COMMISSION_ML])
async def test_whatever_is_asked_nothing_breaks(fed: Fed, tell: Tell, reader: str | None) -> None:
    """Of every operation, as the public and a body would ask, and as nobody should."""
    for kind in NOTICE_KINDS:
        fed.feed.say(kind, tlp="CLEAR", full=True)
    await fed.take()
    paths = {path: operations for path, operations in DOCUMENT["paths"].items() if path != ENDLESS}
    async with fed.client(reader) as client:
        count, failed = await fives(client, cases_of(DOCUMENT | {"paths": paths}, EACH))
    tell(f"{count} requests, {len(failed)} answered with 5xx")
    assert failed == []
    assert count > 60
