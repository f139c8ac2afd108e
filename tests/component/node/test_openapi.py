"""The node against its own OpenAPI document, with right and wrong requests: never a 5xx."""

import json
from pathlib import Path

import pytest

from tests.support.notices import COMMISSION_ML
from tests.support.openapi_cases import cases_of, fives
from tests.support.posting import Posting
from tests.support.telling import Tell

DOCUMENT = json.loads((Path(__file__).parents[3] / "schemas" / "openapi" / "node.json").read_text("utf-8"))
EACH = 12


@pytest.mark.timeout(120)
async def test_whatever_is_asked_nothing_breaks(node: Posting, tell: Tell) -> None:
    """Of every operation, as a poster would ask and as nobody should."""
    document = DOCUMENT | {"paths": {p: ops for p, ops in DOCUMENT["paths"].items() if p.startswith("/v1/")}}
    async with node.client(COMMISSION_ML) as client:
        count, failed = await fives(client, cases_of(document, EACH))
    tell(f"{count} requests, {len(failed)} answered with 5xx")
    assert failed == []
    assert count > 40
