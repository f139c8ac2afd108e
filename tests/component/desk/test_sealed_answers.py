"""A sealed request waits in the inbox without a word of it, and is answered, sealed, from its opened page.

Desk, database and node are real; the node asks the desk for threads, as in a site.
"""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from tamani.cli.beside import BesideDesk
from tamani.core.envelope import decode_envelope
from tamani.core.event import Event, decode_event
from tamani.core.names import Country
from tamani.core.sealing import SealedNotice, open_sealed
from tamani.desk.posting import Posting as Api
from tamani.desk.tables import demand, mail_outbox
from tamani.node import capsules as sent_with
from tests.component.desk.feeds import FIRST
from tests.component.desk.test_door import fill
from tests.component.desk.test_reminders import Desk as Reminded
from tests.component.desk.test_sealed import CANARY, NAMED, WRITER, Reading, page_of, reading
from tests.support.mail import smtp_server
from tests.support.notices import OBSERVATORY_ML, data_of, new_id
from tests.support.officers import POSTER, READER, session_of
from tests.support.posting import Posting, posting
from tests.support.reading_keys import identity_of

__all__ = ["reading"]
pytestmark = pytest.mark.postgres
WAITS = "Un avis scellé attend une réponse"
OURS = "Un avis scellé de votre organisme attend une réponse"


@pytest.fixture
async def node(reading: Reading, tmp_path: Path) -> AsyncIterator[Posting]:
    """The node of Mali beside the desk."""
    beside = BesideDesk()
    beside.queries = reading.fed.desk.queries
    async with posting(tmp_path, Country.ML, beside=beside, named=beside.named) as made:
        made.clock.at = FIRST + timedelta(hours=1)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(made.app), base_url="http://node") as api:
            reading.fed.desk.posting = Api(api)
            yield made


@pytest.fixture
async def site(reading: Reading, node: Posting) -> AsyncIterator[httpx.AsyncClient]:
    """The browser of an officer of the body that is named, who may post."""
    async with browsing(reading) as browser:
        yield browser


def browsing(
    reading: Reading, body: str = NAMED, roles: Any = POSTER, function: str = "Secrétaire de séance"
) -> httpx.AsyncClient:
    browser = reading.fed.client()
    browser.headers["Accept"] = "text/html"
    browser.cookies.set("tamani_session", session_of(reading.fed.desk.accounts, body, roles, function))
    return browser


async def contact(reading: Reading, **changes: Any) -> SealedNotice:
    """A request to be put in contact, for Mali's commission unless told otherwise."""
    data = data_of("exchange.request", profile="mise-en-relation") | {"addressed_to": [NAMED], "due": "2026-03-20"}
    data |= {"head": {"title": CANARY}} | changes.pop("data", {})
    return await reading.say(kind="exchange.request", profile="mise-en-relation", data=data, **changes)


async def question(reading: Reading, **changes: Any) -> SealedNotice:
    """One that is sealed for whom it could harm, under TLP:AMBER."""
    data = data_of("exchange.request", profile="question") | {"addressed_to": [NAMED], "due": "2026-03-20"}
    data["head"] = {"title": CANARY, "caveats": ["witness"]}
    given: dict[str, Any] = {"profile": "question", "tlp": "AMBER", "data": data}
    return await reading.say(kind="exchange.request", **(given | changes))


async def left(node: Posting, reader: str = WRITER) -> tuple[Event, Event]:
    """The last notice in the outbox: what travels, and what this reader finds within."""
    row = (await node.rows())[-1]
    files = await node.outbox.read(lambda c: sent_with.of_rows(c, [row["row_no"]]))
    outer = decode_event(decode_envelope(row["value"]).payload)
    capsule = next(one.value for one in files[row["row_no"]] if one.origin is Country(reader[1:3]))
    return outer, open_sealed(outer, capsule, [identity_of(reader)])


async def comes_back(reading: Reading, node: Posting) -> None:
    """The same at the desk, archived, with its key."""
    row = (await node.rows())[-1]
    files = await node.outbox.read(lambda c: sent_with.of_rows(c, [row["row_no"]]))
    reading.fed.feed.append_value(row["value"])
    await reading.fed.take()
    await reading.bring(*(one.value for one in files[row["row_no"]] if one.origin is Country.ML), offset=50)


