"""Forms put aside in the pages: kept, opened again as they were, shared or not, posted twice as one notice."""

import json
import re
from typing import Any

import httpx
import pytest

from tamani.core.roles import Role
from tamani.desk.service import Desk
from tests.component.desk.test_door import ORIGIN, browser_of, fill
from tests.component.desk.test_publish import MEETING, browser, desk, new_id, node, send  # noqa: F401 - fixtures
from tests.support.notices import COMMISSION_ML, OBSERVATORY_ML, SOURCES, key_row, registry_value
from tests.support.officers import POSTER, READER, session_of
from tests.support.posting import Posting

KEPT: dict[str, Any] = MEETING | {"d.start": "", "d.place": "Salle à confirmer"}


async def keep(client: httpx.AsyncClient, kind: str = "agenda.meeting", **fields: Any) -> httpx.Response:
    return await send(client, "garder", kind, **fields)


def colleague(made: Desk, source: str = COMMISSION_ML, roles: frozenset[Role] = POSTER) -> httpx.AsyncClient:
    """The browser of another officer."""
    client = browser_of(made)
    client.cookies.set("tamani_session", session_of(made.accounts, source, roles, "Rédactrice"))
    return client


async def test_kept_half_written_opened_again_and_published_once(
    desk: Desk,  # noqa: F811
    browser: httpx.AsyncClient,  # noqa: F811
    node: Posting,  # noqa: F811
) -> None:
    """What is missing does not matter; the notice has the id of the form's first rendering; then the draft is gone."""
    id_ = await new_id(browser)
    kept = await keep(browser, id=id_, **KEPT)
    assert (kept.status_code, kept.headers["location"]) == (303, f"/brouillons/{id_}?garde=1")
    form = await browser.get(kept.headers["location"])
    assert "Brouillon enregistré sur ce site, chiffré" in form.text
    assert "mer. 1 avr. 2026" in form.text, "thirty days, told"
    for part in (f'name="id" value="{id_}"', 'value="Salle à confirmer"', 'value="Prochaine séance"'):
        assert part in form.text
    assert form.text.count(" checked") == 2
    listed = (await browser.get("/publier")).text
    assert f'href="/brouillons/{id_}"' in listed
    assert "Séance conjointe sur les témoins" in listed
    assert await node.rows() == []
    for _ in range(2):
        assert (await send(browser, "publier", id=id_, **MEETING)).status_code == 303
    assert [row["id"] for row in await node.rows()] == [id_]
    assert (await browser.get(f"/brouillons/{id_}")).status_code == 404
    assert f'href="/brouillons/{id_}"' not in (await browser.get("/publier")).text


async def test_a_draft_is_its_owners_unless_shared(desk: Desk, browser: httpx.AsyncClient, node: Posting) -> None:  # noqa: F811
    id_ = await new_id(browser)
    await keep(browser, id=id_, **KEPT)
    async with colleague(desk) as other, colleague(desk, OBSERVATORY_ML) as stranger:
        for client in (other, stranger):
            assert (await client.get(f"/brouillons/{id_}")).status_code == 404
            assert id_ not in (await client.get("/publier")).text
            assert "refused.draft.unknown" in (await client.get(f"/brouillons/{id_}")).text
        await keep(browser, id=id_, brouillon="1", partage="1", **KEPT)
        assert "partagé par Secrétaire de séance" in (await other.get("/publier")).text
        opened = await other.get(f"/brouillons/{id_}")
        assert 'name="brouillon" value="2"' in opened.text
        assert (await keep(other, id=id_, brouillon="2", **(KEPT | {"d.place": "Salle 4"}))).status_code == 303
        assert (await stranger.get(f"/brouillons/{id_}")).status_code == 404
        stale = await keep(browser, id=id_, brouillon="2", partage="1", **(KEPT | {"d.place": "Salle 5"}))
        assert (stale.status_code, 'value="Salle 5"' in stale.text) == (409, True)
        assert "enregistré ailleurs entre-temps" in stale.text
    gone = await fill(browser, "/publier", f"/brouillons/{id_}/supprimer")
    assert (gone.status_code, gone.headers["location"]) == (303, "/publier")
    assert (await browser.get(f"/brouillons/{id_}")).status_code == 404


