"""*À valider* in the pages: written by one, read with its readers named and released by another; by no other way."""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tamani.core.roles import Role
from tamani.desk.service import Desk
from tests.component.desk.test_door import ORIGIN, browser_of, fill
from tests.component.desk.test_publish import MEETING, browser, desk, new_id, node, send  # noqa: F401 - fixtures
from tests.support.notices import COMMISSION_ML, api_body
from tests.support.officers import HEAD, READER, VALIDATOR, session_of
from tests.support.posting import Posting

PUBLIC: dict[str, Any] = MEETING | {"tlp": "CLEAR", "d.head.body": "Ordre du jour **provisoire**"}


@pytest.fixture
async def second(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:  # noqa: F811
    """The browser of another officer of the body, who validates."""
    async with browser_of(desk) as client:
        client.cookies.set("tamani_session", session_of(desk.accounts, COMMISSION_ML, VALIDATOR, "Présidente"))
        yield client


async def waiting(client: httpx.AsyncClient) -> str:
    """The id of a public sitting that waits."""
    id_ = await new_id(client)
    sent = await send(client, "publier", id=id_, **PUBLIC)
    assert sent.headers["location"] == f"/publier/envoi/{id_}"
    return id_


async def step(client: httpx.AsyncClient, id_: str, word: str, **fields: str) -> httpx.Response:
    return await fill(client, f"/a-valider/{id_}", f"/a-valider/{id_}/{word}", **fields)


def digest(page: httpx.Response) -> str:
    (found,) = re.findall(r'name="vu" value="([0-9a-f]{64})"', page.text)
    return str(found)


async def test_from_the_form_to_the_release(
    browser: httpx.AsyncClient,  # noqa: F811
    second: httpx.AsyncClient,
    node: Posting,  # noqa: F811
) -> None:
    """The author is told before and after; the second person reads all of it, and who will read it, and releases it."""
    check = await send(browser, "relire", id=await new_id(browser), **PUBLIC)
    assert "Ce qui devient public attend toujours une seconde personne." in check.text
    assert "Envoyer à valider" in check.text
    assert "Personne d’autre n’a le rôle" not in check.text
    id_ = await waiting(browser)
    sent = await browser.get(f"/publier/envoi/{id_}")
    assert "Une autre personne de votre organisme doit le valider" in sent.text
    own = await browser.get(f"/a-valider/{id_}")
    assert "Vous l’avez écrit" in own.text
    assert "Valider et publier" not in own.text
    assert f'href="/a-valider/{id_}"' in (await second.get("/a-valider")).text
    page = await second.get(f"/a-valider/{id_}")
    for part in ("Tout le monde, sans se connecter", "<strong>provisoire</strong>", "Protection des témoins"):
        assert part in page.text
    assert re.findall(r"<style|style=|<script(?! src=)", page.text) == []
    done = await step(second, id_, "valider", vu=digest(page))
    assert (done.status_code, done.headers["location"]) == (303, f"/a-valider/{id_}")
    assert [row["id"] for row in await node.rows()] == [id_]
    after = await second.get(f"/a-valider/{id_}")
    assert "l’avis est scellé et part" in after.text
    assert re.findall(r"<strong>([^<]+)</strong> ([^<]+)<small>", after.text) == [
        ("Secrétaire de séance", "a écrit"),
        ("Présidente", "a validé"),
    ]
    assert "En attente" in (await browser.get(f"/publier/envoi/{id_}")).text


async def test_sent_back_its_author_changes_it_and_it_waits_again(
    browser: httpx.AsyncClient,  # noqa: F811
    second: httpx.AsyncClient,
    node: Posting,  # noqa: F811
) -> None:
    """The form comes back as it was; the remark stands where its author looks."""
    id_ = await waiting(browser)
    assert id_ not in (await browser.get("/publier")).text, "it waits: it is no draft to be published again"
    short = await step(second, id_, "renvoyer", remarque="x")
    assert (short.status_code, "Dites à l&#39;auteur pourquoi" in short.text) == (422, True)
    await step(second, id_, "renvoyer", remarque="L'heure de fin est fausse.")
    sent = await browser.get(f"/publier/envoi/{id_}")
    assert "L&#39;heure de fin est fausse." in sent.text
    assert f'href="/brouillons/{id_}"' in (await browser.get(f"/a-valider/{id_}")).text
    form = await browser.get(f"/brouillons/{id_}")
    assert (form.status_code, 'value="Prochaine séance"' in form.text) == (200, True)
    assert (await send(browser, "publier", id=id_, **(PUBLIC | {"d.end": "2026-04-14T13:00"}))).status_code == 303
    again = await second.get(f"/a-valider/{id_}")
    assert "13h00" in again.text
    await step(second, id_, "valider", vu=digest(again))
    assert len(await node.rows()) == 1
    assert (await browser.get(f"/brouillons/{id_}")).status_code == 404, "released, the form is forgotten"


async def test_its_author_takes_it_back_or_gives_it_up(browser: httpx.AsyncClient, node: Posting) -> None:  # noqa: F811
    id_ = await waiting(browser)
    changed = await send(browser, "publier", id=id_, **(PUBLIC | {"d.place": "Ailleurs"}))
    assert (changed.status_code, "déjà servi" in changed.text) == (409, True)
    back = await step(browser, id_, "reprendre")
    assert f'href="/brouillons/{id_}"' in (await browser.get(back.headers["location"])).text
    assert (await browser.get(f"/brouillons/{id_}")).status_code == 200
    assert (await step(browser, id_, "abandonner")).status_code == 303
    assert "Son auteur a renoncé" in (await browser.get(f"/publier/envoi/{id_}")).text
    assert (await browser.get(f"/brouillons/{id_}")).status_code == 404
    assert await node.rows() == []


async def test_what_came_by_another_way_has_no_form_to_go_back_to(
    browser: httpx.AsyncClient,  # noqa: F811
    node: Posting,  # noqa: F811
) -> None:
    """Posted by a program of the officer's: it can be given up here, and said again there."""
    id_, cookie = await new_id(browser), browser.cookies["tamani_session"]
    async with node.client(None, authorization=f"tamani-session {cookie}") as program:
        said = await program.post("/v1/messages", json=api_body("agenda.meeting", id=id_, tlp="CLEAR"))
    assert said.json()["state"] == "to-validate"
    await step(browser, id_, "reprendre")
    page = (await browser.get(f"/a-valider/{id_}")).text
    assert "Renoncer à cet avis" in page
    assert "Modifier et renvoyer" not in page


async def test_refused_for_good(browser: httpx.AsyncClient, second: httpx.AsyncClient, node: Posting) -> None:  # noqa: F811
    id_ = await waiting(browser)
    await step(second, id_, "refuser", remarque="Pas sans l'accord du président.")
    page = await browser.get(f"/a-valider/{id_}")
    assert "rien n’est parti" in page.text
    assert "Pas sans l&#39;accord du président." in page.text
    assert "Une seconde personne de votre organisme a refusé" in (await browser.get(f"/publier/envoi/{id_}")).text
    assert await node.rows() == []


async def test_what_changed_since_it_was_read_is_not_released(
    browser: httpx.AsyncClient,  # noqa: F811
    second: httpx.AsyncClient,
    node: Posting,  # noqa: F811
) -> None:
    id_ = await waiting(browser)
    before = digest(await second.get(f"/a-valider/{id_}"))
    await step(browser, id_, "reprendre")
    await send(browser, "publier", id=id_, **(PUBLIC | {"d.place": "Ailleurs"}))
    told = await step(second, id_, "valider", vu=before)
    assert (told.status_code, "a changé depuis que vous l&#39;avez lu" in told.text) == (409, True)
    assert "Ailleurs" in told.text, "as it is now"
    assert await node.rows() == []


async def test_the_node_decides_whatever_a_page_offers(
    desk: Desk,  # noqa: F811
    browser: httpx.AsyncClient,  # noqa: F811
    second: httpx.AsyncClient,
    node: Posting,  # noqa: F811
) -> None:
    """One's own words, another's role, a form of another site."""
    id_ = await waiting(browser)
    given = {"vu": digest(await second.get(f"/a-valider/{id_}"))}
    assert (await step(browser, id_, "valider", **given)).status_code == 403
    foreign = await second.post(f"/a-valider/{id_}/valider", data=given, headers=ORIGIN)
    assert "refused.auth.form" in foreign.text
    for roles, function in ((READER, "Lectrice"), (HEAD, "Responsable")):
        async with browser_of(desk) as other:
            other.cookies.set("tamani_session", session_of(desk.accounts, COMMISSION_ML, roles, function))
            assert (await other.get("/a-valider")).status_code == 403
            answer = await fill(other, "/compte", f"/a-valider/{id_}/valider", **given)
            assert answer.status_code == 403
    assert (await second.get("/a-valider/01890000-0000-7000-8000-000000000009")).status_code == 404
    assert await node.rows() == []


async def test_alone_in_the_body_one_is_told(desk: Desk, browser: httpx.AsyncClient, node: Posting) -> None:  # noqa: F811
    """And a head can ask for two for all; the form says so."""
    check = await send(browser, "relire", id=await new_id(browser), **PUBLIC)
    assert "Personne d’autre n’a le rôle" in check.text
    async with browser_of(desk) as head:
        head.cookies.set("tamani_session", session_of(desk.accounts, COMMISSION_ML, HEAD, "Responsable"))
        assert "seulement là où la règle commune le demande" in (await head.get("/officiers")).text
        assert (await fill(head, "/officiers", "/officiers/seconde-personne", toujours="1")).status_code == 303
        page = (await head.get("/officiers")).text
        assert "pour tout ce qui est publié" in page
        assert "demande une seconde personne pour tout" in page
    check = await send(browser, "relire", id=await new_id(browser), **MEETING)
    assert "Votre organisme demande une seconde personne" in check.text
    denied = await fill(browser, "/compte", "/officiers/seconde-personne", toujours="")
    assert (denied.status_code, Role.HEAD.value in desk.accounts.officers.of_body(COMMISSION_ML)[0].roles) == (
        403,
        True,
    )
    assert desk.accounts.rules.always_two(COMMISSION_ML)
