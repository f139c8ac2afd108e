"""Convocations by mail, through a real SMTP server and a real database: who gets what, once, and only after asking."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pytest
from icalendar import Calendar
from sqlalchemy import func, select, update

from tamani.desk.agenda.asked import Asked
from tamani.desk.app import build_app
from tamani.desk.demands.search import told_of
from tamani.desk.mail.postman import Postman, server_of
from tamani.desk.pages.guard import FIELD
from tamani.desk.rebuild import rebuild
from tamani.desk.tables import mail_outbox, mail_subscription
from tamani.runtime.accounts.sessions import form_token
from tests.component.desk.conftest import Fed
from tests.component.desk.test_agenda import convene
from tests.support.mail import PASSWORD, USER, Box, self_signed, smtp_server
from tests.support.notices import COMMISSION_ML, COMMISSION_NE, OBSERVATORY_ML, data_of
from tests.support.ports import free_ports

pytestmark = pytest.mark.postgres
MEMBER = "membre@example.org"
# The archive of the tests records in March 2026, the first notice a minute after nine.
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WHEN = datetime(2026, 12, 8, 9, tzinfo=UTC)
BASE = "https://bureau.example.ml"
ANY = {"Accept": "*/*"}


class Bureau:
    """A desk that sends mail to one server; its clock is turned by hand."""

    def __init__(self, fed: Fed, box: Box, **changes: Any) -> None:
        self.fed, self.box, self.now = fed, box, NOW
        given = {"mail_host": "127.0.0.1", "mail_port": box.port, "mail_security": "none", "public_url": BASE}
        settings = fed.desk.settings.model_copy(update=given | {"mail_sender": "agenda@example.ml"} | changes)
        fed.desk.settings, fed.desk.clock = settings, lambda: self.now
        self.settings = settings
        self.fresh_process()

    def fresh_process(self) -> Postman:
        """A postman that knows nothing but the database, as after a restart."""
        desk = self.fed.desk
        self.postman = Postman(
            self.settings,
            desk.database,
            desk.registry,
            told=told_of(desk.queries),
            opener=desk.opener,
            clock=lambda: self.now,
        )
        self.fed.desk.postman = self.postman
        return self.postman

    async def subscribe(self, body: str = COMMISSION_ML, address: str = MEMBER, asked: Asked | None = None) -> int:
        """A confirmed subscription; the mail that asked is put aside."""
        made, secret = await self.postman.subscriptions.ask(address, body, "fr", asked or Asked())
        assert await self.postman.subscriptions.confirm(secret)
        return made.number

    async def round(self) -> list[EmailMessage]:
        """Take in what was said, go round; what was sent."""
        await self.fed.take()
        known = len(self.box.mails)
        await self.postman.round()
        return self.box.mails[known:]

    async def letters(self) -> list[tuple[str, int, int | None]]:
        """State, attempts and last reply of every letter."""
        columns = mail_outbox.c.state, mail_outbox.c.attempts, mail_outbox.c.reply
        async with self.fed.desk.database.reading() as connection:
            rows = await connection.execute(select(*columns).order_by(mail_outbox.c.number))
            return [tuple(row) for row in rows]


@pytest.fixture
async def bureau(fed: Fed) -> AsyncIterator[Bureau]:
    async with smtp_server() as box:
        yield Bureau(fed, box)


def calendar_in(mail: EmailMessage) -> Any:
    """Its calendar part, read back: the calendar and its one event."""
    (part,) = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    calendar: Any = Calendar.from_ical(bytes_of(part))
    assert part.get_param("method") == calendar["method"], "RFC 6047 §2.4"
    (event,) = calendar.walk("VEVENT")
    return calendar, event


def bytes_of(part: Any) -> bytes:
    """A part's own bytes."""
    content: bytes = part.get_payload(decode=True) or b""
    return content


def text_of(mail: EmailMessage) -> str:
    """Its plain text."""
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


