"""The archive against its own OpenAPI document, with right and wrong requests: never a 5xx."""

import json
from pathlib import Path

import pytest
from fastapi import FastAPI

from tamani.archive.desk_tokens import issue_desk_token
from tamani.core.names import Country
from tests.component.archive.conftest import MakeKeeper
from tests.component.archive.log.conftest import MakeCheckpointer
from tests.component.archive.test_api import app, client, fill  # noqa: F401 - a fixture, too
from tests.support.cluster import Database
from tests.support.openapi_cases import cases_of, fives
from tests.support.telling import Tell

DOCUMENT = json.loads((Path(__file__).parents[4] / "schemas" / "openapi" / "archive.json").read_text("utf-8"))
EACH = 8


@pytest.mark.timeout(120)
async def test_whatever_is_asked_nothing_breaks(
    app: FastAPI,  # noqa: F811
    ledger: Database,
    make_keeper: MakeKeeper,
    make_checkpointer: MakeCheckpointer,
    tell: Tell,
) -> None:
    """Of every operation, as a country's desk would ask and as nobody should; the log has signed a checkpoint."""
    await fill(make_keeper)
    await make_checkpointer().round()
    async with client(app, issue_desk_token(ledger.dsn, Country.NE)) as desk:
        count, failed = await fives(desk, cases_of(DOCUMENT, EACH))
    tell(f"{count} requests, {len(failed)} answered with 5xx")
    assert failed == []
    assert count > 40
