"""Drafts of forms that speak of another notice: opened again where that notice is, and kept while they wait for two."""

import httpx
import pytest

from tests.component.desk.conftest import Fed
from tests.component.desk.test_demands import US, ask
from tests.component.desk.test_door import browser_of, fill
from tests.component.desk.test_exchanging import node, page_of, sealed, site  # noqa: F401 - fixtures
from tests.component.desk.test_reviews import digest
from tests.support.notices import new_id
from tests.support.officers import VALIDATOR, session_of
from tests.support.posting import Posting

pytestmark = pytest.mark.postgres


async def test_an_answer_is_put_aside_and_opened_again_on_its_request(
    fed: Fed,
    site: httpx.AsyncClient,  # noqa: F811
    node: Posting,  # noqa: F811
) -> None:
    """Then it waits, because it becomes public; sent back, its form is there again, target and all."""
    request = ask(fed, "Délais", tlp="CLEAR")
    await fed.take()
    path, id_ = page_of(request, "/repondre"), new_id()
    half = {"id": id_, "tlp": "CLEAR", "d.head.title": "Trente jours", "d.text": "Trente jours au plus."}
    kept = await fill(site, path, **half, acte="garder")
    assert kept.headers["location"] == f"/brouillons/{id_}?garde=1"
    again = await site.get(f"/brouillons/{id_}?garde=1")
    assert (again.status_code, again.headers["location"]) == (303, f"{path}?brouillon={id_}&garde=1")
    form = (await site.get(again.headers["location"])).text
    assert "Brouillon enregistré sur ce site" in form
    assert 'value="Trente jours"' in form
    assert f'name="id" value="{id_}"' in form
    whole = half | {"d.answer": "answered", "brouillon": "1"}
    assert (await fill(site, path, **whole, acte="publier")).status_code == 303
    assert await sealed(node) == []
    async with browser_of(fed.desk) as second:
        second.cookies.set("tamani_session", session_of(fed.desk.accounts, US, VALIDATOR, "Présidente"))
        await fill(second, f"/a-valider/{id_}", f"/a-valider/{id_}/renvoyer", remarque="Dites depuis quand.")
        back = (await site.get(f"/brouillons/{id_}")).headers["location"]
        assert 'value="Trente jours"' in (await site.get(back)).text
        mended = whole | {"d.text": "Trente jours, depuis mars."}
        assert (await fill(site, path, **mended, acte="publier")).status_code == 303
        page = await second.get(f"/a-valider/{id_}")
        assert "depuis mars" in page.text
        await fill(second, f"/a-valider/{id_}", f"/a-valider/{id_}/valider", vu=digest(page))
    (said,) = await sealed(node)
    assert (said.subject, said.data["target"]["id"]) == (request.subject, request.id)
    assert (await site.get(f"/brouillons/{id_}")).status_code == 404