async def test_convened_changed_called_off(bureau: Bureau) -> None:
    """Three mails to one calendar event: REQUEST, REQUEST with a higher SEQUENCE, CANCEL."""
    await bureau.subscribe()
    convene(bureau.fed, "seance", WHEN, place="Bamako, salle 2")
    (first,) = await bureau.round()
    moved: dict[str, Any] = {"place": "Bamako, salle 2", "head": {"reason": "Le rapporteur est en mission."}}
    convene(bureau.fed, "seance", WHEN + timedelta(days=1), **moved)
    (second,) = await bureau.round()
    convene(bureau.fed, "seance", WHEN + timedelta(days=1), status="cancelled")
    (third,) = await bureau.round()
    assert [mail["Subject"].partition("\u00a0")[0].partition(" :")[0] for mail in (first, second, third)] == [
        "Convocation",
        "Changement",
        "Annulation",
    ]
    found = [calendar_in(mail) for mail in (first, second, third)]
    assert [calendar["method"] for calendar, _ in found] == ["REQUEST", "REQUEST", "CANCEL"]
    assert len({str(event["uid"]) for _, event in found}) == 1
    assert [event["sequence"] for _, event in found] == [0, 1, 2]
    assert [event["status"] for _, event in found] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert found[1][1].start == WHEN + timedelta(days=1)
    assert "Bamako, salle 2" in text_of(first)
    assert "Ancienne date\u00a0: mar. 8 déc. 2026" in text_of(second).replace(" :", "\u00a0:")
    assert "Raison\u00a0: Le rapporteur est en mission." in text_of(second).replace(" :", "\u00a0:")
    assert [event.get("comment") for _, event in found] == [None, "Le rapporteur est en mission.", None]
    assert await bureau.round() == []
    assert {state for state, *_ in await bureau.letters()} == {"sent"}


async def test_each_reader_is_alone_in_their_mail(bureau: Bureau) -> None:
    """One recipient, one attendee, one stop link; no list of readers leaves."""
    await bureau.subscribe()
    await bureau.subscribe(COMMISSION_NE, "autre@example.org")
    convene(bureau.fed, "seance", WHEN, tlp="GREEN")
    mails = await bureau.round()
    assert sorted(bureau.box.readers) == [["autre@example.org"], [MEMBER]]
    for mail, (reader,) in zip(mails, bureau.box.readers, strict=True):
        _, event = calendar_in(mail)
        assert event["attendee"] == f"mailto:{reader}"
        other = ({MEMBER, "autre@example.org"} - {reader}).pop()
        assert other not in mail.as_string() + str(event.to_ical())
    assert len({mail["Message-ID"] for mail in mails}) == 2
    assert len({mail["List-Unsubscribe"] for mail in mails}) == 2


@pytest.mark.parametrize(
    ("tlp", "seen", "hidden"),
    [
        ("CLEAR", ["Mots du titre", "Salle 12", "1. Premier point", "TLP:CLEAR"], []),
        ("GREEN", ["Mots du titre", "ouvrez l’avis", "TLP:GREEN"], ["Salle 12", "Premier point"]),
        ("AMBER", ["Un message vous attend"], ["Mots du titre", "Salle 12", "Premier point", "AMBER", "déc. 2026"]),
    ],
)
async def test_what_a_mail_says_follows_its_label(bureau: Bureau, tlp: str, seen: list[str], hidden: list[str]) -> None:
    """Above CLEAR no venue and no points; above GREEN neither who, what nor when, and no calendar part."""
    await bureau.subscribe()
    audience = {"audience": COMMISSION_ML} if tlp == "AMBER" else {}
    points = [{"rank": 1, "kind": "divers", "title": "Premier point"}]
    said = convene(bureau.fed, "x", WHEN, title="Mots du titre", place="Salle 12", points=points, tlp=tlp, **audience)
    (mail,) = await bureau.round()
    html = mail.get_body(("html",))
    assert html is not None
    both = [text_of(mail), str(html.get_content())]
    whole = mail.as_bytes() + b"".join(bytes_of(part) for part in mail.walk() if not part.is_multipart())
    for words in seen:
        assert all(words in text for text in both), words
    for words in hidden:
        assert words not in mail["Subject"]
        assert words.encode() not in whole, words
    calendars = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    assert len(calendars) == (tlp != "AMBER")
    if tlp == "AMBER":
        assert said.id.encode() not in whole
        assert b"commission-defense" not in whole


