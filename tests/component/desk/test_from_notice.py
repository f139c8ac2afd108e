"""What is said of another notice in a thread of its own: offered on its page, named in the data, refused elsewhere."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from tamani.core.catalogue import catalogue
from tamani.core.event import Event, format_time
from tamani.desk.forms.layout import can_be_typed
from tests.component.desk.conftest import Fed
from tests.component.desk.test_demands import NOW, US
from tests.component.desk.test_door import fill
from tests.component.desk.test_exchanging import node, page_of, sealed, site
from tests.support.notices import (
    COMMISSION_NE,
    OBSERVATORY_ML,
    SOURCES,
    data_of,
    key_row,
    new_id,
    registry_value,
)
from tests.support.officers import READER, session_of
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


def sitting(fed: Fed, source: str, days: int, **more: Any) -> Event:
    """One that begins so many days from now."""
    hour = format_time(NOW + timedelta(days=days))
    data = data_of("agenda.meeting") | {"body": source, "start": hour, "end": hour, "status": "confirmed"} | more
    given = {"tlp": "AMBER", "audience": f"{US} {COMMISSION_NE}", "profile": "conjointe", "data": data}
    return fed.feed.say("agenda.meeting", source, **given)


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


@pytest.mark.parametrize("profile", ["examen-texte", "divers"])
async def test_a_point_is_proposed_for_anothers_sitting(
    fed: Fed, site: httpx.AsyncClient, node: Posting, profile: str
) -> None:
    """Of the kind that is chosen, to who convenes and whom they named, under their label."""
    theirs = sitting(fed, COMMISSION_NE, 9)
    await fed.take()
    form = (await site.get(page_of(theirs, "/proposer-un-point"))).text
    assert f'<option value="{profile}"' in form
    given = {"id": new_id(), "tlp": "AMBER", "profil": profile, "d.head.title": "Un point de plus"}
    sent = await fill(site, page_of(theirs, "/proposer-un-point"), **given, acte="publier")
    assert sent.status_code == 303, sent.text
    (said,) = await sealed(node)
    assert (said.profile, said.tlp, said.readers) == (profile, "AMBER", (COMMISSION_NE,))
    assert (said.data["meeting"], said.data["status"]) == ({"source": theirs.source, "id": theirs.id}, "proposed")


async def test_minutes_are_written_from_the_sitting(fed: Fed, site: httpx.AsyncClient, node: Posting) -> None:
    held = sitting(fed, US, -1)
    await fed.take()
    form = (await site.get(page_of(held, "/releve"))).text
    assert f'value="{held.data["start"][:10]}"' in form
    given = {"id": new_id(), "tlp": "AMBER", "d.head.title": "Relevé", "d.held_on": held.data["start"][:10]}
    given |= {"d.status": "approved", "d.decisions.0.no": "1", "d.decisions.0.text": "On continue."}
    sent = await fill(site, page_of(held, "/releve"), **given, acte="publier")
    assert sent.status_code == 303, sent.text
    (said,) = await sealed(node)
    assert (said.kind, said.profile, said.readers) == ("agenda.record", "releve", (COMMISSION_NE,))
    assert said.data["meeting"] == {"source": held.source, "id": held.id}


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
    assert "Pour tous" in waits.text


async def test_nothing_is_offered_where_it_would_be_refused(fed: Fed, site: httpx.AsyncClient) -> None:
    """Page by page: what is absent from the notice is refused at its address."""
    old = bill(fed)
    withdrawn = bill(fed, subject=old.subject, data=data_of("law.text", profile="projet") | {"status": "withdrawn"})
    over, ours, theirs = sitting(fed, COMMISSION_NE, -1), sitting(fed, US, 9), sitting(fed, COMMISSION_NE, 9)
    public = fed.feed.say("public.notice", US)
    note = fed.feed.say("practice.note", OBSERVATORY_ML, tlp="GREEN")
    await fed.take()
    refused = [
        (old, "/amender"),
        (withdrawn, "/amender"),
        (note, "/amender"),
        (over, "/proposer-un-point"),
        (ours, "/proposer-un-point"),
        (ours, "/releve"),
        (theirs, "/releve"),
        (over, "/compte-rendu"),
        (note, "/version-publique"),
        (public, "/version-publique"),
    ]
    for said, path in refused:
        assert page_of(said, path) not in (await site.get(page_of(said))).text, path
        assert (await site.get(page_of(said, path))).status_code == 409, path
    rights = [key_row(source, rights=["agenda.meeting:*"]) for source in SOURCES]
    assert fed.desk.registry.offer(registry_value(version=2, keys=rights))
    assert (await site.get(page_of(theirs, "/proposer-un-point"))).status_code == 403
    assert "/proposer-un-point" not in (await site.get(page_of(theirs))).text
    async with fed.client() as reader:
        reader.headers["Accept"] = "text/html"
        reader.cookies.set("tamani_session", session_of(fed.desk.accounts, US, READER))
        assert "/proposer-un-point" not in (await reader.get(page_of(theirs))).text
        assert (await reader.get(page_of(theirs, "/proposer-un-point"))).status_code == 403


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


async def test_a_draft_of_it_opens_again(fed: Fed, site: httpx.AsyncClient) -> None:
    """With the kind of point that was chosen."""
    theirs = sitting(fed, COMMISSION_NE, 9)
    await fed.take()
    given = {"id": new_id(), "tlp": "AMBER", "profil": "audition", "d.head.title": "Entendre le maire"}
    kept = await fill(site, page_of(theirs, "/proposer-un-point"), **given, acte="garder")
    assert kept.status_code == 303, kept.text
    again = await site.get(kept.headers["location"], follow_redirects=True)
    assert 'value="Entendre le maire"' in again.text
    assert '<option value="audition" selected' in again.text
