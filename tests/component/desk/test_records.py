"""Reading by position: every filter, pages without holes, one notice, its exact bytes."""

import base64
import hashlib
import json
from typing import Any

import httpx
import pytest

from tests.component.desk.conftest import Fed
from tests.support.notices import (
    COMMISSION_BF,
    COMMISSION_ML,
    COMMISSION_NE,
    OBSERVATORY_NE,
    data_of,
)


async def read(client: httpx.AsyncClient, path: str = "/v1/records", **query: Any) -> dict[str, Any]:
    answer = await client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def ids(page: dict[str, Any]) -> list[str]:
    return [record["event"]["id"] for record in page["records"]]


async def test_pages_follow_one_another_without_hole_or_repeat(fed: Fed) -> None:
    """`next` leads through the whole feed; the last page is complete through the head."""
    said = [fed.feed.say(tlp="GREEN").id for _ in range(7)]
    await fed.take()
    seen, cursor, pages = [], 0, 0
    async with fed.client(COMMISSION_ML) as client:
        while True:
            page = await read(client, limit=3, cursor=cursor)
            seen += ids(page)
            cursor, pages = page["next"], pages + 1
            if not page["more"]:
                break
    assert seen == said
    assert pages == 3
    assert page["complete_through"] == page["next"] == 7


async def test_the_newest_first_and_back(fed: Fed) -> None:
    """`order=desc` begins at the end and goes on towards the beginning."""
    said = [fed.feed.say(tlp="CLEAR").id for _ in range(5)]
    await fed.take()
    async with fed.client() as client:
        first = await read(client, order="desc", limit=2)
        second = await read(client, order="desc", limit=2, cursor=first["next"])
    assert ids(first) + ids(second) == said[:0:-1]


FILTERS: list[tuple[dict[str, Any], set[str]]] = [
    ({"type": "monitor.alert"}, {"alert"}),
    ({"type": ["monitor.alert", "law.item"]}, {"alert", "law"}),
    ({"profile": "alerte"}, {"alert"}),
    ({"origin": "ne"}, {"alert", "report"}),
    ({"origin": ["ne", "bf"]}, {"alert", "report", "law"}),
    ({"area": "ne-tillaberi"}, {"alert"}),
    ({"area": ["ne-tillaberi", "ml-gao"]}, {"alert", "meeting"}),
    ({"body": OBSERVATORY_NE}, {"report"}),
    ({"severity": "Severe"}, {"alert"}),
    ({"lang": "en"}, {"law"}),
    ({"thread": "law/temoins"}, {"law"}),
    ({"since": "2026-03-02T09:03:00Z"}, {"report", "law"}),
    ({"until": "2026-03-02T09:02:00Z"}, {"meeting", "alert"}),
    ({"since": "2026-03-03"}, set()),
    ({"until": "2026-03-02"}, {"meeting", "alert", "report", "law"}),
    ({"origin": "ne", "type": "monitor.report"}, {"report"}),
    ({"origin": "bf", "type": "monitor.report"}, set()),
]


@pytest.mark.parametrize(("query", "expected"), FILTERS, ids=lambda value: json.dumps(value, default=sorted))
async def test_each_filter(fed: Fed, query: dict[str, Any], expected: set[str]) -> None:
    """Any value within a filter, all filters together, the same in the list and in the feed."""
    alert = data_of("monitor.alert")
    alert |= {"severity": "Severe", "head": alert["head"] | {"areas": ["ne-tillaberi"]}}
    meeting = data_of("agenda.meeting")
    meeting["head"] |= {"areas": ["ml-gao"]}
    said = {
        "meeting": fed.feed.say("agenda.meeting", COMMISSION_ML, tlp="CLEAR", data=meeting),
        "alert": fed.feed.say("monitor.alert", COMMISSION_NE, tlp="CLEAR", data=alert),
        "report": fed.feed.say("monitor.report", OBSERVATORY_NE, tlp="CLEAR"),
        "law": fed.feed.say("law.item", COMMISSION_BF, tlp="CLEAR", lang="en", subject="law/temoins"),
    }
    await fed.take()
    names = {event.id: name for name, event in said.items()}
    async with fed.client() as client:
        page = await read(client, **query)
        atom = (await client.get("/feed.atom", params=query)).text
    assert {names[i] for i in ids(page)} == expected
    assert {name for i, name in names.items() if i in atom} == expected


async def test_the_exact_bytes_come_back(fed: Fed) -> None:
    """The envelope is the archived one, byte for byte; the record's event is the signed payload."""
    event = fed.feed.say(tlp="CLEAR", full=True)
    await fed.take()
    sealed = (fed.feed.entries[0].envelope or "").encode()
    async with fed.client() as client:
        exact = await client.get("/v1/records/1/envelope")
        record = await client.get("/v1/records/1")
    assert exact.content == sealed
    assert exact.headers["content-type"] == "application/vnd.dsse+json"
    payload = base64.b64decode(json.loads(sealed)["payload"])
    assert payload in record.content
    found = record.json()
    assert found["digest"] == hashlib.sha256(payload).hexdigest()
    assert found["event"]["id"] == event.id
    assert found["links"]["page"] == f"/avis{event.source}/{event.id}"


async def test_what_is_not_there_has_its_code(fed: Fed) -> None:
    """A number without a notice, a bad cursor, a bad filter: each its own code, in both languages."""
    fed.feed.say(tlp="CLEAR")
    await fed.take()
    async with fed.client() as client:
        answers = {
            "refused.request.notice": await client.get("/v1/records/2"),
            "refused.cursor": await client.get("/v1/records", params={"cursor": "x"}),
            "refused.request": await client.get("/v1/records", params={"since": "hier"}),
        }
        odd = [
            await client.get("/v1/records", params={"origin": "fr"}),
            await client.get("/v1/records", params={"area": "a\0b"}),
            await client.get("/v1/records/99999999999999999999999"),
            await client.get("/v1/records", params={"limit": 100_000}),
        ]
    for code, answer in answers.items():
        assert answer.json()["code"] == code
        assert answer.json()["detail_fr"] != answer.json()["detail_en"]
        assert answer.headers["content-type"] == "application/problem+json"
    assert {answer.json()["code"] for answer in odd} == {"refused.request"}


async def test_an_answer_is_not_carried_twice(fed: Fed) -> None:
    """The same answer again is `304` and empty; a new notice makes it whole again."""
    fed.feed.say(tlp="CLEAR")
    await fed.take()
    for path in ("/v1/records", "/feed.atom", "/v1/records/1"):
        async with fed.client() as client:
            first = await client.get(path)
            again = await client.get(path, headers={"If-None-Match": first.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")
    fed.feed.say(tlp="CLEAR")
    await fed.take()
    async with fed.client() as client:
        fresh = await client.get("/v1/records", headers={"If-None-Match": first.headers["etag"]})
    assert fresh.status_code == 200
