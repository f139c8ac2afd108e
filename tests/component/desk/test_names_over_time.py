"""Names over time on the pages of a desk: a notice by those of its day, a list and a form by those of today."""

import re
from html import unescape
from pathlib import Path

import httpx

from tests.component.desk.conftest import Fed, desk_settings, running
from tests.support import cluster
from tests.support.notices import BODIES, COMMISSION_BF, TOWN_ML, body_row, data_of, registry_value

ENDED = "2026-03-03T00:00:00Z"


async def test_a_region_goes_by_its_name_of_the_day_and_is_found_by_both(fed: Fed, browser: httpx.AsyncClient) -> None:
    """Minutes of 2018 speak of the Sahel; the list filters by the code, which is called Liptako today."""
    data = data_of("agenda.record", profile="releve") | {"held_on": "2018-11-14"}
    data["head"] |= {"areas": ["bf-liptako"], "title": "Réunion de Dori"}
    old = fed.feed.say("agenda.record", COMMISSION_BF, tlp="CLEAR", profile="releve", data=data)
    now = data_of("agenda.meeting")
    now["head"] |= {"areas": ["bf-liptako"], "title": "Réunion de Djibo"}
    new = fed.feed.say("agenda.meeting", COMMISSION_BF, tlp="CLEAR", data=now)
    await fed.take()
    then, today = "Liptako (alors dans Sahel)", "Liptako (avant 2025\u00a0: Sahel)"
    page = unescape((await browser.get("/")).text)
    cards = {title: card for card in page.split('<li class="card')[1:] for title in ("Dori", "Djibo") if title in card}
    assert then in cards["Dori"]
    assert "Liptako" in cards["Djibo"]
    assert "Sahel" not in cards["Djibo"]
    choice = re.search(r'value="bf-liptako".*?</label>', page, re.DOTALL)
    assert choice is not None
    assert "Liptako" in choice.group()
    assert then in unescape((await browser.get(f"/avis{old.source}/{old.id}")).text)
    assert today in unescape((await browser.get(f"/avis{new.source}/{new.id}")).text)
    found = (await browser.get("/", params={"q": "sahel"})).text
    assert "Réunion de Dori" in found
    assert "Réunion de Djibo" in found


async def test_a_sheet_says_what_an_institution_follows(fed: Fed, browser: httpx.AsyncClient) -> None:
    data = data_of("reference.sheet", full=True, profile="organisme") | {"institution": "bf-alt"}
    sheet = fed.feed.say("reference.sheet", COMMISSION_BF, tlp="CLEAR", profile="organisme", data=data)
    await fed.take()
    page = unescape((await browser.get(f"/avis{sheet.source}/{sheet.id}")).text)
    assert "Assemblée législative de transition (avant 2022\u00a0: Assemblée nationale)" in page


async def test_a_body_that_has_ended_is_read_and_no_longer_addressed(
    desk_database: cluster.Database, tmp_path: Path
) -> None:
    """The list still filters by it, and names it; a form offers it to nobody."""
    rows = [body_row(row[0], **({"valid_to": ENDED} if row[0] == TOWN_ML else {})) for row in BODIES]
    async with (
        running(desk_settings(desk_database, tmp_path), registry_value(bodies=rows)) as fed,
        fed.client() as page,
    ):
        fed.feed.say("agenda.meeting", TOWN_ML, tlp="CLEAR")
        await fed.take()
        listed = (await page.get("/")).text
        assert re.search(rf'name="body" value="{TOWN_ML}"', listed)
        assert "Commune frontalière (Mali)" in listed
        page.cookies.set("tamani_session", fed.cookie("/ml/commission-defense"))
        form = (await page.get("/publier/exchange.request", params={"profil": "question"})).text
    assert f'value="{COMMISSION_BF}"' in form
    assert TOWN_ML not in form
