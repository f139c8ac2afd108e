"""What a node learns from the desk beside it: the thread as the region has it, under the rights of who will speak.

And from a desk elsewhere: which erasures it has carried out, so that somebody with a key confirms them.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tamani.cli.beside import BesideDesk
from tamani.cli.site import run as run_site
from tamani.core.envelope import decode_envelope
from tamani.core.errors import DefectError
from tamani.core.event import decode_event
from tamani.core.names import Country
from tamani.core.thread import fold
from tamani.desk.database import Database
from tamani.desk.queries import Queries
from tamani.node import heartbeat
from tamani.node.desk_elsewhere import DeskElsewhere
from tamani.node.heartbeat import Heartbeat
from tamani.node.main import run as run_node
from tamani.node.settings import NodeSettings
from tamani.runtime.fakes import InMemoryBus
from tamani.runtime.serving import listen_on, serve
from tests.component.desk.conftest import Fed
from tests.component.desk.serving import served
from tests.component.desk.test_erasing import Erasing, desk_scrub
from tests.support.notices import COMMISSION_BF, COMMISSION_ML, COMMISSION_NE, OBSERVATORY_ML, data_of
from tests.support.posting import posting
from tests.support.waiting import until


async def test_a_thread_is_told_as_the_speaker_may_read_it(fed: Fed) -> None:
    """An answer that came from another country is known; one that the speaker may not read is not."""
    subject = "exchange/question"
    asked = data_of("exchange.request", profile="question") | {"addressed_to": [COMMISSION_BF, COMMISSION_NE]}
    about = {"target": {"source": COMMISSION_ML, "id": ""}}
    request = fed.feed.say("exchange.request", COMMISSION_ML, profile="question", subject=subject, data=asked)
    about["target"]["id"] = request.id
    answer = data_of("exchange.answer", profile="question") | about
    fed.feed.say("exchange.answer", COMMISSION_BF, profile="question", subject=subject, data=answer)
    private = {"tlp": "AMBER", "audience": COMMISSION_BF}
    fed.feed.say("exchange.answer", COMMISSION_NE, profile="question", subject=subject, data=answer, **private)
    fed.feed.say("agenda.meeting", COMMISSION_BF, subject=subject.replace("exchange", "agenda"))
    await fed.take()
    beside = BesideDesk()
    assert await beside(COMMISSION_ML, COMMISSION_ML, subject) is None, "no desk yet"
    beside.queries = fed.desk.queries
    told = await beside(COMMISSION_ML, COMMISSION_ML, subject)
    assert told is not None
    assert [entry.event.source for entry in told] == [COMMISSION_ML, COMMISSION_BF]
    assert fold(told).status == "answered"
    assert [answer[:2] for answer in fold(told).answers] == [(COMMISSION_BF, "answered")]
    assert await beside(COMMISSION_BF, COMMISSION_BF, subject) == []


async def test_a_desk_that_is_away_stops_no_post() -> None:
    """The node then goes by what was said through it."""
    beside, database = BesideDesk(), Database("host=127.0.0.1 port=1 dbname=nobody")
    beside.queries = Queries(database)
    assert await beside(COMMISSION_ML, COMMISSION_ML, "agenda/x") is None
    await database.close()


def token_in(folder: Path, fed: Fed, role: str) -> Path:
    """A file that holds a token of this role."""
    file = folder / f"token-{role}"
    file.write_text(fed.tokens.issue(OBSERVATORY_ML, role) + "\n")
    return file


@asynccontextmanager
async def asking(url: str, token_file: Path) -> AsyncIterator[DeskElsewhere]:
    """A node's way to a desk elsewhere."""
    elsewhere = DeskElsewhere(url, token_file)
    yield elsewhere
    await elsewhere.close()