@pytest.mark.parametrize("more", [{"tlp": "RED"}, {"tlp": "AMBER+STRICT"}, {"d.head.caveats": "witness"}])
async def test_what_travels_sealed_is_kept_for_a_week_and_for_oneself(
    browser: httpx.AsyncClient,  # noqa: F811
    more: dict[str, str],
) -> None:
    id_ = await new_id(browser)
    shared = await keep(browser, id=id_, partage="1", **(KEPT | more))
    assert (shared.status_code, "ne se partage pas" in shared.text) == (409, True)
    assert (await keep(browser, id=id_, **(KEPT | more))).status_code == 303
    assert "lun. 9 mars 2026" in (await browser.get(f"/brouillons/{id_}")).text


async def test_an_older_form_opens_with_what_still_fits(desk: Desk, browser: httpx.AsyncClient, node: Posting) -> None:  # noqa: F811
    """And says what does not; of a type that the body no longer posts, everything is there to be copied."""
    id_ = await new_id(browser)
    await keep(browser, id=id_, **KEPT)
    (owner,) = desk.accounts.officers.of_body(COMMISSION_ML)
    kept = desk.accounts.drafts.open(owner, id_)
    old = json.loads(kept.content)
    old["given"] |= {"d.venue": ["Ancienne salle"], "d.status": ["disparu"], "profil": ["nature-disparue"]}
    desk.accounts.drafts.save(owner, id_, json.dumps(old), seen=1, days=30)
    page = await browser.get(f"/brouillons/{id_}")
    assert page.status_code == 200
    rest = page.text.partition('class="note warn left"')[2].partition("</section>")[0]
    assert re.findall(r"</small> ([^<]+)</li>", rest) == ["disparu", "Ancienne salle"]
    assert 'value="Salle à confirmer"' in page.text
    keys = [key_row(source, rights=["agenda.item:*"]) for source in SOURCES]
    assert desk.registry.offer(registry_value(version=2, keys=keys))
    page = await browser.get(f"/brouillons/{id_}")
    assert (page.status_code, "ne publie plus" in page.text) == (200, True)
    assert "Salle à confirmer" in page.text
    assert "Supprimer ce brouillon" in page.text


async def test_what_is_refused_is_not_kept_by_itself(desk: Desk, browser: httpx.AsyncClient, node: Posting) -> None:  # noqa: F811
    """There is no autosave: a form that came back with faults, or that was only read over, is nowhere on the disk."""
    for act in ("relire", "publier", "modifier"):
        await send(browser, act, id=await new_id(browser), **(MEETING | {"d.end": ""}))
    (owner,) = desk.accounts.officers.of_body(COMMISSION_ML)
    assert desk.accounts.drafts.of(owner) == []


@pytest.mark.parametrize("roles", [READER, frozenset({Role.VALIDATOR})])
async def test_only_a_poster_keeps_drafts(desk: Desk, node: Posting, roles: frozenset[Role]) -> None:  # noqa: F811
    async with colleague(desk, roles=roles) as client:
        assert (await client.get("/publier")).status_code == 403
        assert (await client.get("/brouillons/01890000-0000-7000-8000-000000000001")).status_code == 403
        answer = await fill(client, "/compte", "/publier/agenda.meeting", acte="garder", **KEPT)
        assert (answer.status_code, "refused.auth.role" in answer.text) == (403, True)


async def test_nothing_is_kept_under_no_id_nor_by_another_site(
    desk: Desk,  # noqa: F811
    browser: httpx.AsyncClient,  # noqa: F811
) -> None:
    assert (await keep(browser, id="pas-un-id", **KEPT)).status_code == 422
    foreign = await browser.post("/publier/agenda.meeting", data=KEPT | {"acte": "garder"}, headers=ORIGIN)
    assert "refused.auth.form" in foreign.text
    (owner,) = desk.accounts.officers.of_body(COMMISSION_ML)
    assert desk.accounts.drafts.of(owner) == []