async def test_what_is_sealed_waits_without_a_word_of_it(reading: Reading, site: httpx.AsyncClient) -> None:
    """Who asks and until when; nothing for others of the site; a sealed report asks nothing; no table knows it."""
    request = (await contact(reading)).event
    await reading.say()
    home = (await site.get("/accueil")).text
    assert home.count(WAITS) == 1
    line = home.partition(WAITS)[0].rpartition("<li")[2] + home.partition(WAITS)[2].partition("</li>")[0]
    assert f'href="{page_of(request)}/ouvert"' in line
    assert "Commission de défense (Niger)" in line
    assert "20 mars" in line
    assert CANARY not in home
    async with browsing(reading, OBSERVATORY_ML) as stranger:
        assert WAITS not in (await stranger.get("/accueil")).text
    async with reading.fed.desk.database.reading() as connection:
        assert await connection.scalar(select(func.count()).select_from(demand)) == 0


@pytest.mark.parametrize("end", [{"status": "closed"}, {"status": "withdrawn"}])
async def test_what_was_closed_asks_nothing(reading: Reading, site: httpx.AsyncClient, end: dict[str, str]) -> None:
    first = await contact(reading)
    await contact(reading, subject=first.event.subject, data=end)
    assert WAITS not in (await site.get("/accueil")).text


async def test_a_request_that_cannot_be_opened_yet_is_not_counted(reading: Reading, site: httpx.AsyncClient) -> None:
    late = await contact(reading, arrives=False)
    assert WAITS not in (await site.get("/accueil")).text
    await reading.bring(late.capsules[Country.ML])
    assert WAITS in (await site.get("/accueil")).text


async def test_it_is_answered_sealed_from_its_opened_page(
    reading: Reading, site: httpx.AsyncClient, node: Posting, tmp_path: Path
) -> None:
    """In its thread, under its label, for who asks; then nothing waits, and no word of it is on the disk."""
    request = (await contact(reading)).event
    opened = (await site.get(page_of(request) + "/ouvert")).text
    assert f'href="{page_of(request)}/repondre"' in opened
    for act in ("/transmettre", "/suite/translation"):
        assert act not in opened
    form = await site.get(page_of(request) + "/repondre")
    assert re.findall(r'<option value="([A-Z+]+)"[^>]*>TLP', form.text) == ["RED"]
    assert form.headers["cache-control"] == "no-store"
    answer = "Réponse-canari-1894"
    given = {"id": new_id(), "tlp": "RED", "d.head.title": answer, "d.answer": "answered", "d.contact": "etabli"}
    check = await fill(site, page_of(request) + "/repondre", **given, acte="relire")
    assert "Cet avis sera scellé" in check.text
    wider = await fill(site, page_of(request) + "/repondre", **given | {"tlp": "AMBER"}, acte="publier")
    assert (wider.status_code, await node.rows()) == (403, [])
    sent = await fill(site, page_of(request) + "/repondre", **given, acte="publier")
    assert sent.status_code == 303, sent.text
    outer, within = await left(node)
    assert (outer.kind, outer.subject, outer.tlp, outer.readers) == ("sealed", request.subject, "RED", (WRITER,))
    assert (within.kind, within.profile, within.data["contact"]) == ("exchange.answer", "mise-en-relation", "etabli")
    assert within.data["target"] == {"source": request.source, "id": request.id}
    await comes_back(reading, node)
    assert WAITS not in (await site.get("/accueil")).text
    assert "A répondu" in (await site.get(page_of(request) + "/ouvert")).text
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"canari" not in written


async def test_what_speaks_of_it_is_sealed_whatever_its_own_label(
    reading: Reading, site: httpx.AsyncClient, node: Posting, tmp_path: Path
) -> None:
    """An acknowledgement of something sealed for a witness: its title would tell."""
    request = (await question(reading)).event
    opened = (await site.get(page_of(request) + "/ouvert")).text
    assert "/suite/ack%3Areceived" in opened
    token = re.findall(r'name="(id|vu)" value="([^"]+)"', opened)
    path = page_of(request) + "/suite/ack:received"
    sent = await fill(site, page_of(request) + "/ouvert", path, **dict(token), acte="publier")
    assert sent.status_code == 303, sent.text
    outer, within = await left(node)
    assert (outer.kind, outer.subject, outer.tlp) == ("sealed", request.subject, "AMBER")
    assert (within.kind, within.data["level"]) == ("ack", "received")
    assert CANARY in within.head["title"]
    await comes_back(reading, node)
    assert WAITS in (await site.get("/accueil")).text, "having received it is no answer"
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"canari" not in written