async def test_nobody_is_told_what_their_body_may_not_read(bureau: Bureau) -> None:
    """Not even that a message awaits them; nor what was said before they confirmed, nor what is not asked for."""
    convene(bureau.fed, "avant", WHEN)
    await bureau.fed.take()
    bureau.now = NOW + timedelta(minutes=1, seconds=30)
    await bureau.subscribe(OBSERVATORY_ML, asked=Asked(theme=("armes",)))
    convene(bureau.fed, "fermee", WHEN, tlp="AMBER", audience=COMMISSION_ML, head={"themes": ["armes"]})
    convene(bureau.fed, "autre-theme", WHEN)
    convene(bureau.fed, "la-bonne", WHEN, head={"themes": ["armes"]})
    mails = await bureau.round()
    assert [mail["Subject"].rpartition(" ")[2] for mail in mails] == ["la-bonne"]


async def test_who_was_told_is_told_what_becomes_of_it(bureau: Bureau) -> None:
    """Even when the meeting no longer fits their filters."""
    await bureau.subscribe(asked=Asked(theme=("armes",)))
    convene(bureau.fed, "x", WHEN, head={"themes": ["armes"]})
    assert len(await bureau.round()) == 1
    convene(bureau.fed, "x", WHEN, status="cancelled", head={"themes": ["traite"]})
    (mail,) = await bureau.round()
    assert calendar_in(mail)[0]["method"] == "CANCEL"


async def test_a_withdrawal_takes_the_words_back(bureau: Bureau) -> None:
    await bureau.subscribe()
    said = convene(bureau.fed, "x", WHEN, title="Mots retirés")
    await bureau.round()
    target = {"target": {"source": said.source, "id": said.id}}
    bureau.fed.feed.say("withdrawal", subject=said.subject, tlp="CLEAR", data=data_of("withdrawal") | target)
    (mail,) = await bureau.round()
    assert calendar_in(mail)[1]["status"] == "CANCELLED"
    assert "Mots retirés" not in text_of(mail) + mail["Subject"] + calendar_in(mail)[1]["summary"]


async def test_after_an_outage_only_the_newest_is_told(bureau: Bureau) -> None:
    """The server is away for three changes: one mail when it is back, and nothing is lost or doubled."""
    await bureau.subscribe()
    port, bureau.postman.server = bureau.box.port, None
    for day in range(3):
        convene(bureau.fed, "x", WHEN + timedelta(days=day))
    convene(bureau.fed, "y", WHEN)
    bureau.settings = bureau.settings.model_copy(update={"mail_port": free_ports(1)[0]})
    bureau.fresh_process()
    assert await bureau.round() == []
    assert bureau.postman.state == "away"
    assert [state for state, *_ in await bureau.letters()] == ["passed", "passed", "waiting", "waiting"]
    bureau.settings = bureau.settings.model_copy(update={"mail_port": port})
    bureau.fresh_process()
    mails = await bureau.round()
    assert len(mails) == 2
    assert {calendar_in(mail)[1].start for mail in mails} == {WHEN + timedelta(days=2), WHEN}
    assert sorted(state for state, *_ in await bureau.letters()) == ["passed", "passed", "sent", "sent"]
    assert bureau.postman.state == "ok"


async def test_an_outage_is_waited_out_ever_more_slowly(bureau: Bureau) -> None:
    """One attempt, then none for a minute, then for two; a server that is back is found."""
    await bureau.subscribe()
    port = bureau.box.port
    bureau.settings = bureau.settings.model_copy(update={"mail_port": free_ports(1)[0]})
    postman = bureau.fresh_process()
    convene(bureau.fed, "x", WHEN)
    tried = []
    for minutes in (0, 0.5, 1.1, 2, 3.2):
        bureau.now = NOW + timedelta(minutes=minutes)
        await bureau.round()
        tried.append((await bureau.letters())[0][1])
    assert tried == [1, 1, 2, 2, 3]
    postman.server = server_of(bureau.settings.model_copy(update={"mail_port": port}))
    bureau.now = NOW + timedelta(hours=2)
    assert len(await bureau.round()) == 1


async def test_killed_between_sending_and_noting_it_goes_once_more(bureau: Bureau) -> None:
    """The same Message-ID and the same calendar part; after the lease, not before; and then never again."""
    await bureau.subscribe()
    convene(bureau.fed, "x", WHEN)

    class KilledError(BaseException):
        """The process ends here."""

    async def killed(*_: object) -> None:
        raise KilledError

    bureau.postman._note = killed  # type: ignore[method-assign,assignment]
    with pytest.raises(KilledError):
        await bureau.round()
    assert len(bureau.box.mails) == 1
    bureau.fresh_process()
    assert await bureau.round() == []
    bureau.now += timedelta(minutes=4)
    (repeat,) = await bureau.round()
    (first, _) = bureau.box.mails
    assert repeat["Message-ID"] == first["Message-ID"]
    assert calendar_in(repeat)[1].to_ical() == calendar_in(first)[1].to_ical()
    bureau.now += timedelta(hours=5)
    assert await bureau.round() == []


