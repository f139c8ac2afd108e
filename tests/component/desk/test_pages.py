"""The pages for people, as a browser without JavaScript gets them: words, states, doors, weight."""

import gzip
import re
from datetime import UTC, datetime

import httpx
import pytest

from tamani.desk.pages.assets import assets
from tests.component.desk.conftest import Fed
from tests.support.notices import COMMISSION_BF, COMMISSION_ML, COMMISSION_NE, OBSERVATORY_NE, data_of

HERE = {"Origin": "http://desk.test"}
HTML = {"Accept": "text/html"}
HEAVIEST = 50_000


def data(kind: str, title: str, **changes: object) -> dict[str, object]:
    made = data_of(kind)
    made["head"] |= {"title": title}
    return made | changes


def enter(fed: Fed, browser: httpx.AsyncClient, body: str = COMMISSION_ML) -> None:
    """As an officer who has signed in (`test_door.py` shows how)."""
    browser.cookies.set("tamani_session", fed.cookie(body))


async def test_an_officer_reads_until_the_session_ends(fed: Fed, browser: httpx.AsyncClient) -> None:
    """A copied cookie is worth nothing once its owner has signed out."""
    fed.feed.say(tlp="GREEN", data=data("agenda.meeting", "Réservé aux organismes"))
    await fed.take()
    assert "Réservé aux organismes" not in (await browser.get("/")).text
    enter(fed, browser)
    page = (await browser.get("/")).text
    assert "Réservé aux organismes" in page
    copied = dict(browser.cookies)
    (token,) = set(re.findall(r'name="jeton_formulaire" value="([0-9a-f]{64})"', page))
    assert (await browser.post("/deconnexion", data={"jeton_formulaire": token}, headers=HERE)).status_code == 303
    browser.cookies.update(copied)
    page = (await browser.get("/")).text
    assert "Réservé aux organismes" not in page
    assert "Votre session est terminée" in page


@pytest.mark.parametrize("back", ["https://ailleurs.test/", "//ailleurs.test", "/\\ailleurs.test", "ailleurs"])
async def test_the_choice_of_language_leads_nowhere_else(browser: httpx.AsyncClient, back: str) -> None:
    """The way back is a path of this site."""
    assert (await browser.get("/langue/en", params={"retour": back})).headers["location"] == "/"


async def test_english_is_complete_and_stays(fed: Fed, browser: httpx.AsyncClient) -> None:
    """The choice of language is kept; French is what one gets without choosing."""
    fed.feed.say("monitor.alert", tlp="CLEAR")
    await fed.take()
    assert '<html lang="fr">' in (await browser.get("/", headers={"Accept-Language": "en"})).text
    await browser.get("/langue/en")
    page = (await browser.get("/")).text
    assert '<html lang="en">' in page
    assert "Alerts in force" in page
    assert "Notices" in page
    assert "Gravité" not in page
    await browser.get("/langue/fr")
    assert "Alertes en vigueur" in (await browser.get("/")).text


async def test_a_translation_that_was_read_over_is_shown(fed: Fed, browser: httpx.AsyncClient) -> None:
    """An English reader gets the body's own English; a machine's guess is not put in place of its words."""
    for status, english in (("reviewed", "Plain words"), ("machine", "Guessed words")):
        made = data("agenda.meeting", f"Mots clairs {status}")
        made["head"]["translations"] = [{"lang": "en", "status": status, "title": english}]  # type: ignore[index]
        fed.feed.say(tlp="CLEAR", data=made)
    await fed.take()
    assert "Plain words" not in (await browser.get("/")).text
    await browser.get("/langue/en")
    page = (await browser.get("/")).text
    assert "Plain words" in page
    assert "Mots clairs reviewed" not in page
    assert "Mots clairs machine" in page
    assert "Guessed words" not in page


