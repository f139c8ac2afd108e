"""The dossier of a sitting: what belongs to it, for whom, on paper and in one file; what one may not see is absent."""

import csv
import io
import json
from typing import Any
from zipfile import ZipFile

import pytest
from icalendar import Calendar

from tamani.core.envelope import decode_envelope
from tamani.core.event import Event
from tests.component.desk.conftest import Fed
from tests.component.desk.test_demands import withdraw
from tests.support.notices import COMMISSION_BF, COMMISSION_ML, COMMISSION_NE, OBSERVATORY_ML, data_of

pytestmark = pytest.mark.postgres
VENUE = "Salle des commissions, Bamako"


def bill(fed: Fed, **more: Any) -> Event:
    data = data_of("law.text", profile="projet")
    articles = [{"eid": "art_7", "number": "7", "heading": "Anonymat", "text": "Le témoin est entendu sous un numéro."}]
    return fed.feed.say("law.text", COMMISSION_NE, profile="projet", data=data | {"articles": articles}, **more)


def opine(fed: Fed, text: Event, comment: str, **more: Any) -> None:
    """An opinion asked, given with a remark on article 7, and considered."""
    asked = data_of("exchange.request", profile="avis") | {
        "addressed_to": [OBSERVATORY_ML],
        "text": {"source": text.source, "id": text.id},
    }
    request = fed.feed.say("exchange.request", COMMISSION_NE, profile="avis", data=asked, **more)
    told = data_of("exchange.answer", profile="avis") | {
        "target": {"source": request.source, "id": request.id},
        "comments": [{"article": "art. 7", "comment": comment, "proposal": "Préciser la durée."}],
    }
    fed.feed.say("exchange.answer", OBSERVATORY_ML, profile="avis", subject=request.subject, data=told, **more)
    after = asked | {"status": "considered", "outcomes": [{"article": "7", "outcome": "partly", "reason": "Six mois."}]}
    fed.feed.say("exchange.request", COMMISSION_NE, profile="avis", subject=request.subject, data=after, **more)


def convene(fed: Fed, about: Event, **more: Any) -> Event:
    points = [
        {"rank": 1, "kind": "examen-texte", "title": "Avant-projet sur les témoins", "law_ref": "temoins"}
        | {"rapporteur_role": "Rapporteur général", "duration_min": 45, "about": ref(about)},
        {"rank": 2, "kind": "divers", "title": "=Prochaine séance"},
    ]
    data = data_of("agenda.meeting") | {"points": points, "place": VENUE}
    data["head"] = {"title": "Séance conjointe", "attachments": [PIECE]}
    return fed.feed.say("agenda.meeting", COMMISSION_ML, profile="conjointe", data=data, **more)


PIECE = {"sha256": "ab" * 32, "mime": "application/pdf", "size": 48_213, "title": "Note de synthèse"}


def ref(said: Event) -> dict[str, str]:
    return {"source": said.source, "id": said.id}


def path(said: Event, form: str = "dossier") -> str:
    return f"/avis{said.source}/{said.id}/{form}"


async def page(fed: Fed, said: Event, source: str | None = None) -> str:
    async with fed.client(source) as client:
        answer = await client.get(path(said), headers={"Accept": "text/html"})
    assert answer.status_code == 200, answer.text
    return answer.text


async def taken(fed: Fed, said: Event, source: str | None = None) -> tuple[ZipFile, bytes]:
    async with fed.client(source) as client:
        answer = await client.get(path(said, "dossier.zip"))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    return ZipFile(io.BytesIO(answer.content)), answer.content


def provision(fed: Fed, gap: str, **more: Any) -> Event:
    data = data_of("law.provision") | {"gap": gap, "assessed_on": "2026-02-01"}
    return fed.feed.say("law.provision", COMMISSION_ML, data=data, **more)


