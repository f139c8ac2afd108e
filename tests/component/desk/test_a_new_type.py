"""A type dropped in as one file: it has a form, a schema and a page, and no line elsewhere was written for it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from tamani.core.catalogue import catalogue
from tamani.core.envelope import decode_envelope
from tamani.core.event import Event, decode_event
from tamani.core.schemas import data_schema, documents
from tamani.desk.posting import Posting as Api
from tests.component.desk.conftest import Fed
from tests.component.desk.test_door import browser_of, make
from tests.component.desk.test_publish import new_id, send
from tests.support.dropped_type import more_types, session_type
from tests.support.notices import COMMISSION_ML, SOURCES, event, key_row, registry, registry_value
from tests.support.officers import POSTER, session_of
from tests.support.posting import posting

KIND = "training.session"
DATA: dict[str, Any] = {"head": {"title": "Formation des greffiers"}, "seats": 12}
KEYS = [key_row(source, rights=[f"{KIND}:*"]) for source in SOURCES]


@pytest.fixture(autouse=True)
def dropped(tmp_path: Path) -> Iterator[None]:
    """The one file."""
    folder = tmp_path / "types"
    folder.mkdir()
    (folder / "training_session_dropped.py").write_text(session_type())
    with more_types(folder):
        yield


def said() -> Event:
    """A notice of the type."""
    kind = catalogue()[KIND]
    meeting = event("agenda.item", COMMISSION_ML, data=DATA)
    return replace(meeting, type=kind.type, dataschema=kind.dataschema, profile="atelier", subject="training/x")


async def test_it_is_published_from_its_form(tmp_path: Path) -> None:
    """What the model requires is asked for, what is wrong is said beside it, what is right is sealed."""
    async with posting(tmp_path) as node:
        desk = make(tmp_path, node.clock)
        assert desk.registry.offer(registry_value(version=2, keys=KEYS))
        node.known.append(registry(version=2, keys=KEYS))
        api = httpx.AsyncClient(transport=httpx.ASGITransport(node.app), base_url="http://node")
        async with api, browser_of(desk) as browser:
            desk.posting = Api(api)
            browser.cookies.set("tamani_session", session_of(desk.accounts, COMMISSION_ML, POSTER))
            form = (await browser.get(f"/publier/{KIND}")).text
            assert [name in form for name in ('name="d.head.title"', 'name="d.seats"', "Places")] == [True] * 3
            typed = {"id": await new_id(browser, KIND), "profil": "atelier", "tlp": "GREEN"}
            typed |= {"d.head.title": DATA["head"]["title"]}
            wrong = await send(browser, "publier", KIND, **typed, **{"d.seats": "0"})
            assert (wrong.status_code, 'id="d-seats-faute"' in wrong.text) == (422, True)
            right = await send(browser, "publier", KIND, **typed, **{"d.seats": "12"})
            assert right.status_code == 303, right.text
        (row,) = await node.rows()
    sealed = decode_event(decode_envelope(row["value"]).payload)
    assert (sealed.kind, sealed.profile, sealed.data) == (KIND, "atelier", DATA)


async def test_it_is_read_on_its_page_and_in_the_list(fed: Fed) -> None:
    """With the labels and words that its file brings along."""
    assert fed.desk.registry.offer(registry_value(version=2, keys=KEYS))
    notice = said()
    fed.feed.append(notice)
    await fed.take()
    async with fed.client(COMMISSION_ML) as reader:
        reader.headers["Accept"] = "text/html"
        page = await reader.get(f"/avis{notice.source}/{notice.id}")
        listed = await reader.get("/", params={"type": KIND})
    assert page.status_code == 200
    assert [word in page.text for word in ("Formation des greffiers", "Atelier", "Places", "Douze")] == [True] * 4
    assert notice.id in listed.text


def test_its_schema_is_emitted_and_says_what_it_takes() -> None:
    schema = json.loads(documents()[data_schema(catalogue()[KIND], "atelier")])
    Draft202012Validator.check_schema(schema)
    judge = Draft202012Validator(schema)
    assert judge.is_valid(DATA)
    assert not judge.is_valid(DATA | {"seats": 0})