async def test_the_list_has_one_line_a_thread(fed: Fed, browser: httpx.AsyncClient) -> None:
    """A version replaces the one before in the list; acknowledgements are not lines of their own."""
    subject = "agenda/seance"
    first = fed.feed.say(tlp="CLEAR", subject=subject, data=data("agenda.meeting", "Séance du matin"))
    target = {"source": first.source, "id": first.id}
    fed.feed.say(tlp="CLEAR", subject=subject, data=data("agenda.meeting", "Séance de l'après-midi"))
    answer = data("ack", "Nous viendrons", target=target, level="will-attend")
    fed.feed.say("ack", COMMISSION_NE, tlp="CLEAR", subject=subject, profile="participation", data=answer)
    await fed.take()
    page = (await browser.get("/")).text
    assert page.count('<li class="card') == 1
    assert "Séance de l&#39;après-midi" in page
    assert "Séance du matin" not in page
    assert "Mis à jour" in page
    old = (await browser.get(f"/avis{first.source}/{first.id}")).text
    assert "Une version plus récente de cet avis existe" in old
    assert "Viendra" in old
    reply = re.findall(r'href="(/avis/ne/[^"]+)"', old)[0]
    assert f'<a href="/avis{first.source}/{first.id}">Séance du matin</a>' in (await browser.get(reply)).text
    assert "Commission de défense (Niger)" in old


async def test_what_a_version_to_come_says_breaks_no_list(fed: Fed, browser: httpx.AsyncClient) -> None:
    """It may mean something else by the words that other types use for their days."""
    odd = {"start": "T1", "held_on": "T1", "due": "bientôt", "end": []}
    given = data("agenda.item", "Point à venir", **odd)
    said = fed.feed.say("agenda.item", tlp="CLEAR", dataschema="urn:tamani:agenda.item:99", data=given)
    await fed.take()
    shown = [f"/avis{said.source}/{said.id}", "/feed.atom", "/"]
    for path in (*shown, "/agenda", "/lois"):
        page = await browser.get(path)
        assert (page.status_code, "Point à venir" in page.text) == (200, path in shown), path


async def test_what_was_withdrawn_is_a_tombstone(fed: Fed, browser: httpx.AsyncClient) -> None:
    """Its words are gone from the list, its page and the feed; that it was, who took it back and why, stays."""
    said = fed.feed.say(tlp="CLEAR", subject="agenda/retire", data=data("agenda.meeting", "Mots à ne plus montrer"))
    target = {"source": said.source, "id": said.id}
    withdrawal = data("withdrawal", "Retrait", target=target, reason="protection")
    fed.feed.say("withdrawal", tlp="CLEAR", subject="agenda/retire", data=withdrawal)
    await fed.take()
    pages = [await browser.get(path) for path in ("/", f"/avis{said.source}/{said.id}", "/feed.atom")]
    assert all("Mots à ne plus montrer" not in page.text for page in pages)
    assert "Avis retiré par son organisme" in pages[0].text
    assert "Protection des personnes" in pages[1].text
    assert "/envelope" not in pages[1].text


async def test_somebody_else_withdraws_nothing(fed: Fed, browser: httpx.AsyncClient) -> None:
    """A withdrawal by another body is archived, has no effect, and says so."""
    said = fed.feed.say(tlp="CLEAR", subject="agenda/tient", data=data("agenda.meeting", "Mots qui restent"))
    attempt = data("withdrawal", "Retrait", target={"source": said.source, "id": said.id}, reason="erreur")
    event = fed.feed.say("withdrawal", COMMISSION_BF, tlp="CLEAR", subject="agenda/tient", data=attempt)
    await fed.take()
    assert "Mots qui restent" in (await browser.get("/")).text
    own = (await browser.get(f"/avis{event.source}/{event.id}")).text
    assert "Sans effet" in own
    assert "seul l’organisme qui a ouvert le fil peut le modifier" in own
    record = (await browser.get("/v1/records/1", headers={"Accept": "*/*"})).json()
    assert record["thread"]["no_effect"] == [{"record": 2, "reason": "not-the-originator"}]
    assert record["thread"]["state"] == "open"