async def test_killed_while_writing_letters_none_is_lost(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cursor moves with the letters or not at all; telling the changes anew doubles nothing."""
    await bureau.subscribe()
    for name in "abc":
        convene(bureau.fed, name, WHEN)
    outbox, seen = bureau.postman.outbox, []
    write = outbox._write

    async def dying(*arguments: Any) -> None:
        seen.append(arguments)
        if len(seen) == 3:
            raise ZeroDivisionError
        await write(*arguments)

    monkeypatch.setattr(outbox, "_write", dying)
    with pytest.raises(ZeroDivisionError):
        await bureau.round()
    assert await bureau.letters() == []
    bureau.fresh_process()
    assert len(await bureau.round()) == 3
    await rebuild(bureau.fed.desk.database, bureau.fed.desk.registry.current, lambda *_: None)
    assert await bureau.round() == []


async def test_a_refusal_for_good_is_noted_and_shown(bureau: Bureau) -> None:
    """550: never tried again, listed on the page and counted; 450: tried again after a minute."""
    await bureau.subscribe()
    convene(bureau.fed, "x", WHEN)
    bureau.box.replies = ["550 no such box"]
    assert await bureau.round() == []
    assert await bureau.letters() == [("failed", 1, 550)]
    bureau.now += timedelta(days=1)
    assert await bureau.round() == []
    (listed,) = await bureau.postman.subscriptions.listed(COMMISSION_ML)
    assert (listed.refused, listed.masked) == (550, "m…@example.org")
    bureau.box.replies = ["450 greylisted"]
    convene(bureau.fed, "y", WHEN)
    assert await bureau.round() == []
    bureau.now += timedelta(minutes=2)
    assert len(await bureau.round()) == 1


async def test_at_night_mail_waits_for_the_morning(bureau: Bureau) -> None:
    """But not what happens within 48 hours of the meeting, or of the hour that it has left."""
    bureau.now = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)
    await bureau.subscribe()
    async with bureau.fed.desk.database.writing() as connection:
        await connection.execute(update(mail_subscription).values(confirmed=NOW))
    convene(bureau.fed, "lointaine", WHEN)
    convene(bureau.fed, "proche", bureau.now + timedelta(hours=40))
    (mail,) = await bureau.round()
    assert "proche" in mail["Subject"]
    convene(bureau.fed, "proche", WHEN)
    assert len(await bureau.round()) == 1
    bureau.now = datetime(2026, 3, 3, 6, 59, tzinfo=UTC)
    assert await bureau.round() == []
    bureau.now = datetime(2026, 3, 3, 7, 0, tzinfo=UTC)
    (mail,) = await bureau.round()
    assert "lointaine" in mail["Subject"]


async def test_a_demo_says_so_in_every_mail(bureau: Bureau) -> None:
    """In the subject, the text, the HTML and the calendar: whoever gets it forwarded sees that it is none."""
    bureau.settings = bureau.settings.model_copy(update={"demo": True})
    bureau.fresh_process()
    await bureau.subscribe()
    convene(bureau.fed, "x", WHEN)
    (mail,) = await bureau.round()
    html = mail.get_body(("html",))
    assert html is not None
    assert mail["Subject"].startswith("Démonstration")
    assert "Démonstration" in text_of(mail)
    assert "Démonstration" in html.get_content()
    assert calendar_in(mail)[1]["description"].startswith("DÉMONSTRATION")


async def test_a_meeting_that_is_over_is_not_told(bureau: Bureau) -> None:
    await bureau.subscribe()
    convene(bureau.fed, "passee", datetime(2026, 1, 1, tzinfo=UTC))
    assert await bureau.round() == []
    assert await bureau.letters() == []


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_mail_goes_encrypted_to_a_server_that_is_trusted(fed: Fed, tmp_path: Path, security: str) -> None:
    """With the password; with an unknown certificate or another password nothing goes, and all waits."""
    certificate, password = self_signed(tmp_path), tmp_path / "password"
    password.write_text(PASSWORD + "\n")
    account = {"mail_security": security, "mail_username": USER, "mail_password_file": password}
    async with smtp_server(security, certificate) as box:
        for wrong in ({"mail_ca_file": None}, {"mail_password_file": certificate, "mail_ca_file": certificate}):
            bureau = Bureau(fed, box, **account | wrong)
            if not fed.feed.entries:
                await bureau.subscribe()
                convene(fed, "x", WHEN)
            assert await bureau.round() == []
            assert bureau.postman.state == "away"
        bureau = Bureau(fed, box, **account, mail_ca_file=certificate)
        assert len(await bureau.round()) == 1
        assert box.encrypted == [True]


@asynccontextmanager
async def browsing(bureau: Bureau) -> AsyncIterator[httpx.AsyncClient]:
    """A browser signed in for the commission of Mali; its forms are of its session."""
    cookie = bureau.fed.cookie(COMMISSION_ML)
    headers = {"Accept": "text/html", "Origin": BASE}
    transport = httpx.ASGITransport(build_app(bureau.fed.desk), client=("127.0.0.1", 1))
    cookies = {bureau.fed.desk.gate.cookie: cookie}
    async with httpx.AsyncClient(transport=transport, base_url=BASE, headers=headers, cookies=cookies) as client:
        yield client


def form(bureau: Bureau, browser: httpx.AsyncClient, **fields: str) -> dict[str, str]:
    """What a form of this browser's session sends."""
    return {FIELD: form_token(browser.cookies[bureau.fed.desk.gate.cookie])} | fields


async def test_asking_confirming_and_stopping(bureau: Bureau) -> None:
    """From the form to the mail and back: nothing is sent before the press, nothing after the stop, no address left."""
    async with browsing(bureau) as browser:
        asking = form(bureau, browser, courriel=MEMBER)
        page = await browser.post("/agenda/courriels?theme=temoins", data=asking)
        assert "Un courriel vient de partir" in page.text
        assert MEMBER not in page.text
        (asked,) = bureau.box.mails
        (link,) = re.findall(rf"{BASE}(/agenda/courriels/confirmer/\S+)", text_of(asked))
        convene(bureau.fed, "trop-tot", WHEN, head={"themes": ["temoins"]})
        assert await bureau.round() == []
        browser.cookies.clear()
        assert "Confirmer" in (await browser.get(link)).text
        assert await bureau.round() == [], "a program that opens links confirms nothing"
        bureau.now += timedelta(minutes=1, seconds=30)
        assert "C’est confirmé" in (await browser.post(link)).text
        assert "Ce lien ne vaut plus" in (await browser.post(link)).text
        convene(bureau.fed, "x", WHEN, head={"themes": ["temoins"]})
        (mail,) = await bureau.round()
        stop = mail["List-Unsubscribe"].strip("<>").removeprefix(BASE)
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert BASE + stop in text_of(mail)
        assert "Arrêter" in (await browser.get(stop)).text
        # RFC 8058 §3.1: a POST of the mail program's own, without cookie, origin or page.
        one_click = httpx.AsyncClient(transport=browser._transport, base_url=BASE)
        done = await one_click.post(stop, data={"List-Unsubscribe": "One-Click"})
        assert done.status_code == 200
        assert (await one_click.post(stop, data={"List-Unsubscribe": "One-Click"})).content == done.content
    convene(bureau.fed, "y", WHEN, head={"themes": ["temoins"]})
    assert await bureau.round() == []
    async with bureau.fed.desk.database.reading() as connection:
        assert await connection.scalar(select(func.count()).select_from(mail_subscription)) == 0
        assert await connection.scalar(select(func.count()).select_from(mail_outbox)) == 0


async def test_a_link_of_two_days_ago_no_longer_holds(bureau: Bureau) -> None:
    _, secret = await bureau.postman.subscriptions.ask(MEMBER, COMMISSION_ML, "fr", Asked())
    bureau.now += timedelta(hours=49)
    assert not await bureau.postman.subscriptions.confirm(secret)


async def test_asking_again_replaces_what_was_asked(bureau: Bureau) -> None:
    """The address is in the table once; the new filters count."""
    await bureau.subscribe(asked=Asked(theme=("armes",)))
    await bureau.subscribe(asked=Asked(theme=("traite",)), address=MEMBER.upper())
    (one,) = await bureau.postman.subscriptions.confirmed()
    assert one.asked.theme == ("traite",)


@pytest.mark.parametrize("address", ["", "x", "a@b", "a b@example.org", "a@example.org\nBcc: b@example.org", "é@x.org"])
async def test_what_is_no_address_is_refused(bureau: Bureau, address: str) -> None:
    async with browsing(bureau) as browser:
        json = {"Accept": "application/json"}
        answer = await browser.post("/agenda/courriels", data=form(bureau, browser, courriel=address), headers=json)
    assert (answer.status_code, answer.json()["code"]) == (422, "refused.mail.address")
    assert bureau.box.mails == []


async def test_the_form_pesters_nobody(bureau: Bureau) -> None:
    """Three requests that nobody confirmed are enough for one address."""
    async with browsing(bureau) as browser:
        asking = form(bureau, browser, courriel=MEMBER)
        for _ in range(3):
            assert (await browser.post("/agenda/courriels", data=asking)).status_code == 200
        answer = await browser.post("/agenda/courriels", data=asking, headers=ANY)
        assert (answer.status_code, answer.json()["code"]) == (429, "refused.mail.many")
        elsewhere = {"Origin": "https://ailleurs.test"}
        assert (await browser.post("/agenda/courriels", headers=elsewhere)).status_code == 403
    assert len(bureau.box.mails) == 3


async def test_a_server_that_is_away_is_told_at_once(bureau: Bureau) -> None:
    """And the address is forgotten; so it is when the server refuses it."""
    bureau.box.replies = ["550 no such box"]
    async with browsing(bureau) as browser:
        asking = form(bureau, browser, courriel=MEMBER)
        refused = await browser.post("/agenda/courriels", data=asking, headers=ANY)
        assert refused.json()["code"] == "refused.mail.address"
        bureau.settings = bureau.settings.model_copy(update={"mail_port": free_ports(1)[0]})
        bureau.fresh_process()
        away = await browser.post("/agenda/courriels", data=asking, headers=ANY)
        assert (away.status_code, away.json()["code"]) == (503, "failed.mail")
    assert await bureau.postman.subscriptions.listed(COMMISSION_ML) == []


async def test_without_a_server_no_mail_is_promised(bureau: Bureau) -> None:
    """The page says so, the health too, and the postman sends nothing."""
    bureau.settings = bureau.settings.model_copy(update={"mail_host": None})
    bureau.fresh_process()
    async with browsing(bureau) as browser:
        asking = form(bureau, browser, courriel=MEMBER)
        page = (await browser.get("/agenda/courriels")).text
        assert "aucun serveur n’est réglé" in page
        assert 'name="courriel"' not in page
        assert (await browser.get("/healthz", headers=ANY)).json()["mail"] == "off"
        answer = await browser.post("/agenda/courriels", data=asking, headers=ANY)
        assert answer.json()["code"] == "failed.mail"


async def test_a_body_sees_and_deletes_its_own_alone(bureau: Bureau) -> None:
    """Addresses are masked, even to those who asked for them."""
    await bureau.subscribe()
    other = await bureau.subscribe(COMMISSION_NE, "voisin@example.net")
    async with browsing(bureau) as browser:
        page = (await browser.get("/agenda/courriels")).text
        assert "m…@example.org" in page
        assert "example.net" not in page
        await browser.post(f"/agenda/courriels/{other}/supprimer", data=form(bureau, browser))
        assert len(await bureau.postman.subscriptions.confirmed()) == 2
        (number,) = re.findall(r"/agenda/courriels/(\d+)/supprimer", page)
        assert (
            await browser.post(f"/agenda/courriels/{number}/supprimer", data=form(bureau, browser))
        ).status_code == 303
    (left,) = await bureau.postman.subscriptions.confirmed()
    assert left.address == "voisin@example.net"


async def test_the_figures_tell_what_waits_and_what_failed(bureau: Bureau) -> None:
    await bureau.subscribe()
    bureau.box.replies = ["550 no", "450 later"]
    convene(bureau.fed, "x", WHEN)
    convene(bureau.fed, "y", WHEN)
    await bureau.round()
    async with browsing(bureau) as browser:
        figures = (await browser.get("/metrics")).text
    assert "tamani_desk_mail_failed 1.0" in figures
    assert "tamani_desk_mail_waiting 1.0" in figures
