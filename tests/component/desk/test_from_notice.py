"""What is said of another notice in a thread of its own: offered on its page, named in the data, refused elsewhere."""

from typing import Any

import httpx
import pytest

from tamani.core.catalogue import catalogue
from tamani.core.event import Event
from tamani.desk.forms.layout import can_be_typed
from tests.component.desk.conftest import Fed
from tests.component.desk.test_demands import US
from tests.component.desk.test_door import fill
from tests.component.desk.test_exchanging import node, page_of, sealed, site
from tests.support.notices import (
    COMMISSION_NE,
    data_of,
    new_id,
)
from tests.support.posting import Posting

__all__ = ["node", "site"]
pytestmark = pytest.mark.postgres
UNTYPED = [
    (kind.name, profile)
    for kind in catalogue().values()
    if kind.archived and not kind.system and not kind.opaque
    for profile in kind.profiles
    if not can_be_typed(kind.name, profile)
]


def bill(fed: Fed, **more: Any) -> Event:
    return fed.feed.say("law.text", COMMISSION_NE, profile="projet", tlp="GREEN", **more)


def said_of(fed: Fed, kind: str, profile: str) -> tuple[Event, str]:
    """A notice of which this is said, and the page from which it is."""
    match kind, profile:
        case "law.text", "amendement":
            return bill(fed), "/amender"
        case "public.notice", "version-publique":
            return fed.feed.say("practice.note", US, tlp="GREEN"), "/version-publique"
        case "exchange.answer", _:
            asked = {"addressed_to": [US], "due": "2026-05-01"}
            data = data_of("exchange.request", profile=profile) | asked
            return fed.feed.say("exchange.request", COMMISSION_NE, profile=profile, tlp="GREEN", data=data), "/repondre"
    raise AssertionError(f"{kind}:{profile} has neither a form nor a page: nobody can say it")


@pytest.mark.parametrize(("kind", "profile"), [one for one in UNTYPED if one[1] != "mise-en-relation"])
async def test_what_has_no_form_has_a_page_of_the_notice_that_it_speaks_of(
    fed: Fed, site: httpx.AsyncClient, kind: str, profile: str
) -> None:
    """Linked from that notice, and open; what travels sealed is answered in `test_sealed_answers`."""
    about, path = said_of(fed, kind, profile)
    await fed.take()
    assert f'href="{page_of(about, path)}"' in (await site.get(page_of(about))).text
    form = await site.get(page_of(about, path))
    assert (form.status_code, f'name="profil" value="{profile}"' in form.text) == (200, True)


async def test_an_amendment_names_its_bill(fed: Fed, site: httpx.AsyncClient, node: Posting) -> None:
    text = bill(fed)
    await fed.take()
    given = {"id": new_id(), "tlp": "GREEN", "d.head.title": "Amendement 1", "d.country": "ne", "d.status": "submitted"}
    lacking = await fill(site, page_of(text, "/amender"), **given, acte="relire")
    assert lacking.status_code == 422
    given |= {"d.articles.0.number": "7", "d.articles.0.eid": "art_7", "d.articles.0.text": "Trente jours."}
    sent = await fill(site, page_of(text, "/amender"), **given, acte="publier")
    assert sent.status_code == 303, sent.text
    (said,) = await sealed(node)
    assert (said.kind, said.profile, said.source) == ("law.text", "amendement", US)
    assert said.data["bill"] == {"source": text.source, "id": text.id}
    assert said.subject != text.subject
    fed.feed.append_value((await node.rows())[0]["value"])
    await fed.take()
    assert "Amendement 1" in (await site.get(page_of(text))).text, "the bill's page names what speaks of it"


async def test_a_public_version_is_clear_and_waits_for_a_second_person(
    fed: Fed, site: httpx.AsyncClient, node: Posting
) -> None:
    """Of one's own record; its label is no choice; the words that are suggested are the record's."""
    note = fed.feed.say("practice.note", US, tlp="AMBER", audience=COMMISSION_NE)
    await fed.take()
    form = (await site.get(page_of(note, "/version-publique"))).text
    assert "Tout le monde lira cette version" in form
    assert 'value="GREEN"' not in form
    given = {"id": new_id(), "tlp": "CLEAR", "d.head.title": "Pour tous", "d.text": "Des mots simples."}
    wider = await fill(site, page_of(note, "/version-publique"), **given | {"tlp": "GREEN"}, acte="publier")
    assert wider.status_code == 403
    sent = await fill(site, page_of(note, "/version-publique"), **given, acte="publier")
    assert sent.status_code == 303, sent.text
    assert await node.rows() == [], "it waits"
    waits = await site.get("/a-valider")
    assert "Pour tous" in waits.text or "Information du public" in waits.text


async def test_a_body_lends_its_name_to_anothers_notice(fed: Fed, site: httpx.AsyncClient, node: Posting) -> None:
    """With reservations; seen in the thread; nobody lends it to themselves."""
    theirs = fed.feed.say("practice.note", COMMISSION_NE, tlp="GREEN")
    ours = fed.feed.say("practice.note", US, tlp="GREEN")
    await fed.take()
    assert "/suite/endorsement" not in (await site.get(page_of(ours))).text
    assert "/suite/endorsement" in (await site.get(page_of(theirs))).text
    given = {"id": new_id(), "vu": theirs.id, "d.support": "reserved", "d.note": "Sauf l'article 3"}
    page = await site.get(page_of(theirs, "/suite/endorsement"))
    seen = page.text.partition('name="vu" value="')[2].partition('"')[0]
    sent = await fill(site, page_of(theirs, "/suite/endorsement"), **given | {"vu": seen}, acte="publier")
    assert sent.status_code == 303, sent.text
    fed.feed.append_value((await node.rows())[0]["value"])
    await fed.take()
    assert "Soutien avec réserves" in (await site.get(page_of(theirs))).text