async def test_order_texts_opinions_and_comparison_as_one_page(fed: Fed) -> None:
    text = bill(fed, tlp="GREEN")
    opine(fed, text, "Trois mois ne suffisent pas.", tlp="GREEN")
    provision(fed, "Rien après le procès.", tlp="GREEN")
    said = convene(fed, text, tlp="GREEN", audience=f"{COMMISSION_BF} {COMMISSION_NE}")
    coming = {"target": ref(said), "level": "will-attend", "head": {"title": "Nous viendrons"}}
    fed.feed.say("ack", COMMISSION_NE, profile="participation", tlp="GREEN", subject=said.subject, data=coming)
    await fed.take()
    shown = await page(fed, said, COMMISSION_BF)
    order = ["Séance conjointe", VENUE, "Avant-projet sur les témoins", "Rapporteur général", "Note de synthèse"]
    order += [
        "Le témoin est entendu sous un numéro.",
        "Trois mois ne suffisent pas.",
        "Six mois.",
        "règles de preuve qui permettent au témoin de déposer sans danger",
        "Rien après le procès.",
    ]
    places = [shown.index(words) for words in order]
    assert places == sorted(places)
    assert "Viendra" in shown
    assert "N’a pas répondu" in shown
    assert '<body class="paper tlp-green">' in shown
    assert "<strong>TLP:GREEN</strong> <span>État au" in shown


async def test_it_is_built_for_its_reader(fed: Fed) -> None:
    """What is closed to them is neither counted nor named; the label is that of what they see."""
    text = bill(fed, tlp="CLEAR")
    opine(fed, text, "Remarque réservée.", tlp="AMBER", audience=f"{OBSERVATORY_ML} {COMMISSION_NE}")
    provision(fed, "Lacune réservée.", tlp="AMBER", audience=COMMISSION_NE)
    said = convene(fed, text, tlp="CLEAR")
    await fed.take()
    public, named = await page(fed, said), await page(fed, said, COMMISSION_NE)
    assert "tlp-clear" in public
    assert "tlp-amber" in named
    for words in ("Remarque réservée.", "Lacune réservée."):
        assert words not in public
        assert words in named
    archive, _ = await taken(fed, said)
    assert len([name for name in archive.namelist() if name.startswith("originaux/")]) == 2
    assert "réservée" not in "".join(archive.read(name).decode() for name in archive.namelist())
    wider, _ = await taken(fed, said, COMMISSION_NE)
    assert len([name for name in wider.namelist() if name.startswith("originaux/")]) == 5


async def test_a_point_about_what_one_may_not_read_is_a_point_like_any_other(fed: Fed) -> None:
    """Of another's text, sealed or withdrawn, there is the title that the order of the day gives it, and no more."""
    hidden = bill(fed, tlp="AMBER", audience=COMMISSION_BF)
    gone = bill(fed, tlp="GREEN")
    withdraw(fed, gone)
    for about in (hidden, gone):
        said = convene(fed, about, tlp="GREEN")
        await fed.take()
        shown = await page(fed, said, COMMISSION_ML)
        assert "Avant-projet sur les témoins" in shown
        assert "sous un numéro" not in shown
        assert about.id not in shown


async def test_the_file_opens_without_a_network(fed: Fed) -> None:
    """Names in ASCII, exact envelopes, a calendar entry, tables that no spreadsheet runs; the same bytes twice."""
    text = bill(fed, tlp="CLEAR")
    provision(fed, "Rien après le procès.", tlp="CLEAR")
    said = convene(fed, text, tlp="CLEAR")
    await fed.take()
    archive, first = await taken(fed, said, COMMISSION_ML)
    names = archive.namelist()
    assert "art.\u00a024,\u00a0§\u00a02\u00a0b" in archive.read("comparaison-temoins.csv").decode()
    assert names[:5] == ["index.html", "style.css", "seance.ics", "points.csv", "comparaison-temoins.csv"]
    assert names[-1] == "SHA256SUMS"
    assert all(name.isascii() for name in names)
    index = archive.read("index.html").decode()
    assert 'href="style.css"' in index
    assert VENUE in index
    assert "src=" not in index
    originals = [archive.read(name) for name in names if name.startswith("originaux/")]
    assert set(originals) == {entry.envelope.encode() for entry in fed.feed.entries if entry.envelope}
    assert {json.loads(decode_envelope(value).payload)["id"] for value in originals} >= {said.id, text.id}
    (event,) = Calendar.from_ical(archive.read("seance.ics")).walk("VEVENT")
    assert event["location"] == VENUE
    rows = list(csv.reader(io.StringIO(archive.read("points.csv").decode("utf-8-sig")), delimiter=";"))
    assert rows[0][0].startswith("TLP:CLEAR · ")
    assert [row[2] for row in rows[2:]] == ["Avant-projet sur les témoins", "'=Prochaine séance"]
    assert (await taken(fed, said, COMMISSION_ML))[1] == first