async def test_nobody_takes_anothers_subject(fed: Fed, browser: httpx.AsyncClient) -> None:
    """Two bodies under one subject are two threads: neither pushes the other from the list, nor ends it."""
    said = fed.feed.say(tlp="CLEAR", subject="agenda/commun", data=data("agenda.meeting", "Parole de la première"))
    stranger = data("agenda.meeting", "Parole de la seconde", status="cancelled")
    fed.feed.say("agenda.meeting", COMMISSION_BF, tlp="CLEAR", subject="agenda/commun", data=stranger)
    await fed.take()
    page = (await browser.get("/")).text
    assert "Parole de la première" in page
    assert "Parole de la seconde" in page
    own = (await browser.get(f"/avis{said.source}/{said.id}")).text
    assert "Parole de la seconde" not in own
    record = (await browser.get("/v1/records/1", headers={"Accept": "*/*"})).json()
    assert record["thread"]["state"] == "open"


async def test_states_are_words(fed: Fed, browser: httpx.AsyncClient) -> None:
    """Contested, expired, cancelled, exercise: each is written out, with its explanation on the page."""
    contested = fed.feed.say(tlp="CLEAR")
    fed.feed.mark(contested)
    suspect = fed.feed.say(tlp="CLEAR")
    fed.feed.mark(suspect, "suspect")
    renumbered = fed.feed.voices[COMMISSION_ML].says(tlp="CLEAR")
    fed.feed.append(renumbered, marks=("sequence-reused",))
    past = "2026-03-02T10:00:00Z"
    expired = fed.feed.say("monitor.alert", tlp="CLEAR", expirytime=past)
    drill = fed.feed.say("monitor.alert", tlp="CLEAR", data=data("monitor.alert", "Essai", status="Exercise"))
    fed.feed.say("monitor.alert", tlp="CLEAR", subject="alert/finie", data=data("monitor.alert", "Début"))
    end = data("monitor.alert", "Fin", msg_type="Cancel", severity="Minor")
    cancelled = fed.feed.say("monitor.alert", tlp="CLEAR", subject="alert/finie", data=end)
    fed.desk.clock = lambda: datetime(2026, 3, 3, tzinfo=UTC)
    await fed.take()
    words = {contested.id: "Contesté", expired.id: "Expiré", drill.id: "Exercice", cancelled.id: "Annulé"}
    words |= {suspect.id: "Suspect", renumbered.id: "Numéro déjà pris"}
    for event in (contested, suspect, renumbered, expired, drill, cancelled):
        page = (await browser.get(f"/avis{event.source}/{event.id}")).text
        assert f">{words[event.id]}</span>" in page
    front = (await browser.get("/")).text
    in_force = front.partition('id="alertes"')[2].partition("</section>")[0]
    assert drill.id in in_force
    assert expired.id not in in_force
    assert cancelled.id not in in_force


async def test_hours_are_those_of_both_clocks(fed: Fed, browser: httpx.AsyncClient) -> None:
    """Bamako and Ouagadougou UTC+0, Niamey UTC+1, and the next day where midnight lies between."""
    when = {"start": "2026-12-02T23:30:00Z", "end": "2026-12-03T01:00:00Z"}
    event = fed.feed.say(tlp="CLEAR", data=data_of("agenda.meeting") | when)
    await fed.take()
    page = (await browser.get(f"/avis{event.source}/{event.id}")).text
    assert "mer. 2 déc. 2026, 23h30 (Bamako, Ouagadougou) / jeu. 3 déc. 2026, 00h30 (Niamey)" in page


async def test_fields_bear_the_words_of_their_type(fed: Fed, browser: httpx.AsyncClient) -> None:
    """Labels and values come from the catalogue, in both languages; codes are not shown."""
    event = fed.feed.say("monitor.alert", OBSERVATORY_NE, tlp="CLEAR", full=True)
    await fed.take()
    address = f"/avis{event.source}/{event.id}"
    french = (await browser.get(address)).text
    assert "Fiabilité de la source" in french
    assert "Observatoire de la justice" in french
    await browser.get("/langue/en")
    english = (await browser.get(address)).text
    assert "Reliability of the source" in english
    assert "Justice observatory" in english
    for code in ("source_reliability", "msg_type", "ne-tillaberi"):
        assert f">{code}" not in french + english


