"""What must not travel open is written at the desk like anything else: the page says who opens it, the node seals it.

The node is a real one on the same folder, as in a site.
"""

import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog

from tamani.core.envelope import decode_envelope
from tamani.core.event import Event, decode_event
from tamani.core.sealing import open_sealed
from tamani.desk.posting import Posting as Api
from tamani.desk.service import Desk
from tamani.node.tables import capsule
from tests.component.desk.test_door import browser_of, fill, make
from tests.component.desk.test_publish import new_id
from tests.support.notices import COMMISSION_ML, COMMISSION_NE, TOWN_NE
from tests.support.officers import POSTER, session_of
from tests.support.posting import Posting, posting
from tests.support.reading_keys import identity_of

CANARY = "Titre-canari-1893"
CONTACT: dict[str, Any] = {
    "profil": "mise-en-relation",
    "tlp": "RED",
    "d.head.title": CANARY,
    "d.addressed_to": [TOWN_NE],
    "d.need": "prevention-conflit",
    "d.due": "2026-03-20",
    "d.from_place": "Commune-canari",
}


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Posting]:
    """The node of Mali."""
    async with posting(tmp_path) as made:
        yield made


@pytest.fixture
async def desk(tmp_path: Path, node: Posting) -> AsyncIterator[Desk]:
    """The desk beside it."""
    made = make(tmp_path, node.clock)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(node.app), base_url="http://node") as api:
        made.posting = Api(api)
        yield made


@pytest.fixture
async def browser(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    """The browser of an officer of Mali's commission who may post."""
    async with browser_of(desk) as client:
        client.cookies.set("tamani_session", session_of(desk.accounts, COMMISSION_ML, POSTER))
        yield client


async def send(browser: httpx.AsyncClient, act: str, kind: str, **fields: Any) -> httpx.Response:
    given = {"acte": act, "id": await new_id(browser, kind)} | fields
    return await fill(browser, f"/publier/{kind}?profil={fields['profil']}", f"/publier/{kind}", **given)


async def inner(node: Posting, reader: str) -> tuple[Event, Event]:
    """What travels, and what this reader finds in it."""
    (row,) = await node.rows()
    outer = decode_event(decode_envelope(row["value"]).payload)
    origin = reader.split("/")[1]
    found = await node.outbox.read(lambda c: c.execute(capsule.select().where(capsule.c.origin == origin)).all())
    return outer, open_sealed(outer, found[0].value, [identity_of(reader)])


async def test_a_contact_is_asked_for_and_sealed_for_its_addressee(
    browser: httpx.AsyncClient, node: Posting, desk: Desk, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """Who can open it is named, the addressee without being ticked twice; nothing of it stays anywhere."""
    with caplog.at_level(logging.DEBUG), structlog.testing.capture_logs() as logs:
        page = await browser.get("/publier/exchange.request?profil=mise-en-relation")
        assert 'value="GREEN"' not in page.text.partition('id="tlp"')[2].partition("</select>")[0]
        check = await send(browser, "relire", "exchange.request", **CONTACT)
        assert check.status_code == 200, check.text
        section = check.text.partition("Cet avis sera scellé")[2].partition("</section>")[0]
        assert "2 organismes, et personne d’autre" in section
        assert all(desk.registry.current.name(one, "fr") in section for one in (COMMISSION_ML, TOWN_NE))
        assert "ni le titre, ni le texte" in section
        assert CANARY not in check.text.partition("<title>")[2].partition("</title>")[0]
        assert await node.rows() == []
        sent = await send(browser, "publier", "exchange.request", **CONTACT)
    assert sent.status_code == 303, sent.text
    outer, within = await inner(node, TOWN_NE)
    assert (outer.kind, outer.tlp, outer.readers) == ("sealed", "RED", (TOWN_NE,))
    assert (within.kind, within.profile, within.data["head"]["title"]) == (
        "exchange.request",
        "mise-en-relation",
        CANARY,
    )
    assert (within.data["status"], within.data["addressed_to"]) == ("asked", [TOWN_NE])
    shown = await browser.get(sent.headers["location"])
    assert "Avis scellé" in shown.text
    said = f"{caplog.text} {logs} {sent.headers} {shown.text} {await node.rows()}"
    assert "canari" not in said
    stored = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in stored if b"canari" in path.read_bytes()]


@pytest.mark.parametrize(
    ("tlp", "more"), [("RED", {}), ("AMBER+STRICT", {}), ("AMBER", {"d.head.caveats": ["witness"]})]
)
async def test_any_notice_is_sealed_by_its_label_or_by_whom_it_could_harm(
    browser: httpx.AsyncClient, node: Posting, tlp: str, more: dict[str, Any]
) -> None:
    given = {"profil": "divers", "tlp": tlp, "d.head.title": CANARY, "audience": [COMMISSION_NE], **more}
    check = await send(browser, "relire", "agenda.item", **given)
    assert "Cet avis sera scellé" in check.text
    assert (await send(browser, "publier", "agenda.item", **given)).status_code == 303
    outer, within = await inner(node, COMMISSION_NE)
    assert (outer.kind, outer.tlp, within.data["head"]["title"]) == ("sealed", tlp, CANARY)


async def test_what_cannot_be_sealed_is_said_before_anything_is(
    browser: httpx.AsyncClient, node: Posting, desk: Desk
) -> None:
    """A label that says who reads; a reading key for each of them, or their name."""
    low = {"profil": "divers", "tlp": "GREEN", "d.head.title": CANARY, "d.head.caveats": ["witness"]}
    for act in ("relire", "publier"):
        page = await send(browser, act, "agenda.item", **low)
        assert page.status_code == 422
    page = await send(browser, "relire", "agenda.item", **low)
    assert "choisissez TLP:AMBER ou plus strict" in page.text
    known = desk.registry.current
    left = tuple(row for row in known.recipients if row.body != TOWN_NE)
    desk.registry._current = known.model_copy(update={"recipients": left})
    page = await send(browser, "relire", "exchange.request", **CONTACT)
    assert page.status_code == 422
    assert known.name(TOWN_NE, "fr") in page.text.partition('class="note stop"')[2]
    assert CANARY in page.text, "what was typed is still in the form"
    assert await node.rows() == []