@pytest.mark.parametrize(("tlp", "calendar"), [("GREEN", True), ("AMBER", False)])
async def test_above_clear_the_venue_stays_on_the_site(fed: Fed, tlp: str, calendar: bool) -> None:
    """The page on the site shows it to who may read it; what leaves does not, and above GREEN there is no calendar."""
    text = bill(fed, tlp="GREEN")
    audience = {"audience": COMMISSION_NE} if tlp == "AMBER" else {}
    said = convene(fed, text, tlp=tlp, **audience)
    await fed.take()
    assert VENUE in await page(fed, said, COMMISSION_NE)
    archive, _ = await taken(fed, said, COMMISSION_NE)
    index = archive.read("index.html").decode()
    assert VENUE not in index
    assert "Il se lit sur le site." in index
    assert ("seance.ics" in archive.namelist()) is calendar
    if calendar:
        assert VENUE.encode() not in archive.read("seance.ics")


async def test_there_is_none_of_what_is_no_sitting(fed: Fed) -> None:
    """Nor of one that was withdrawn, or that the reader may not see; the page of a notice leads to it."""
    text = bill(fed, tlp="GREEN")
    said = convene(fed, text, tlp="GREEN")
    hidden = convene(fed, text, tlp="AMBER", audience=COMMISSION_BF)
    gone = convene(fed, text, tlp="GREEN")
    withdraw(fed, gone)
    await fed.take()
    async with fed.client(COMMISSION_NE) as client:
        for other in (text, hidden, gone):
            for form in ("dossier", "dossier.zip"):
                assert (await client.get(path(other, form))).status_code == 404
        notice = await client.get(f"/avis{said.source}/{said.id}", headers={"Accept": "text/html"})
        assert f'href="{path(said)}"' in notice.text
        assert f'href="{path(said, "dossier.zip")}"' in notice.text
        assert '<article class="notice print-green"' in notice.text


async def letter(fed: Fed, said: Event, source: str | None = None) -> Any:
    async with fed.client(source) as client:
        return await client.get(path(said, "lettre"), headers={"Accept": "text/html"})


async def test_the_convocation_is_a_letter_to_print(fed: Fed) -> None:
    """Who convenes whom, to what, where and when, with the order of the day; moved, then called off, it says so."""
    given: dict[str, Any] = {"tlp": "AMBER", "audience": f"{COMMISSION_BF} {COMMISSION_NE}", "subject": "agenda/lettre"}
    first = convene(fed, bill(fed), **given)
    await fed.take()
    answer = await letter(fed, first, COMMISSION_BF)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, no-store")
    for words in ("Commission de défense (Mali)", "Commission de défense (Niger)", "Séance conjointe", VENUE):
        assert words in answer.text
    assert answer.text.index("Avant-projet sur les témoins") < answer.text.index("=Prochaine séance")
    assert first.id in answer.text
    assert (await letter(fed, first, OBSERVATORY_ML)).status_code == 404
    data = first.data | {"status": "postponed", "start": "2026-12-09T09:00:00Z", "end": "2026-12-09T12:00:00Z"}
    moved = fed.feed.say("agenda.meeting", COMMISSION_ML, profile="conjointe", data=data, **given)
    await fed.take()
    for said in (first, moved):
        text = (await letter(fed, said, COMMISSION_BF)).text
        assert "est reportée" in text
        assert "9 déc. 2026" in text
        assert "<s>" in text
    fed.feed.say("agenda.meeting", COMMISSION_ML, profile="conjointe", data=data | {"status": "cancelled"}, **given)
    await fed.take()
    assert "n’aura pas lieu" in (await letter(fed, first, COMMISSION_BF)).text


async def test_what_is_no_sitting_or_was_withdrawn_makes_no_letter(fed: Fed) -> None:
    text = bill(fed)
    gone = convene(fed, text)
    withdraw(fed, gone)
    await fed.take()
    for said in (text, gone):
        assert (await letter(fed, said)).status_code == 404
