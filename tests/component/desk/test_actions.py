"""Actions of minutes: asked of the body in charge, by a day, seen late from both sides, ended by what it says."""

from typing import Any

import httpx
import pytest
from sqlalchemy import delete, select, text

from tamani.core.event import Event
from tamani.core.policy import Reader
from tamani.desk.demands.search import Due
from tamani.desk.migrations.versions.v0019_actions import FILL
from tamani.desk.rebuild import rebuild
from tamani.desk.tables import demand, settlement
from tests.component.desk.conftest import Fed
from tests.component.desk.test_demands import NOW, US, ask, awaited, finder, withdraw
from tests.component.desk.test_door import fill
from tests.component.desk.test_exchanging import node, page_of, sealed, site
from tests.support.notices import COMMISSION_BF, COMMISSION_NE, OBSERVATORY_ML, data_of, new_id
from tests.support.officers import READER, session_of
from tests.support.posting import Posting

__all__ = ["node", "site"]
pytestmark = pytest.mark.postgres
Row = dict[str, Any]


def action(what: str, due: str | None = "2026-04-20", owner: str = US, **more: Any) -> Row:
    return {"text": what, "owner": owner} | ({"due": due} if due else {}) | more


def minutes(fed: Fed, *actions: Row, status: str = "approved", title: str = "Relevé", **more: Any) -> Event:
    """Of Niger's commission."""
    data = data_of("agenda.record", profile="releve") | {"status": status, "actions": list(actions)}
    data["head"] = {"title": title}
    given = {"profile": "releve", "tlp": "GREEN", "subject": f"agenda/{title}"} | more
    return fed.feed.say("agenda.record", COMMISSION_NE, data=data, **given)


def follow_up(fed: Fed, decided: Event, what: str, level: str = "fait", source: str = US) -> Event:
    data = data_of("ack", profile="suite") | {"action": what, "level": level, "note": "Voir le registre."}
    data["target"] = {"source": decided.source, "id": decided.id}
    given = {"profile": "suite", "tlp": decided.tlp, "subject": decided.subject}
    return fed.feed.say("ack", source, data=data, **given)


def told(found: list[Due]) -> list[tuple[str, int | None, list[tuple[str, str]]]]:
    return [(one.demand.what, one.days, [(party.body, party.word) for party in one.parties]) for one in found]


async def actions_of(fed: Fed, body: str = US) -> list[tuple[str, int | None]]:
    """What waits for this body: actions with the days left."""
    await fed.take()
    found = await finder(fed).owed_by(Reader(body), NOW)
    return [(one.demand.what, one.days) for one in found]


async def test_each_action_waits_for_its_body_by_its_own_day(fed: Fed) -> None:
    """Among requests, late first; not what is done, nor what the minutes' own body has to do."""
    minutes(
        fed,
        action("Compléter la ligne", "2026-04-08"),
        action("Écrire aux maires", "2026-04-24"),
        action("Relire", None),
        action("Transmettre", "2026-04-30", COMMISSION_BF),
        action("Archiver", progress="fait"),
        action("Imprimer", progress="abandonne"),
        action("Convoquer", owner=COMMISSION_NE),
    )
    ask(fed, "question", "2026-04-20")
    ours = [("Compléter la ligne", -2), ("", 10), ("Écrire aux maires", 14), ("Relire", None)]
    assert await actions_of(fed) == ours
    assert await actions_of(fed, COMMISSION_BF) == [("Transmettre", 20)]
    assert await actions_of(fed, COMMISSION_NE) == []
    both = told(await awaited(fed))
    waits = [(what, days, [(US, "")]) for what, days in ours] + [("Transmettre", 20, [(COMMISSION_BF, "")])]
    assert sorted(both, key=str) == sorted(waits, key=str)
    late = await finder(fed).late_to(Reader(COMMISSION_NE), NOW)
    assert [(one.demand.what, one.late) for one in late] == [("Compléter la ligne", True)]


