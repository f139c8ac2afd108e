"""Pieces while the desk's database is away: nothing that was typed is lost, and what must be let go waits."""

import asyncio

import httpx
from structlog.testing import capture_logs

from tamani.desk.service import Desk
from tests.component.desk import test_publish
from tests.component.desk.test_door import ORIGIN, token_in
from tests.component.desk.test_publish import MEETING
from tests.support.posting import Posting
from tests.support.waiting import until

# An officer's browser on a desk whose database nobody has started, with a node beside it.
node, desk, browser = test_publish.node, test_publish.desk, test_publish.browser


async def test_a_form_with_a_file_is_shown_again(browser: httpx.AsyncClient, node: Posting) -> None:
    page = await browser.get("/publier/agenda.meeting")
    data = MEETING | {"jeton_formulaire": token_in(page), "acte": "publier"}
    file = [("pieces", ("Note.pdf", b"%PDF-1.7"))]
    again = await browser.post("/publier/agenda.meeting", data=data, files=file, headers=ORIGIN)
    assert (again.status_code, 'value="Séance conjointe sur les témoins"' in again.text) == (503, True)
    assert await node.rows() == []


async def test_letting_go_waits_for_the_database(desk: Desk) -> None:
    with capture_logs() as lines:
        task = asyncio.create_task(desk.pieces.run())

        async def waits() -> bool:
            return any((line["event"], line.get("code")) == ("pieces.wait", "failed.database") for line in lines)

        await until(waits, "it says why it waits")
        assert not task.done()
        task.cancel()
        await asyncio.wait([task])