async def test_a_hostile_text_stays_text(fed: Fed, browser: httpx.AsyncClient) -> None:
    """What a notice says is shown as it was written, wherever it stands; no markup of its own comes alive."""
    attack = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    made = data_of("agenda.meeting")
    made["head"] |= {"title": attack, "summary": attack, "body": f"{attack}\n\n[lien](javascript:alert(1)) **gras**"}
    event = fed.feed.say(tlp="CLEAR", data=made | {"place": attack})
    await fed.take()
    for path in ("/", f"/avis{event.source}/{event.id}"):
        page = (await browser.get(path)).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert 'href="javascript' not in page
    assert "<strong>gras</strong>" in page


async def test_filters_need_no_script(fed: Fed, browser: httpx.AsyncClient) -> None:
    """Boxes in a form, counts beside them, what is chosen above the list with a way out."""
    for number in range(3):
        fed.feed.say("law.item", tlp="CLEAR", subject=f"law/{number}")
    fed.feed.say("monitor.alert", OBSERVATORY_NE, tlp="CLEAR")
    await fed.take()
    page = (await browser.get("/", params={"type": "law.item", "since": "2026-03-01"})).text
    assert page.count('<li class="card') == 3
    assert re.search(r'value="law.item" checked><span>Dossier d’harmonisation</span><small>3</small>', page)
    assert re.search(r'value="monitor.alert"><span>Alerte</span><small>1</small>', page)
    assert 'href="/?since=2026-03-01"' in page
    assert "depuis le" in page


async def test_a_theme_is_a_filter_like_any_other(fed: Fed, browser: httpx.AsyncClient) -> None:
    """Named by a head, a file or a point: counted, combined, followed as Atom, in both languages."""
    fed.feed.say("law.item", tlp="CLEAR", subject="law/1", data=data("law.item", "Dossier", theme="temoins"))
    points = [{"rank": 1, "kind": "examen-texte", "title": "Un point", "law_ref": "temoins"}]
    fed.feed.say("agenda.meeting", tlp="CLEAR", data=data("agenda.meeting", "Séance", points=points))
    head = {"title": "Note", "themes": ["renseignement", "temoins"]}
    fed.feed.say("practice.note", tlp="CLEAR", data=data_of("practice.note") | {"head": head})
    await fed.take()
    page = (await browser.get("/?theme=temoins&type=law.item&type=practice.note")).text
    assert re.search(r'value="temoins" checked><span>Protection des témoins et victimes</span><small>2</small>', page)
    assert re.search(r'value="renseignement"><span>Services de renseignement</span><small>1</small>', page)
    assert re.search(r'value="agenda.meeting"><span>Réunion ou convocation</span><small>1</small>', page)
    assert (page.count('<li class="card'), "<legend>Thème</legend>" in page) == (2, True)
    atom = (await browser.get("/feed.atom?theme=renseignement")).text
    assert re.findall(r"<title>(Note|Séance|Dossier)</title>", atom) == ["Note"]
    records = (await browser.get("/v1/records?theme=temoins&type=agenda.meeting")).json()["records"]
    assert [one["event"]["data"]["head"]["title"] for one in records] == ["Séance"]
    browser.cookies.set("tamani_langue", "en")
    assert "<span>Protection of witnesses and victims</span>" in (await browser.get("/?theme=temoins")).text


async def test_filters_without_a_box_are_kept(fed: Fed, browser: httpx.AsyncClient) -> None:
    """What an address asks for beside the boxes stays when the boxes change, and in the link to older notices."""
    for number in range(30):
        fed.feed.say("law.item", tlp="CLEAR", subject=f"law/{number}")
    await fed.take()
    page = (await browser.get("/?profile=dossier&q=dossier&type=law.item&thread=law/1&thread=law/2")).text
    boxes = page[page.index('id="filtres"') :]
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]+)"', boxes)
    assert sorted(hidden) == [("profile", "dossier"), ("q", "dossier"), ("thread", "law/1"), ("thread", "law/2")]
    older = re.findall(r'href="([^"]+)" rel="next"', (await browser.get("/?profile=dossier&type=law.item")).text)
    assert len(older) == 1
    assert "type=law.item&amp;profile=dossier&amp;avant=" in older[0]