@pytest.mark.parametrize(
    ("words", "last", "waits"),
    [
        (["en-cours"], "en-cours", True),
        (["fait"], "fait", False),
        (["abandonne"], "abandonne", False),
        (["en-cours", "fait"], "fait", False),
        (["fait", "en-cours"], "en-cours", True),
        (["abandonne", "en-cours", "fait"], "fait", False),
    ],
)
async def test_the_last_word_of_whoever_is_in_charge_counts(fed: Fed, words: list[str], last: str, waits: bool) -> None:
    """Said of the one action; the other waits on, and both sides see the same."""
    decided = minutes(fed, action("Compléter"), action("Écrire"))
    for word in words:
        follow_up(fed, decided, "Compléter", word)
    assert ("Compléter", 10) in await actions_of(fed) if waits else await actions_of(fed) == [("Écrire", 10)]
    assert ("Compléter", 10, [(US, last)]) in told(await awaited(fed))
    assert ("Écrire", 10, [(US, "")]) in told(await awaited(fed))


async def test_what_was_done_is_not_asked_again_by_a_later_version(fed: Fed) -> None:
    """Whatever the order of the actions; an action in other words, or for another body, is another."""
    decided = minutes(fed, action("Compléter"), action("Écrire"), action("Relire"))
    for what in ("Compléter", "Relire"):
        follow_up(fed, decided, what)
    rows = (action("Relire", owner=COMMISSION_BF), action("Écrire"), action("Compléter"), action("Compléter le tout"))
    minutes(fed, *rows, status="published")
    assert await actions_of(fed) == [("Écrire", 10), ("Compléter le tout", 10)]
    assert await actions_of(fed, COMMISSION_BF) == [("Relire", 10)]


