"""Reminders by mail, through a real SMTP server: in their time, once, saying nothing of what is asked."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tamani.core.policy import Reader
from tamani.desk.agenda.asked import Asked
from tamani.desk.demands import search
from tamani.desk.queries import Queries
from tests.component.desk.conftest import Fed, desk_settings, running
from tests.component.desk.test_actions import action, follow_up, minutes
from tests.component.desk.test_demands import US, ask, convene, reply, withdraw
from tests.component.desk.test_mail import BASE, MEMBER, Bureau, browsing, form, text_of
from tests.support import cluster
from tests.support.mail import smtp_server
from tests.support.notices import COMMISSION_BF, COMMISSION_NE, SOURCES, body_row, registry_value

pytestmark = pytest.mark.postgres
DUE = datetime(2026, 4, 20, 9, tzinfo=UTC)


class Desk(Bureau):
    """A desk whose clock is set by how many days are left."""

    def at(self, days: int) -> None:
        """So many days before the day that `ask` sets."""
        self.now = DUE - timedelta(days=days)

    async def reminded(self, body: str = US, address: str = MEMBER) -> int:
        """A confirmed subscription that wants reminders."""
        made, secret = await self.postman.subscriptions.ask(address, body, "fr", Asked(), reminders=True)
        assert await self.postman.subscriptions.confirm(secret)
        return made.number


@pytest.fixture
async def desk(fed: Fed) -> AsyncIterator[Desk]:
    async with smtp_server() as box:
        made = Desk(fed, box)
        made.at(30)
        yield made


async def test_a_week_before_the_day_before_and_once_when_late(desk: Desk) -> None:
    """Three letters in all, whatever the number of rounds, and of restarts between them."""
    await desk.reminded()
    ask(desk.fed, "question")
    sent = []
    for days in (30, 8, 7, 7, 5, 2, 1, 0, -1, -2, -60):
        desk.at(days)
        desk.fresh_process()
        sent += [days] * len(await desk.round())
    assert sent == [7, 1, -1]
    assert {state for state, *_ in await desk.letters()} == {"sent"}


async def test_reminders_push_out_nothing_that_a_page_was_told(
    desk_database: cluster.Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They go through all bodies that asked for them, each minute; a reader's next view folds nothing anew."""
    monkeypatch.setattr(search, "MOST_READERS", 1)
    async with running(desk_settings(desk_database, tmp_path)) as fed:
        there = ask(fed, "question")
        await fed.take()
        thread = there.source, there.subject
        assert await fed.desk.told.of(Reader(COMMISSION_NE), [thread])
        for body in (US, COMMISSION_BF):
            _, secret = await fed.desk.postman.subscriptions.ask(MEMBER, body, "fr", Asked(), reminders=True)
            assert await fed.desk.postman.subscriptions.confirm(secret)
        subscribed = await fed.desk.postman.subscriptions.confirmed()
        await fed.desk.postman.reminders.fill(subscribed, fed.desk.registry.current)
        monkeypatch.delattr(Queries, "of_threads")
        assert await fed.desk.told.of(Reader(COMMISSION_NE), [thread])


async def test_an_action_of_minutes_is_reminded_of_until_it_is_done(desk: Desk) -> None:
    """As a request is, each by its own day; of what is under way, too."""
    await desk.reminded()
    rows = action("Compléter la ligne"), action("Écrire", "2026-05-20")
    decided = minutes(desk.fed, *rows)
    sent = []
    for days in (30, 7, 3, 1, 0, -1, -2):
        desk.at(days)
        sent += [days] * len(await desk.round())
        if days == 3:
            follow_up(desk.fed, decided, "Compléter la ligne", "en-cours")
            await desk.fed.take()
        if days == 0:
            follow_up(desk.fed, decided, "Compléter la ligne")
            await desk.fed.take()
    assert sent == [7, 1]


