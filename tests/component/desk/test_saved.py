"""Saved searches: an officer's own, kept on this site; followed by an address that opens one search up to TLP:GREEN."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl
from xml.etree.ElementTree import fromstring

import httpx
import pytest
from sqlalchemy import select

from tamani.core.errors import RefusedError
from tamani.desk.atom import NAMESPACE
from tamani.desk.filters import Filters
from tamani.desk.saved.searches import Owner
from tamani.desk.tables import saved_search
from tests.component.desk.conftest import Fed
from tests.component.desk.test_agenda import NOW, browser, convene, events, sign_in  # noqa: F401 - a fixture, too
from tests.support.notices import COMMISSION_BF, COMMISSION_ML, SOURCES, body_row, data_of, registry_value
from tests.support.officers import ALL

pytestmark = pytest.mark.postgres
WHEN = NOW + timedelta(days=5)
OWNER = Owner("one", COMMISSION_ML)
Browser = httpx.AsyncClient


def titles(answer: httpx.Response) -> set[str]:
    """Of an Atom feed."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/atom+xml")
    return {
        entry.findtext(f"{{{NAMESPACE}}}title", "") for entry in fromstring(answer.text).iter(f"{{{NAMESPACE}}}entry")
    }


async def keep(browser: Browser, form: dict[str, str], filters: str, name: str = "Conjointes") -> str:  # noqa: F811
    """Save these filters; the number that the page gives."""
    answer = await browser.post("/recherches", data=form | {"nom": name, "filtres": filters})
    assert (answer.status_code, answer.headers.get("location")) == (303, "/recherches"), answer.text
    found = re.findall(rf'id="recherche-(\d+)"><a href="[^"]*">{name}<', (await browser.get("/recherches")).text)
    return str(found[-1])


async def follow(browser: Browser, form: dict[str, str], number: str) -> str:  # noqa: F811
    """Its new address, without the ending."""
    page = (await browser.post(f"/recherches/{number}/adresse", data=form)).text
    (path,) = re.findall(r'value="http://desk\.test(/suivre/[^"]+)\.atom"', page)
    assert f'value="http://desk.test{path}.ics"' in page
    assert f'href="webcal://desk.test{path}.ics"' in page
    return str(path)


async def test_saved_from_the_list_and_found_again(fed: Fed, browser: Browser) -> None:  # noqa: F811
    """The list offers it where filters are chosen; the inbox and the first page lead back to the same list."""
    convene(fed, "une", WHEN, title="Audition sur les témoins")
    await fed.take()
    form = await sign_in(fed, browser)
    assert 'action="/recherches"' not in (await browser.get("/")).text, "nothing is chosen"
    page = (await browser.get("/?q=témoins&type=agenda.meeting&since=2026-01-01")).text
    (asked,) = re.findall(r'name="filtres" value="([^"]+)"', page)
    chosen = Filters(q="témoins", type=("agenda.meeting",), since=datetime(2026, 1, 1, tzinfo=UTC))
    assert Filters.read(parse_qsl(asked.replace("&amp;", "&"))) == chosen
    await keep(browser, form, asked.replace("&amp;", "&"), "Témoins")
    for place in ("/", "/accueil", "/recherches"):
        (href,) = re.findall(r'<a href="([^"]+)">Témoins</a>', (await browser.get(place)).text)
        assert "Audition sur les" in (await browser.get(href.replace("&amp;", "&"))).text
    page = (await browser.get("/recherches")).text
    assert "« témoins », Réunion ou convocation, depuis le jeu. 1 janv. 2026" in page.replace("\u00a0", " ")
    browser.cookies.clear()
    assert "Témoins</a>" not in (await browser.get("/")).text
    assert 'action="/recherches"' not in (await browser.get("/?q=témoins")).text
    assert (await browser.get("/recherches")).status_code == 401


