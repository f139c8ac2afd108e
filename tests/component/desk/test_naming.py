"""Where a form names another notice: the latest that its officer may read are offered, and shown by their titles."""

import re
from html import unescape

import pytest

from tamani.desk.pages import naming
from tests.component.desk.conftest import Fed
from tests.component.desk.test_demands import withdraw
from tests.component.desk.test_dossier import bill, convene
from tests.support.notices import COMMISSION_BF, COMMISSION_ML, COMMISSION_NE, OBSERVATORY_ML
from tests.support.officers import POSTER, session_of

pytestmark = pytest.mark.postgres
FORM = "/publier/agenda.meeting?profil=conjointe"


async def offered(fed: Fed, path: str, name: str) -> list[tuple[str, str]]:
    """What one may choose there, in order: the id of a notice, and words."""
    async with fed.client() as browser:
        browser.cookies.set("tamani_session", session_of(fed.desk.accounts, COMMISSION_ML, POSTER))
        page = (await browser.get(path, headers={"Accept": "text/html"})).text
    (inner,) = re.findall(rf'<select [^>]*name="{name}"[^>]*>(.*?)</select>', page)
    found = re.findall(r'<option value="/[^"]+/([^"/]+)"[^>]*>([^<]+)<', inner)
    return [(id_, unescape(word)) for id_, word in found]


async def test_the_latest_version_of_what_one_may_read_is_offered(fed: Fed) -> None:
    """Neither what is closed to this body, nor what was taken back, nor another type; newest first within a type."""
    first = bill(fed, tlp="GREEN", subject="law/1")
    second = bill(fed, tlp="GREEN", subject="law/2")
    bill(fed, tlp="AMBER", audience=COMMISSION_BF, subject="law/3")
    withdraw(fed, bill(fed, tlp="GREEN", subject="law/4"))
    fed.feed.say("monitor.report", OBSERVATORY_ML, tlp="CLEAR")
    await fed.take()
    choices = await offered(fed, FORM, "d.points.0.about")
    assert len(choices) == 3, choices
    assert [id_ for id_, word in choices if "Commission de défense (Niger)" in word] == [second.id, first.id]
    bases = await offered(fed, "/publier/law.text?profil=projet", "d.diff_base")
    assert [id_ for id_, _ in bases] == [second.id, first.id]
    third = bill(fed, tlp="GREEN", subject=first.subject)
    await fed.take()
    choices = await offered(fed, FORM, "d.points.0.about")
    assert len(choices) == 3, "a thread stands once"
    assert [id_ for id_, word in choices if "Commission de défense (Niger)" in word] == [third.id, second.id]


async def test_of_very_many_the_latest_are_offered(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(naming, "MOST", 2)
    bills = [bill(fed, tlp="GREEN", subject=f"law/{number}") for number in range(3)]
    await fed.take()
    choices = await offered(fed, FORM, "d.points.0.about")
    assert [id_ for id_, _ in choices] == [bills[2].id, bills[1].id]


async def test_an_examined_notice_is_shown_by_its_title_and_leads_there(fed: Fed) -> None:
    """To whoever may read it; to others it is a notice of its body."""
    text = bill(fed, tlp="AMBER", audience=COMMISSION_ML)
    said = convene(fed, text, tlp="GREEN")
    await fed.take()
    link = f'<a href="/avis{text.source}/{text.id}">%s</a>'
    for source, word in ((COMMISSION_ML, text.head["title"]), (COMMISSION_BF, "Commission de défense (Niger)")):
        async with fed.client(source) as client:
            page = (await client.get(f"/avis{said.source}/{said.id}", headers={"Accept": "text/html"})).text
        assert link % word in unescape(page)
    assert text.source == COMMISSION_NE
