"""An officer's session at the node's API: the same door as a token, with the officer's own roles."""

import httpx
import pytest

from tamani.core.roles import Role
from tests.support.notices import COMMISSION_ML, OBSERVATORY_ML, api_body, id_of
from tests.support.officers import ALL, HEAD, POSTER, READER, session_of
from tests.support.posting import Posting


def client(node: Posting, cookie: str) -> httpx.AsyncClient:
    """A page of the site that speaks for the officer of this session."""
    return node.client(None, authorization=f"tamani-session {cookie}")


async def test_a_poster_posts_for_their_body_and_sees_where_it_stands(node: Posting) -> None:
    async with client(node, session_of(node.accounts, COMMISSION_ML, POSTER)) as page:
        answer = await page.post("/v1/messages", json=api_body(id=id_of(1)))
        assert (answer.status_code, answer.json()["source"]) == (202, COMMISSION_ML)
        assert (await page.get(f"/v1/messages/{id_of(1)}")).json()["state"] == "waiting"
    async with client(node, session_of(node.accounts, OBSERVATORY_ML, POSTER)) as other:
        assert (await other.get(f"/v1/messages/{id_of(1)}")).status_code == 404


@pytest.mark.parametrize("roles", [READER, HEAD, frozenset({Role.VALIDATOR})])
async def test_without_the_role_nothing_is_posted(node: Posting, roles: frozenset[Role]) -> None:
    async with client(node, session_of(node.accounts, COMMISSION_ML, roles)) as page:
        answer = await page.post("/v1/messages", json=api_body())
    assert (answer.status_code, answer.json()["code"]) == (403, "refused.auth.role")
    assert await node.rows() == []


async def test_a_closed_account_posts_nothing_more(node: Posting) -> None:
    """Not even within the seconds for which a token is remembered."""
    async with client(node, session_of(node.accounts, COMMISSION_ML, ALL)) as page:
        assert (await page.post("/v1/messages", json=api_body())).status_code == 202
        session_of(node.accounts, OBSERVATORY_ML)
        (who,) = node.accounts.officers.of_body(COMMISSION_ML)
        node.accounts.officers.reset(None, who.id)
        answer = await page.post("/v1/messages", json=api_body())
    assert (answer.status_code, answer.json()["code"]) == (401, "refused.auth.session")


async def test_a_half_open_session_posts_nothing(node: Posting) -> None:
    _, link = node.accounts.officers.invite(None, COMMISSION_ML, "Greffe", "greffe", POSTER)
    halfway, _ = node.accounts.signin.accept(link, "quatre mots sans rapport")
    async with client(node, halfway) as page:
        assert (await page.post("/v1/messages", json=api_body())).json()["code"] == "refused.auth.session"


async def test_a_cookie_alone_is_no_credential_here(node: Posting) -> None:
    """What a browser can be made to send along opens nothing at the API."""
    cookie = session_of(node.accounts, COMMISSION_ML)
    async with node.client(None, cookie=f"tamani_session={cookie}") as page:
        assert (await page.post("/v1/messages", json=api_body())).json()["code"] == "refused.auth.token"
    async with node.client(None, authorization=f"Bearer {cookie}") as page:
        assert (await page.post("/v1/messages", json=api_body())).json()["code"] == "refused.auth.token"