async def test_the_address_carries_what_is_found_up_to_green(fed: Fed, browser: Browser) -> None:  # noqa: F811
    """As Atom and as a calendar: by the filters, for the body, never a notice that is named to it; and no word of what
    is sought."""
    convene(fed, "publique", WHEN)
    convene(fed, "verte", WHEN, tlp="GREEN", place="Salle cachée")
    convene(fed, "nommee", WHEN, tlp="AMBER", audience=COMMISSION_ML)
    convene(fed, "ailleurs", WHEN, COMMISSION_BF)
    fed.feed.say("law.item", tlp="CLEAR", data=data_of("law.item") | {"head": {"title": "Un dossier"}})
    await fed.take()
    form = await sign_in(fed, browser)
    path = await follow(browser, form, await keep(browser, form, "origin=ml&q=réunion+or+dossier", "Affaire secrète"))
    browser.cookies.clear()
    atom, calendar = await browser.get(f"{path}.atom"), await browser.get(f"{path}.ics")
    assert titles(atom) == {"Réunion publique", "Réunion verte", "Un dossier"}
    assert set(events(calendar)) == {"Réunion publique", "Réunion verte"}
    for answer in (atom, calendar):
        assert answer.headers["cache-control"] == "private, no-cache"
        for word in ("secrète", "secr=C3=A8te", "Salle", path.rpartition("/")[2], "origin="):
            assert word not in answer.text
        again = await browser.get(str(answer.url), headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


async def test_a_calendar_of_what_holds_no_meetings_is_empty(fed: Fed, browser: Browser) -> None:  # noqa: F811
    convene(fed, "publique", WHEN)
    await fed.take()
    form = await sign_in(fed, browser)
    path = await follow(browser, form, await keep(browser, form, "type=law.item"))
    assert events(await browser.get(f"{path}.ics")) == {}
    path = await follow(browser, form, await keep(browser, form, "type=agenda.meeting", "Toutes"))
    assert set(events(await browser.get(f"{path}.ics"))) == {"Réunion publique"}


async def test_closed_replaced_deleted_and_unknown_answer_alike(fed: Fed, browser: Browser) -> None:  # noqa: F811
    """Nobody learns which addresses there were; the search stays when its address is closed."""
    form = await sign_in(fed, browser)
    number = await keep(browser, form, "type=law.item")
    first = await follow(browser, form, number)
    assert first not in (await browser.get("/recherches")).text, "it is shown once"
    second = await follow(browser, form, number)
    gone = await browser.get(f"{first}.atom")
    assert (await browser.get(f"{second}.atom")).status_code == 200
    assert re.search(r"Suivie par adresse depuis le \S.*lue le \S", (await browser.get("/recherches")).text)
    assert (await browser.post(f"/recherches/{number}/fermer", data=form)).status_code == 303
    closed = await browser.get(f"{second}.atom")
    assert "Conjointes" in (await browser.get("/recherches")).text
    third = await follow(browser, form, number)
    assert (await browser.post(f"/recherches/{number}/supprimer", data=form)).status_code == 303
    assert "Aucune recherche enregistrée" in (await browser.get("/recherches")).text
    answers = [gone, closed, await browser.get(f"{third}.atom"), await browser.get("/suivre/" + "x" * 32 + ".ics")]
    assert len({(one.status_code, one.content, str(one.headers)) for one in answers}) == 1
    assert gone.status_code == 404


async def test_renamed(fed: Fed, browser: Browser) -> None:  # noqa: F811
    form = await sign_in(fed, browser)
    number = await keep(browser, form, "type=law.item")
    assert (await browser.post(f"/recherches/{number}/nom", data=form | {"nom": " Les  lois "})).status_code == 303
    page = (await browser.get("/recherches")).text
    assert ">Les lois</a>" in page
    assert "Conjointes" not in page


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "cloche\a"])
async def test_without_a_name_nothing_is_lost(fed: Fed, browser: Browser, name: str) -> None:  # noqa: F811
    """The page says what to do and keeps the filters; a search that has a name keeps it."""
    form = await sign_in(fed, browser)
    refused = await browser.post("/recherches", data=form | {"nom": name, "filtres": "q=t%C3%A9moins"})
    assert refused.status_code == 422
    assert "un nom de 1 à 80 caractères" in refused.text
    assert 'name="filtres" value="q=t%C3%A9moins"' in refused.text
    number = await keep(browser, form, "q=témoins", "Témoins")
    refused = await browser.post(f"/recherches/{number}/nom", data=form | {"nom": name})
    assert refused.status_code == 422
    assert ">Témoins</a>" in refused.text