async def test_ones_own_is_updated_corrected_and_withdrawn(
    reading: Reading, site: httpx.AsyncClient, node: Posting
) -> None:
    """Its readers cannot be changed; who has not answered is seen among our requests."""
    ours = (await contact(reading, source=NAMED, audience=WRITER, data={"addressed_to": [WRITER]})).event
    waits = (await site.get("/demandes")).text
    assert OURS in waits
    assert f'href="{page_of(ours)}/ouvert"' in waits
    assert CANARY not in waits
    form = (await site.get(page_of(ours) + "/suite/version:asked")).text
    assert 'name="audience"' not in form
    given = dict(re.findall(r'name="(id|vu)" value="([^"]+)"', form))
    fields: dict[str, Any] = {"d.head.title": CANARY, "d.addressed_to": [WRITER], "d.need": "entraide"}
    fields |= {"d.due": "2026-03-25", "d.urgency": "normale"} | given
    path = page_of(ours) + "/suite/version:asked"
    sent = await fill(site, path, **fields, acte="publier")
    assert sent.status_code == 303, sent.text
    outer, within = await left(node)
    assert (outer.subject, outer.readers, within.data["due"]) == (ours.subject, (WRITER,), "2026-03-25")
    await comes_back(reading, node)
    assert "25 mars" in (await site.get("/demandes")).text
    path = page_of(within) + "/suite/"
    for deed, more in (("correction", {"d.reason": "Le jour"}), ("withdrawal", {"d.reason": "erreur"})):
        sent = await fill(site, path + deed, id=new_id(), **more, acte="publier")
        assert sent.status_code == 303, sent.text
        outer, said = await left(node)
        assert (outer.kind, outer.subject, said.kind) == ("sealed", ours.subject, deed)
        await comes_back(reading, node)
    assert "20 mars" in (await site.get("/demandes")).text, "what it had replaced is in force again"
    assert "Avis retiré par son organisme" in (await site.get(page_of(within) + "/ouvert")).text


async def test_ones_own_answer_is_withdrawn_from_anothers_sealed_thread(
    reading: Reading, site: httpx.AsyncClient, node: Posting
) -> None:
    request = (await contact(reading)).event
    given = {"id": new_id(), "tlp": "RED", "d.head.title": "Oui", "d.answer": "answered", "d.contact": "etabli"}
    await fill(site, page_of(request) + "/repondre", **given, acte="publier")
    answer, _ = await left(node)
    await comes_back(reading, node)
    sent = await fill(
        site, page_of(answer) + "/suite/withdrawal", id=new_id(), acte="publier", **{"d.reason": "erreur"}
    )
    assert sent.status_code == 303, sent.text
    _, said = await left(node)
    assert said.data["target"] == {"source": NAMED, "id": answer.id, "thread": WRITER}
    await comes_back(reading, node)
    assert WAITS in (await site.get("/accueil")).text, "what was taken back is no answer"


async def test_it_is_neither_passed_on_nor_acted_on_by_a_reader(reading: Reading, site: httpx.AsyncClient) -> None:
    request = (await contact(reading)).event
    for act in ("/transmettre", "/suite/translation"):
        assert (await site.get(page_of(request) + act)).status_code in {404, 409}
    async with browsing(reading, roles=READER, function="Lecture") as reader:
        opened = (await reader.get(page_of(request) + "/ouvert")).text
        assert CANARY in opened
        assert "/repondre" not in opened
        assert "/suite/" not in opened
        assert (await reader.get(page_of(request) + "/repondre")).status_code == 403
    async with browsing(reading, OBSERVATORY_ML) as stranger:
        for act in ("/repondre", "/suite/withdrawal"):
            assert (await stranger.get(page_of(request) + act)).status_code == 404


async def test_a_draft_of_an_answer_is_kept_as_what_is_sealed(reading: Reading, site: httpx.AsyncClient) -> None:
    """For a week, and never shared, though nothing in the form itself would have it sealed."""
    request = (await question(reading)).event
    given = {"id": new_id(), "tlp": "AMBER", "d.head.title": "Oui", "d.answer": "answered", "d.text": "Oui."}
    shared = await fill(site, page_of(request) + "/repondre", **given, partage="1", acte="garder")
    assert shared.status_code == 409
    kept = await fill(site, page_of(request) + "/repondre", **given, acte="garder")
    assert kept.status_code == 303
    again = await site.get(kept.headers["location"], follow_redirects=True)
    assert (again.status_code, 'value="Oui"' in again.text) == (200, True)


async def test_reminders_of_it_count_from_its_coming(reading: Reading) -> None:
    """A row that counted to its day would tell the day."""
    async with smtp_server() as box:
        desk = Reminded(reading.fed, box)
        await desk.reminded()
        await contact(reading)
        sent = []
        for days in (0, 1, 2, 8, 9, 22, 40):
            desk.now = FIRST + timedelta(days=days, hours=2)
            sent += [days] * len(await desk.round())
        assert sent == [1, 8, 22]
        assert CANARY not in "".join(str(mail) for mail in box.mails)
    async with reading.fed.desk.database.reading() as connection:
        marks = list((await connection.execute(select(mail_outbox.c.reminder))).scalars())
    assert marks == ["sealed/1", "sealed/7", "sealed/21"]
