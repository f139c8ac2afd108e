"""The answer to a post is cut after the node has committed it; the client asks again and again: one notice."""

import json
import sqlite3

import httpx
import pytest

from tamani.core.names import Country
from tests.support.authors import Author
from tests.support.bus import running_bus
from tests.support.cutting_proxy import cutting_proxy
from tests.support.notices import COMMISSION_ML
from tests.support.oracle import settled
from tests.support.poster import Poster

CUTS = 5

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.timeout(900)]


async def test_a_post_repeated_because_its_answer_was_cut_is_one_notice() -> None:
    """Five answers are lost on the way back; the sixth asking gets the first answer."""
    async with running_bus(sites=(Country.ML,)) as bus:
        notice = Author("cut", (COMMISSION_ML,)).notice()
        async with cutting_proxy(("127.0.0.1", bus.ports["site-ml"]), CUTS) as proxy:
            poster = Poster({Country.ML: f"http://127.0.0.1:{proxy.port}"}, bus.tokens)
            async with httpx.AsyncClient() as client:
                promise = await poster.post(client, notice)
        assert proxy.cut == CUTS
        assert promise.asked == CUTS + 1
        with sqlite3.connect(bus.site_folder(Country.ML) / "outbox.sqlite") as db:
            assert db.execute("SELECT count(*), max(sequence) FROM outbox").fetchone() == (1, 1)
        async with httpx.AsyncClient() as client:
            url, bearer = bus.url(Country.ML) + "/v1/messages", poster.bearer(COMMISSION_ML)
            again = await client.post(url, content=json.dumps(notice.body), headers=bearer)
            other = await client.post(url, json=notice.body | {"tlp": "CLEAR"}, headers=bearer)
        assert again.status_code == 202
        assert again.json() == promise.answer
        assert other.status_code == 409
        assert other.json()["code"] == "refused.id.reused"
        rows = await settled(bus, [promise])
        assert [row.event["id"] for row in rows] == [notice.id]