async def test_there_is_an_end_to_searches(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tamani.desk.saved.searches.MOST_PER_OFFICER", 1)
    await fed.desk.saved.save(OWNER, "une", Filters())
    with pytest.raises(RefusedError, match=r"refused\.search\.many"):
        await fed.desk.saved.save(OWNER, "deux", Filters())
    await fed.desk.saved.save(Owner("another", COMMISSION_ML), "une", Filters())


async def test_each_officer_has_their_own(fed: Fed, browser: Browser) -> None:  # noqa: F811
    """Not a colleague's of the same body either; and only from a form of ours."""
    mine, body = await sign_in(fed, browser), COMMISSION_ML
    number = await keep(browser, mine, "type=law.item")
    elsewhere = {"Origin": "https://ailleurs.test"}
    assert (await browser.post("/recherches", data=mine | {"nom": "x"}, headers=elsewhere)).status_code == 403
    for acts in ("nom", "supprimer", "adresse", "fermer"):
        there = f"/recherches/{number}/{acts}"
        assert (await browser.post(there, data=mine | {"nom": "x"}, headers=elsewhere)).status_code == 403
        with pytest.raises(RefusedError, match=r"refused\.search\.unknown"):
            await act(fed, acts, Owner("another", body), int(number))
        form = await sign_in(fed, browser, COMMISSION_BF)
        assert (await browser.post(there, data=form | {"nom": "x"})).status_code == 404
        assert "Conjointes" not in (await browser.get("/recherches")).text
        browser.cookies.clear()
        assert (await browser.post(there, data={"nom": "x"})).status_code == 401
        mine = await sign_in(fed, browser)


async def act(fed: Fed, name: str, owner: Owner, number: int) -> None:
    """What a form does, by the store."""
    saved: Any = fed.desk.saved
    if name == "nom":
        await saved.rename(owner, number, "x")
    else:
        await {"supprimer": saved.delete, "adresse": saved.open, "fermer": saved.close}[name](owner, number)


async def test_the_address_ends_with_the_account(fed: Fed, browser: Browser) -> None:  # noqa: F811
    """An officer whose account is closed follows nothing any more."""
    form = await sign_in(fed, browser)
    path = await follow(browser, form, await keep(browser, form, "type=law.item"))
    assert (await browser.get(f"{path}.atom")).status_code == 200
    async with fed.desk.database.reading() as connection:
        (owner,) = await connection.scalars(select(saved_search.c.officer))
    fed.desk.accounts.officers.adopt(COMMISSION_ML, "Présidence", "presidence", ALL)
    fed.desk.accounts.officers.close(None, owner)
    assert (await browser.get(f"{path}.atom")).status_code == 404
    assert (await browser.get(f"{path}.ics")).status_code == 404


async def test_the_address_ends_with_the_body(fed: Fed, browser: Browser) -> None:  # noqa: F811
    form = await sign_in(fed, browser)
    path = await follow(browser, form, await keep(browser, form, "type=law.item"))
    bodies = [body_row(source) for source in SOURCES]
    bodies[SOURCES.index(COMMISSION_ML)] |= {"valid_to": "2026-06-01T00:00:00Z"}
    assert fed.desk.registry.offer(registry_value(version=2, bodies=bodies))
    assert (await browser.get(f"{path}.atom")).status_code == 404


async def test_the_secret_is_no_token_and_is_kept_nowhere(fed: Fed, browser: Browser) -> None:  # noqa: F811
    form = await sign_in(fed, browser)
    path = await follow(browser, form, await keep(browser, form, "type=law.item"))
    secret = path.rpartition("/")[2]
    async with fed.desk.database.reading() as connection:
        rows = (await connection.execute(select(saved_search))).all()
    assert secret not in repr(rows)
    browser.cookies.clear()
    bearer = {"Authorization": f"Bearer {secret}", "Accept": "application/json"}
    assert (await browser.get("/v1/records", headers=bearer)).status_code == 401
    assert (await browser.get(f"/agenda/{secret}.ics")).status_code == 404