async def test_a_node_elsewhere_confirms_what_a_lone_desk_has_erased(
    fed: Fed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over HTTP, once its files are written anew; until the region has heard of it."""
    monkeypatch.setattr(heartbeat, "NEWS_SECONDS", 0.01)
    erasing, bus = Erasing(fed), InMemoryBus()
    order = await erasing.erases(await erasing.says())
    async with served(fed.desk) as url, asking(url, token_in(tmp_path, fed, "confirmer")) as elsewhere:
        assert await elsewhere() == []
        await desk_scrub(fed.desk)
        assert await elsewhere() == [order.env.hex()]
        async with posting(tmp_path, erased_beside=elsewhere) as node:
            link, stop = await bus.connect(), asyncio.Event()
            beating = asyncio.create_task(Heartbeat(node.ground, lambda: link).run(stop, every_seconds=3600.0))

            async def beaten() -> bool:
                assert not beating.done(), beating.exception()
                return bool(bus.records("inbound.ml"))

            await until(beaten, "a sign of life that confirms")
            stop.set()
            await beating
        said = bus.records("inbound.ml")[0].value
        assert decode_event(decode_envelope(said).payload).data["erased"] == [
            {"order": order.env.hex(), "part": "desk"}
        ]
        await erasing.told(order, "confirmed", said.decode())
        assert await elsewhere() == []
    shown = (await erasing.get(f"/v1/erasures/{order.order.id}")).json()
    assert [one["part"] for one in shown["confirmations"]] == ["desk/ml"]


async def test_its_token_opens_that_door_and_no_other(fed: Fed, tmp_path: Path) -> None:
    """It reads nothing; and who reads does not ask there. A desk that is away, or refuses, stops nobody."""
    fed.feed.say(tlp="GREEN")
    await fed.take()
    confirmer = token_in(tmp_path, fed, "confirmer")
    async with fed.client() as client:
        for path in ("/v1/records", "/v1/records/1", "/v1/stream", "/v1/erasures", "/"):
            client.headers["Authorization"] = f"Bearer {confirmer.read_text().strip()}"
            assert (await client.get(path)).status_code == 403, path
        for role, code in (("reader", "refused.auth.role"), ("poster", "refused.auth.role")):
            client.headers["Authorization"] = f"Bearer {token_in(tmp_path, fed, role).read_text().strip()}"
            assert (await client.get("/v1/erasures/to-confirm")).json()["code"] == code
        del client.headers["Authorization"]
        assert (await client.get("/v1/erasures/to-confirm")).json()["code"] == "refused.auth.token"
    async with served(fed.desk) as url:
        for address, file in (
            (url, token_in(tmp_path, fed, "reader")),
            (url, tmp_path / "nothing"),
            ("http://127.0.0.1:1", confirmer),
        ):
            async with asking(address, file) as elsewhere:
                assert await elsewhere() == ()


async def test_an_answer_that_is_none_confirms_nothing(tmp_path: Path) -> None:
    """Whoever is at that address signs nothing through us but names of orders."""
    (tmp_path / "token").write_text("tmn_x")
    order, listener, stop = "ab" * 32, listen_on("127.0.0.1", 0), asyncio.Event()
    answers = ["{}", "[]", '{"orders": null}', '{"orders": [7]}', "nonsense", f'{{"orders": ["x", "{order}"]}}']
    left = list(answers)

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await Response(left.pop(0))(_scope, _receive, send)

    server = asyncio.create_task(serve(app, listener, stop))
    async with asking(f"http://127.0.0.1:{listener.getsockname()[1]}", tmp_path / "token") as elsewhere:
        told = [list(await elsewhere()) for _ in answers]
    stop.set()
    await server
    assert told == [[], [], [], [], [], [order]]


async def test_settings_that_cannot_be_meant_are_refused(tmp_path: Path) -> None:
    """An address without a token; a desk elsewhere for a site that has its own."""
    given: dict[str, Any] = {"country": Country.ML, "data_dir": tmp_path, "desk_url": "http://127.0.0.1:1", "port": 0}
    with pytest.raises(DefectError, match="DESK_TOKEN_FILE"):
        await run_node(NodeSettings(**given), asyncio.Event())
    with pytest.raises(DefectError, match="DESK_URL"):
        await run_site(NodeSettings(**given), None, asyncio.Event())  # type: ignore[arg-type]
