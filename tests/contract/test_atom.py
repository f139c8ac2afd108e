"""An outside judge for our feeds: feedparser reads them without a complaint, and understands what we meant."""

import re
from calendar import timegm
from datetime import UTC, datetime, timedelta
from typing import Any

import feedparser
import httpx
import pytest

from tamani.core.event import Event
from tamani.desk.wire import WAITS_FR
from tests.component.desk.conftest import Fed, desk_database, desk_tables, fed  # noqa: F401 - fixtures of ours, too
from tests.component.desk.feeds import FIRST
from tests.component.desk.test_agenda import browser, sign_in  # noqa: F401 - a fixture, too
from tests.component.desk.test_sealed import Reading
from tests.support.notices import COMMISSION_ML, COMMISSION_NE, data_of

pytestmark = pytest.mark.postgres
BASE = "http://desk.test"
HARD = "Témoins & « victimes » : <i>l'audience</i> ɓ 𝄞"


def say(fed: Fed, title: str, **more: Any) -> Event:  # noqa: F811
    head = {"title": title, "summary": f"{HARD} {title}", "areas": ["ne-tillaberi"]}
    return fed.feed.say("law.item", COMMISSION_NE, data=data_of("law.item") | {"head": head}, **more)


async def said(fed: Fed) -> tuple[Event, Event]:  # noqa: F811
    """A public notice, one for bodies, and one that no feed may carry."""
    public, reserved = say(fed, HARD, tlp="CLEAR"), say(fed, "Réservé", tlp="GREEN")
    say(fed, "Nommé", tlp="AMBER", audience=COMMISSION_ML)
    await fed.take()
    return public, reserved


def judged(answer: httpx.Response) -> Any:
    """The feed as feedparser understands it; whatever it finds amiss fails the test."""
    assert answer.status_code == 200, answer.text
    about = {"content-type": answer.headers["content-type"], "content-location": str(answer.url)}
    found = feedparser.parse(answer.content, response_headers=about)
    assert not found.bozo, found.bozo_exception
    assert found.version == "atom10"
    assert found.feed.id
    assert found.feed.title.startswith("Tamani · ml")
    assert found.feed.updated_parsed == max(entry.updated_parsed for entry in found.entries)
    names = [entry.id for entry in found.entries]
    assert len(set(names)) == len(names)
    for entry in found.entries:
        assert entry.author
        assert re.fullmatch(rf"{BASE}/avis/[a-z]{{2}}/[a-z-]+/[0-9a-f-]{{36}}", entry.link)
    return found


def name_of(event: Event) -> str:
    return "urn:tamani:" + ":".join((*event.source.strip("/").split("/"), event.id))


def recorded(entry: Any) -> datetime:
    return datetime.fromtimestamp(timegm(entry.updated_parsed), UTC)


async def test_the_public_feed(fed: Fed, browser: httpx.AsyncClient) -> None:  # noqa: F811
    """Words that are not plain, the instant of the archive, its own address."""
    public, _reserved = await said(fed)
    found = judged(await browser.get("/feed.atom"))
    (entry,) = found.entries
    assert (entry.id, entry.title, entry.link) == (name_of(public), HARD, f"{BASE}/avis{public.source}/{public.id}")
    assert entry.summary == f"{HARD} {HARD}"
    assert recorded(entry) == FIRST + timedelta(minutes=1)
    assert [link.href for link in found.feed.links if link.rel == "self"] == [f"{BASE}/feed.atom"]
    assert {tag.term for tag in entry.tags} == {"law.item", "TLP:CLEAR"}


async def test_the_feed_of_a_body_and_of_filters(fed: Fed, browser: httpx.AsyncClient) -> None:  # noqa: F811
    """Newest first; a search has a name and an address of its own."""
    public, reserved = await said(fed)
    token = {"Authorization": f"Bearer {fed.token(COMMISSION_ML)}"}
    whole = judged(await browser.get("/feed.atom", headers=token))
    assert [entry.id for entry in whole.entries] == [name_of(reserved), name_of(public)]
    some = judged(await browser.get("/feed.atom?q=réservé&area=ne-tillaberi&type=law.item", headers=token))
    assert [entry.id for entry in some.entries] == [name_of(reserved)]
    assert some.feed.id != whole.feed.id
    (address,) = [link.href for link in some.feed.links if link.rel == "self"]
    assert [entry.id for entry in judged(await browser.get(address, headers=token)).entries] == [name_of(reserved)]


async def test_the_feed_of_a_saved_search(fed: Fed, browser: httpx.AsyncClient) -> None:  # noqa: F811
    """The address opens it without a header; the feed itself does not tell the address."""
    public, reserved = await said(fed)
    form = await sign_in(fed, browser)
    await browser.post("/recherches", data=form | {"nom": "Dossiers", "filtres": "type=law.item"})
    (number,) = re.findall(r'id="recherche-(\d+)"', (await browser.get("/recherches")).text)
    page = (await browser.post(f"/recherches/{number}/adresse", data=form)).text
    (path,) = re.findall(rf'value="{BASE}(/suivre/[^"]+\.atom)"', page)
    browser.cookies.clear()
    found = judged(await browser.get(path))
    assert [entry.id for entry in found.entries] == [name_of(reserved), name_of(public)]
    assert [link.rel for link in found.feed.links] == ["alternate"]


async def test_what_is_sealed_is_an_entry_that_tells_nothing(fed: Fed, browser: httpx.AsyncClient) -> None:  # noqa: F811
    """To its readers: that it waits, and where. To others it is not there."""
    notice = await Reading(fed).say(arrives=False)
    say(fed, HARD, tlp="CLEAR")
    await fed.take()
    token = {"Authorization": f"Bearer {fed.token(COMMISSION_ML)}"}
    newest, sealed = judged(await browser.get("/feed.atom", headers=token)).entries
    assert (newest.title, sealed.title) == (HARD, WAITS_FR)
    assert sealed.link.endswith(notice.event.id)
    assert "tags" not in sealed
    assert "summary" not in sealed
    assert len(judged(await browser.get("/feed.atom")).entries) == 1
