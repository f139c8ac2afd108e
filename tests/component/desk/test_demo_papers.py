"""How the demo's files come to a site: through an officer's form, before a notice that names them is posted."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tamani.core.errors import DefectError, OutageError
from tamani.desk.app import build_app
from tamani.embedded.demo.client import SiteClient
from tamani.embedded.demo.notices import files_of, notices, request_of
from tamani.embedded.demo.officers import ROLES
from tests.component.desk.conftest import Fed
from tests.component.desk.test_following import node
from tests.support.notices import COMMISSION_ML, registry_value
from tests.support.posting import Posting
from tests.unit.demo.world import world

__all__ = ["node"]
pytestmark = pytest.mark.postgres
(NOTICE,) = [notice for notice in notices() if "tableau-temoins" in notice.papers]
FILES = files_of(NOTICE, world().plan)
LOGIN = "secretariat.ml"


@pytest.fixture
async def client(fed: Fed, node: Posting) -> AsyncIterator[SiteClient]:
    """A client of a site whose registry says that nothing is real."""
    assert fed.desk.registry.offer(registry_value(version=2, demo=True))
    fed.desk.accounts.officers.adopt(COMMISSION_ML, "Secrétaire", LOGIN, ROLES)
    transport = httpx.ASGITransport(build_app(fed.desk))
    async with httpx.AsyncClient(transport=transport, base_url="http://desk.test") as door:
        yield SiteClient(door, door, {}, patience=60)


async def held(fed: Fed) -> set[tuple[str, str, int]]:
    said = request_of(NOTICE, world().plan)["data"]["head"]["attachments"]
    found = await fed.desk.pieces.held(COMMISSION_ML, {one["sha256"] for one in said})
    return {(one.sha256, one.mime, one.size) for one in found.values()}


async def test_the_site_has_what_the_notice_will_name(fed: Fed, node: Posting, client: SiteClient) -> None:
    """Brought twice (a crash between the steps), they are there once; nothing is posted by it."""
    for _ in range(2):
        await client.bring(LOGIN, NOTICE.type, NOTICE.profile, FILES)
    said = request_of(NOTICE, world().plan)["data"]["head"]["attachments"]
    assert await held(fed) == {(one["sha256"], one["mime"], one["size"]) for one in said}
    assert await node.rows() == []


@pytest.mark.parametrize(
    ("login", "files"),
    [("inconnu.ml", FILES), (LOGIN, [("page.txt", b"<html>")])],
    ids=["nobody of that name", "a file that is not taken"],
)
async def test_what_the_site_does_not_take_ends_the_demo(
    client: SiteClient, login: str, files: list[tuple[str, bytes]]
) -> None:
    with pytest.raises(DefectError) as refused:
        await client.bring(login, NOTICE.type, NOTICE.profile, files)
    assert refused.value.code.name == "failed.demo"


async def test_a_site_that_is_away_is_waited_for() -> None:
    """And not for ever."""

    async def away(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("away")

    door = httpx.AsyncClient(transport=httpx.MockTransport(away), base_url="http://desk.test")
    with pytest.raises(OutageError) as late:
        await SiteClient(door, door, {}, patience=0.3).bring(LOGIN, NOTICE.type, NOTICE.profile, FILES)
    await door.aclose()
    assert late.value.code.name == "failed.node"


@pytest.mark.parametrize("step", range(3))
async def test_a_site_that_cannot_answer_now_is_asked_again(
    fed: Fed, client: SiteClient, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """At any step: its database may be away for a moment while all starts."""
    left, answers = [200] * step + [503, 429], client._browser.send

    async def now_and_then(request: httpx.Request, **more: Any) -> httpx.Response:
        status = left.pop(0) if left else 200
        return await answers(request, **more) if status == 200 else httpx.Response(status, request=request)

    monkeypatch.setattr(client._browser, "send", now_and_then)
    await client.bring(LOGIN, NOTICE.type, NOTICE.profile, FILES)
    assert len(await held(fed)) == len(FILES)