async def test_older_notices_are_a_page_away(fed: Fed, browser: httpx.AsyncClient) -> None:
    """Every thread is on exactly one of the pages that `Avis plus anciens` leads to."""
    said = [fed.feed.say("law.item", tlp="CLEAR", subject=f"law/{number}").id for number in range(60)]
    await fed.take()
    seen: list[str] = []
    address: str | None = "/?type=law.item"
    while address:
        page = (await browser.get(address)).text
        seen += re.findall(r'<h3><a href="/avis/ml/commission-defense/([^"]+)"', page)
        more = re.search(r'href="([^"]+)" rel="next"', page)
        address = more[1].replace("&amp;", "&") if more else None
    assert seen == said[::-1]


async def test_an_empty_desk_says_so(browser: httpx.AsyncClient) -> None:
    """Nothing yet, nothing found, not yet in touch with the region: each in words."""
    page = (await browser.get("/")).text
    assert "Aucun avis pour l’instant" in page
    assert "Ce site n’a pas encore joint la région" in page
    assert "Aucun avis ne correspond à ces filtres" in (await browser.get("/?type=law.item")).text


async def test_errors_are_pages_for_people_and_problems_for_programs(fed: Fed, browser: httpx.AsyncClient) -> None:
    """The same code, in the form that was asked for."""
    missing = "/avis/ml/commission-defense/01890000-0000-7000-8000-000000000001"
    for path in (missing, "/nulle-part", "/static/rien.css", "/avis/xx/y/z"):
        page = await browser.get(path)
        assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
        assert "refused.request" in page.text
    enter(fed, browser)
    assert "Se déconnecter" in (await browser.get("/nulle-part")).text
    program = await browser.get(missing, headers={"Accept": "application/json"})
    assert program.headers["content-type"] == "application/problem+json"
    assert (await browser.get("/?since=hier")).status_code == 422


async def test_unreadable_entries_are_for_bodies(fed: Fed, browser: httpx.AsyncClient) -> None:
    """Their number tells of notices that the public may not read."""
    entry = fed.feed.append(fed.feed.say(tlp="AMBER", audience=COMMISSION_ML))
    fed.feed.entries[-1] = entry.model_copy(update={"digest": "ab" * 32})
    await fed.take()
    assert (await browser.get("/illisibles")).status_code == 401
    enter(fed, browser)
    page = await browser.get("/illisibles")
    assert "failed.feed" in page.text
    assert '<td data-label="Numéro">2</td>' in page.text


async def test_the_demo_says_that_it_is_one(fed: Fed, browser: httpx.AsyncClient) -> None:
    """On every page, errors included."""
    paths = ("/", "/connexion", "/nulle-part")
    for path in paths:
        assert "Démonstration" not in (await browser.get(path)).text
    fed.desk.settings = fed.desk.settings.model_copy(update={"demo": True})
    for path in paths:
        assert "Démonstration" in (await browser.get(path)).text


async def test_nothing_comes_from_elsewhere(fed: Fed, browser: httpx.AsyncClient) -> None:
    """No address of another host, no script or style within a page, and a policy that would forbid them."""
    event = fed.feed.say("monitor.report", tlp="CLEAR", full=True)
    await fed.take()
    for path in ("/", "/connexion", f"/avis{event.source}/{event.id}", "/nulle-part"):
        answer = await browser.get(path)
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert re.findall(r'(?:src|href|action)="(?:https?:)?//', answer.text) == []
        assert re.findall(r"<style|style=|<script>|<script [^>]*>[^<]|\son\w+=", answer.text) == []
    for asset in assets().values():
        assert b"//" not in asset.body.replace(b"http://www.w3.org/2000/svg", b"").replace(b"// ", b"")


async def test_the_first_view_is_light(fed: Fed, browser: httpx.AsyncClient) -> None:
    """A full page with all it loads is under 50 kB compressed; a second view carries only the page."""
    for number in range(40):
        fed.feed.say("monitor.report", tlp="CLEAR", full=True, subject=f"monitor/{number}")
    await fed.take()
    page = await browser.get("/", headers={"Accept-Encoding": "gzip"})
    assert page.headers["content-encoding"] == "gzip"
    addresses = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text))
    assert len(addresses) >= 4
    total = len(gzip.compress(page.content, 6))
    for address in addresses:
        asset = await browser.get(address)
        assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
        total += len(assets()[address.removeprefix("/static/")].compressed)
    assert total < HEAVIEST, total