async def test_earlier_versions_take_nobody_s_place(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many actions they left undone: what is looked at is what the last versions ask."""
    monkeypatch.setattr("tamani.desk.demands.search.MOST_FOUND", 3)
    minutes(fed, *(action(f"Action {n}", "2026-04-01") for n in range(6)))
    minutes(fed, action("Compléter"), *(action(f"Action {n}", progress="fait") for n in range(6)), status="published")
    ask(fed, "question", "2026-04-20")
    assert await actions_of(fed) == [("Compléter", 10), ("", 10)]
    assert len(await awaited(fed)) == 2


async def test_drafts_and_withdrawn_minutes_ask_nothing(fed: Fed) -> None:
    """And what was said of a draft's action has no effect: approved, the minutes ask."""
    draft = minutes(fed, action("Compléter"), status="draft")
    follow_up(fed, draft, "Compléter")
    assert await actions_of(fed) == []
    decided = minutes(fed, action("Compléter"))
    assert await actions_of(fed) == [("Compléter", 10)]
    withdraw(fed, decided)
    assert (await actions_of(fed), await awaited(fed)) == ([], [])


async def test_nobody_else_ends_an_action(fed: Fed) -> None:
    """Neither another body, nor the one in charge of another action; nor does having received the minutes."""
    decided = minutes(fed, action("Compléter"), action("Transmettre", owner=COMMISSION_BF))
    follow_up(fed, decided, "Compléter", source=OBSERVATORY_ML)
    follow_up(fed, decided, "Compléter", source=COMMISSION_BF)
    data = data_of("ack") | {"target": {"source": decided.source, "id": decided.id}, "level": "handled"}
    fed.feed.say("ack", US, tlp="GREEN", subject=decided.subject, data=data)
    assert await actions_of(fed) == [("Compléter", 10)]
    story = (await awaited(fed))[0].story
    assert list(story.state.no_effect.values()) == ["not-the-addressee", "no-such-action"]


async def test_what_a_version_charged_stays_followed_up_when_it_is_taken_back(fed: Fed) -> None:
    """The same action in the version after it is done, whatever became of the minutes that were answered."""
    decided = minutes(fed, action("Compléter"), action("Écrire"))
    follow_up(fed, decided, "Compléter")
    withdraw(fed, decided)
    minutes(fed, action("Compléter"), action("Écrire"), status="published")
    assert await actions_of(fed) == [("Écrire", 10)]
    story = (await awaited(fed))[0].story
    assert (story.state.no_effect, story.state.status) == ({}, "published")


async def test_an_action_that_is_not_in_the_minutes_is_not_followed_up(fed: Fed, site: httpx.AsyncClient) -> None:
    """Other words, another's action, one that comes later: without effect, as the page says; it is waited for."""
    decided = minutes(fed, action("Compléter"), action("Écrire", owner=COMMISSION_BF))
    strange = follow_up(fed, decided, "Compléter le tableau")
    follow_up(fed, decided, "Écrire")
    minutes(fed, action("Compléter le tableau"), action("Écrire"), status="published")
    assert await actions_of(fed) == [("Compléter le tableau", 10), ("Écrire", 10)]
    story = (await awaited(fed))[0].story
    assert list(story.state.no_effect.values()) == ["no-such-action", "no-such-action"]
    assert "ne charge cet organisme d’aucune action en ces termes" in (await site.get(page_of(strange))).text
    follow_up(fed, decided, "Écrire")
    assert await actions_of(fed) == [("Compléter le tableau", 10)]


async def test_what_was_there_before_is_read_from_the_exact_bytes(fed: Fed) -> None:
    """By the migration and by a rebuild, as the projection wrote it; a feed that goes back takes its rows along."""
    twice = action("Écrire", "2026-05-01"), action("Écrire", "2026-04-25"), action("Écrire", owner=COMMISSION_BF)
    decided = minutes(fed, action("Relire", None, progress="en-cours"), action("Vu", progress="fait"), *twice)
    minutes(fed, action("Relire"), status="draft", title="Brouillon")
    fed.feed.say("agenda.record", COMMISSION_NE, profile="compte-rendu", tlp="GREEN", subject="agenda/compte")
    minutes(fed, status="published", title="Vide")
    await fed.take()
    query = select(demand).order_by(demand.c.feed_index, demand.c.no)
    async with fed.desk.database.writing() as connection:
        live = (await connection.execute(query)).all()
        await connection.execute(delete(demand))
        await connection.execute(text(FILL))
        assert (await connection.execute(query)).all() == live
    assert [(row.no, row.what, str(row.due)) for row in live] == [
        (0, "Relire", "None"),
        (1, "Écrire", "2026-04-25"),
        (2, "Écrire", "2026-04-20"),
    ]
    follow_up(fed, decided, "Relire")
    follow_up(fed, decided, "Écrire")
    assert await actions_of(fed) == []
    await rebuild(fed.desk.database, fed.desk.registry.current, lambda _done, _all: None)
    assert await actions_of(fed) == []
    async with fed.desk.database.reading() as connection:
        assert [(row.what, row.ends) for row in await connection.execute(select(settlement))] == [
            ("Relire", True),
            ("Écrire", True),
        ]
    await fed.rewind(fed.feed.head - 1)
    assert await actions_of(fed) == [("Écrire", 15)], "the last answer is gone with the past"


async def test_said_from_the_minutes_page_and_seen_by_both(fed: Fed, site: httpx.AsyncClient, node: Posting) -> None:
    """One click from the first page to the form; in the thread, for the readers of the minutes; then nothing waits."""
    rows = action("Compléter la ligne", "2026-04-08"), action("Écrire aux maires"), action("Lire", owner=COMMISSION_BF)
    decided = minutes(fed, *rows, tlp="AMBER", audience=f"{COMMISSION_BF} {US}")
    await fed.take()
    form = page_of(decided, "/action")
    link = f'href="{form}?d.action=Compl%C3%A9ter+la+ligne"'
    home, page = (await site.get("/accueil")).text, (await site.get(page_of(decided))).text
    assert ("Compléter la ligne" in home, link in home, "en retard de 2 jours" in home) == (True, True, True)
    panel = page[page.index('id="actions"') :]
    panel = panel[: panel.index("</section>")]
    assert (link in panel, panel.count("<li>"), "Lire" in panel) == (True, 2, False)
    opened = (await site.get(form, params={"d.action": "Écrire aux maires"})).text
    assert 'value="Écrire aux maires" selected' in opened
    given = {"id": new_id(), "tlp": "AMBER", "d.head.title": "Suite donnée", "d.action": "Compléter la ligne"}
    missing = await fill(site, form, **given, **{"d.level": "abandonne"}, acte="relire")
    assert (missing.status_code, "dites pourquoi" in missing.text) == (422, True)
    sent = await fill(site, form, **given, **{"d.level": "fait"}, acte="publier")
    assert (sent.status_code, sent.headers["location"]) == (303, f"/publier/envoi/{given['id']}"), sent.text
    (said,) = await sealed(node)
    assert (said.kind, said.profile, said.subject, said.tlp) == ("ack", "suite", decided.subject, "AMBER")
    assert said.audience == f"{COMMISSION_BF} {COMMISSION_NE}"
    target = {"source": decided.source, "id": decided.id}
    assert (said.data["target"], said.head["refs"]) == (target, [target | {"rel": "implements"}])
    fed.feed.append_value((await node.rows())[0]["value"])
    assert await actions_of(fed) == [("Écrire aux maires", 10)]
    asker = await _page(fed, COMMISSION_NE, "/demandes")
    assert ("Compléter la ligne" in asker, "Fait" in asker, "À faire pour le" in asker) == (True, True, True)
    theirs = await _page(fed, COMMISSION_NE, page_of(decided))
    panel = theirs[theirs.index('id="actions"') :]
    assert panel[: panel.index("</section>")].count("<li>") == 3


async def test_blanks_that_a_program_wrote_go_back_as_they_were(
    fed: Fed, site: httpx.AsyncClient, node: Posting
) -> None:
    """Chosen from the menu, word for word."""
    decided = minutes(fed, action(" Écrire aux maires "))
    await fed.take()
    given = {"id": new_id(), "tlp": decided.tlp, "d.head.title": "Suite donnée", "d.level": "fait"}
    sent = await fill(site, page_of(decided, "/action"), **given, **{"d.action": " Écrire aux maires "}, acte="publier")
    assert sent.status_code == 303, sent.text
    (said,) = await sealed(node)
    assert said.data["action"] == " Écrire aux maires "


async def _page(fed: Fed, source: str, path: str) -> str:
    async with fed.client() as client:
        client.cookies.set("tamani_session", session_of(fed.desk.accounts, source))
        client.headers["Accept"] = "text/html"
        return (await client.get(path)).text


async def test_who_is_not_in_charge_says_nothing_of_it(fed: Fed, site: httpx.AsyncClient, node: Posting) -> None:
    """Of another's action, a draft, other notices, what is done; a reader has no form either."""
    others = minutes(fed, action("Lire", owner=COMMISSION_BF), title="À d'autres")
    draft = minutes(fed, action("Compléter"), title="Brouillon", status="draft")
    done = minutes(fed, action("Compléter"), title="Fini")
    follow_up(fed, done, "Compléter")
    meeting = fed.feed.say("agenda.meeting", COMMISSION_NE, tlp="GREEN")
    ours = minutes(fed, action("Compléter"), action("Veiller", owner=OBSERVATORY_ML), title="À nous")
    await fed.take()
    for said, status in ((others, 403), (draft, 409), (done, 403), (meeting, 409), (ours, 200)):
        assert (await site.get(page_of(said, "/action"))).status_code == status, said.subject
    for said in (others, draft, done, meeting):
        assert "/action?" not in (await site.get(page_of(said))).text
    async with fed.client() as reader:
        reader.cookies.set("tamani_session", session_of(fed.desk.accounts, OBSERVATORY_ML, READER))
        reader.headers["Accept"] = "text/html"
        assert (await reader.get(page_of(ours, "/action"))).status_code == 403
        assert "/action?" not in (await reader.get(page_of(ours))).text
        home = (await reader.get("/accueil")).text
        assert ("Veiller" in home, "/action?" in home) == (True, False)
    assert await node.rows() == []