@pytest.mark.parametrize("tlp", ["GREEN", "AMBER"])
async def test_a_reminder_says_neither_of_whom_nor_what_nor_when(desk: Desk, tlp: str) -> None:
    """One sentence and the address where one signs in, whatever the label."""
    await desk.reminded()
    said = ask(desk.fed, "Mots du titre", tlp=tlp, audience=US)
    desk.at(3)
    (mail,) = await desk.round()
    html = mail.get_body(("html",))
    assert html is not None
    for words in (mail["Subject"], text_of(mail), str(html.get_content())):
        assert "Une demande attend votre réponse" in words
    assert f"{BASE}/accueil" in text_of(mail)
    for words in ("Mots du titre", said.id, said.subject, COMMISSION_NE, "Niger", "avr.", "2026-04-20", tlp):
        assert words not in text_of(mail) + str(html.get_content()) + mail["Subject"], words
    assert "List-Unsubscribe" in mail


async def test_one_letter_for_all_that_waits(desk: Desk) -> None:
    await desk.reminded()
    for title in ("une", "deux"):
        ask(desk.fed, title)
    convene(desk.fed, "séance", "2026-04-21T09:00:00Z")
    desk.at(3)
    (mail,) = await desk.round()
    assert "3 demandes attendent votre réponse" in mail["Subject"]
    assert sorted(state for state, *_ in await desk.letters()) == ["passed", "passed", "sent"]
    desk.at(1)
    assert len(await desk.round()) == 1


@pytest.mark.parametrize("end", ["answered", "closed", "withdrawn"])
async def test_what_is_answered_or_called_off_is_not_reminded_of(desk: Desk, end: str) -> None:
    """Not even by a letter that was written while the server was away."""
    await desk.reminded()
    request = ask(desk.fed, "question")
    desk.at(7)
    desk.box.replies = ["451 4.3.0 later"]
    assert await desk.round() == []
    match end:
        case "answered":
            reply(desk.fed, request)
        case "closed":
            ask(desk.fed, "question", data={"status": "closed"})
        case _:
            withdraw(desk.fed, request)
    desk.at(1)
    desk.fresh_process()
    assert await desk.round() == []
    assert {state for state, *_ in await desk.letters()} == {"passed"}


async def test_a_new_day_is_reminded_of_anew(desk: Desk) -> None:
    """And the letter that was written for the old one is not sent."""
    await desk.reminded()
    ask(desk.fed, "question")
    desk.at(7)
    assert len(await desk.round()) == 1
    ask(desk.fed, "question", "2026-04-27")
    desk.at(1)
    assert await desk.round() == [], "the new day is eight days away"
    desk.at(0)
    assert len(await desk.round()) == 1


async def test_at_night_it_waits_for_the_morning(desk: Desk) -> None:
    await desk.reminded()
    ask(desk.fed, "question")
    desk.now = datetime(2026, 4, 13, 22, tzinfo=UTC)
    assert await desk.round() == []
    desk.now = datetime(2026, 4, 14, 7, tzinfo=UTC)
    assert len(await desk.round()) == 1


async def test_only_who_asked_for_reminders_and_only_for_their_body(desk: Desk) -> None:
    await desk.subscribe()
    await desk.reminded(COMMISSION_BF, "autre@example.org")
    ask(desk.fed, "question")
    desk.at(3)
    assert await desk.round() == []


async def test_a_body_that_was_struck_off_is_told_nothing(desk: Desk) -> None:
    """Between the writing of the letter and its sending."""
    await desk.reminded()
    ask(desk.fed, "question")
    desk.at(7)
    desk.box.replies = ["451 4.3.0 later"]
    await desk.round()
    over: dict[str, Any] = {"valid_to": "2026-04-13T10:00:00Z"}
    bodies = [body_row(source, **(over if source == US else {})) for source in SOURCES]
    assert desk.fed.desk.registry.offer(registry_value(version=2, bodies=bodies))
    desk.at(6)
    assert await desk.round() == []
    assert {state for state, *_ in await desk.letters()} == {"passed"}


@pytest.mark.parametrize(("box", "wanted"), [({"rappels": "1"}, True), ({}, False)])
async def test_a_box_on_the_page_asks_for_them(desk: Desk, box: dict[str, str], wanted: bool) -> None:
    async with browsing(desk) as browser:
        page = (await browser.get("/agenda/courriels")).text
        assert 'name="rappels" type="checkbox" value="1" checked' in page
        sent = await browser.post("/agenda/courriels", data=form(desk, browser, courriel=MEMBER) | box)
        assert sent.status_code == 200
        (listed,) = await desk.postman.subscriptions.listed(US)
        assert listed.reminders is wanted
        assert ("et rappels" in (await browser.get("/agenda/courriels")).text) is wanted
