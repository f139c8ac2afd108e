"""A body speaks: sealed, numbered, kept; the same words again are the same notice; two officers leave no gap."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tamani.core.envelope import decode_envelope
from tamani.core.judge import judge
from tamani.core.names import Country, Lane, partition_key
from tamani.core.trust.opening import open_registry
from tamani.core.verdict import Forward
from tests.support.notices import (
    COMMISSION_ML,
    OBSERVATORY_ML,
    TRUSTED,
    Speaker,
    api_body,
    id_of,
    key_of,
    key_row,
    registry,
)
from tests.support.posting import Posting
from tests.support.registries import value_of


async def say(client: httpx.AsyncClient, **changes: object) -> httpx.Response:
    """Post a meeting."""
    return await client.post("/v1/messages", json=api_body(**changes))  # type: ignore[arg-type]


async def test_a_notice_is_kept_sealed_as_the_region_will_want_it(node: Posting) -> None:
    """202 with the id; the row holds an envelope that the judge forwards."""
    async with node.client(COMMISSION_ML) as client:
        answer = await say(client, id=id_of(1), subject="agenda/seance-7")
    assert answer.status_code == 202
    assert answer.headers["location"] == f"/v1/messages/{id_of(1)}"
    (row,) = await node.rows()
    verdict = judge(row["value"], Country.ML, Lane.NORMAL, registry())
    assert isinstance(verdict, Forward)
    said = {name: getattr(verdict.event, name) for name in ("id", "source", "subject", "sequence")}
    assert answer.json() == said | {"state": "waiting", "digest": verdict.digest.hex()}
    assert verdict.event.time == "2026-03-02T09:00:00Z"
    assert row["part_key"] == partition_key(COMMISSION_ML, "agenda/seance-7")


async def test_a_notice_without_id_or_thread_gets_both(node: Posting) -> None:
    """A fresh UUIDv7, and a thread of the type's family named after it."""
    async with node.client(COMMISSION_ML) as client:
        answer = (await say(client)).json()
        alert = (await client.post("/v1/messages", json=api_body("monitor.alert"))).json()
    assert answer["subject"] == f"agenda/{answer['id']}"
    assert alert["subject"] == f"alert/{alert['id']}"
    assert [row["lane"] for row in await node.rows()] == ["normal", "urgent"]


async def test_the_same_post_again_gets_the_first_answer_and_one_row(node: Posting) -> None:
    """Five repeats at once and one after everything has changed: the key suspended, the row archived."""
    async with node.client(COMMISSION_ML) as client:
        first = await say(client, id=id_of(1))
        again = await asyncio.gather(*(say(client, id=id_of(1)) for _ in range(5)))
        node.known.append(registry(version=2, keys=[]))
        late = await say(client, id=id_of(1))
    assert {answer.status_code for answer in (*again, late)} == {202}
    assert [answer.json() for answer in (*again, late)] == [first.json()] * 6
    assert len(await node.rows()) == 1


async def test_ids_belong_to_a_body(node: Posting) -> None:
    """Two bodies may choose the same id; neither sees nor disturbs the other's."""
    async with node.client(COMMISSION_ML) as one, node.client(OBSERVATORY_ML) as other:
        assert (await say(one, id=id_of(1))).status_code == 202
        assert (await say(other, id=id_of(1), tlp="CLEAR")).status_code == 202
        assert (await one.get(f"/v1/messages/{id_of(1)}")).json()["source"] == COMMISSION_ML
        assert (await other.get(f"/v1/messages/{id_of(1)}")).json()["source"] == OBSERVATORY_ML


async def test_two_officers_at_once_leave_no_gap_and_repeat_no_number(node: Posting) -> None:
    """Each lane of the key counts from 1, whoever posts; refused posts in between take no number."""
    async with node.client(COMMISSION_ML) as one, node.client(COMMISSION_ML) as two:
        posts = []
        for number in range(40):
            officer = (one, two)[number % 2]
            kind = "monitor.alert" if number % 5 == 0 else "agenda.meeting"
            tlp = "AMBER" if number % 7 == 3 else "GREEN"  # AMBER to nobody is refused
            posts.append(officer.post("/v1/messages", json=api_body(kind, tlp=tlp)))
        statuses = [answer.status_code for answer in await asyncio.gather(*posts)]
    rows = await node.rows()
    assert statuses.count(202) == len(rows)
    assert 422 in statuses
    for lane in ("normal", "urgent"):
        numbers = [row["sequence"] for row in rows if row["lane"] == lane]
        assert numbers == list(range(1, len(numbers) + 1)), lane
        assert len(numbers) > 3


async def test_an_envelope_sealed_elsewhere_travels_untouched(node: Posting) -> None:
    """Its exact bytes are kept; the body's series goes on after its number; handed over again it is one row."""
    value = Speaker(COMMISSION_ML).seals("agenda.meeting", sequence="41")
    async with node.client(COMMISSION_ML) as client:
        first = await client.post("/v1/envelopes", content=value)
        again = await client.post("/v1/envelopes", content=value)
        next_one = await say(client)
    assert first.status_code == 202, first.text
    assert again.json() == first.json()
    assert next_one.json()["sequence"] == "42"
    assert (await node.rows())[0]["value"] == value


async def test_an_urgent_envelope_takes_the_urgent_lane(node: Posting) -> None:
    """The lane is the thread's."""
    async with node.client(COMMISSION_ML) as client:
        await client.post("/v1/envelopes", content=Speaker(COMMISSION_ML).seals("monitor.alert"))
    assert [row["lane"] for row in await node.rows()] == ["urgent"]


async def test_an_answer_to_ones_own_notice_finds_its_thread(node: Posting) -> None:
    """A correction that names its target and no subject joins the target's thread, on the target's lane."""
    async with node.client(COMMISSION_ML) as client:
        alert = (await client.post("/v1/messages", json=api_body("monitor.alert"))).json()
        data = api_body("correction")["data"] | {"target": {"source": COMMISSION_ML, "id": alert["id"]}}
        answer = await client.post("/v1/messages", json=api_body("correction", data=data))
    assert answer.status_code == 202, answer.text
    assert answer.json()["subject"] == alert["subject"]


async def test_the_newest_key_that_counts_signs(node: Posting) -> None:
    """After a change of keys the old one, retired, signs no more."""
    old, new = key_of(COMMISSION_ML), key_of(COMMISSION_ML, 1)
    node.ground.keystore.keys[new.keyid] = new
    row: dict[str, Any] = {"keyid": new.keyid, "public": new.public.hex(), "body": COMMISSION_ML, "node": "ml"}
    row |= {"rights": ["agenda.meeting:*"], "not_before": "2026-02-01T00:00:00Z"}
    document = json.loads(registry().model_dump_json())
    document["keys"].append(row)
    node.known.append(registry(version=2, keys=document["keys"]))
    async with node.client(COMMISSION_ML) as client:
        await say(client)
    (kept,) = await node.rows()
    assert decode_envelope(kept["value"]).keyid == new.keyid != old.keyid


@pytest.mark.parametrize(("since", "number"), [(timedelta(days=6), 0), (timedelta(days=7), 1)])
async def test_a_key_that_may_still_have_to_wait_signs_only_where_there_is_no_other(
    node: Posting, since: timedelta, number: int
) -> None:
    """For a week the region may put it off; the one before it, which still counts, is taken at once."""
    two = [key_of(COMMISSION_ML, n) for n in range(2)]
    node.ground.keystore.keys[two[1].keyid] = two[1]
    begins = node.ground.clock() - since
    rows = [key_row(COMMISSION_ML), key_row(COMMISSION_ML, 1, not_before=begins)]
    value = value_of(registry((COMMISSION_ML,), 2, keys=rows))
    found = open_registry(value, TRUSTED)
    assert found.standing is not None
    standing = found.standing.model_copy(update={"fresh": (two[1].keyid,)})
    node.known.append(found.model_copy(update={"standing": standing}))
    async with node.client(COMMISSION_ML) as client:
        await say(client)
    (kept,) = await node.rows()
    assert decode_envelope(kept["value"]).keyid == two[number].keyid


async def test_where_a_notice_stands_is_told_in_words(node: Posting) -> None:
    """By id and in the list, newest first, page by page, for its own body alone."""
    async with node.client(COMMISSION_ML) as client, node.client(OBSERVATORY_ML) as other:
        for number in range(1, 6):
            await say(client, id=id_of(number))
        one = (await client.get(f"/v1/messages/{id_of(3)}")).json()
        first = (await client.get("/v1/messages?limit=2")).json()
        rest = (await client.get(f"/v1/messages?limit=5&before={first['next']}")).json()
        nothing = (await other.get("/v1/messages")).json()
        archived = (await client.get("/v1/messages?state=archived")).json()
        still_open = (await client.get("/v1/messages?state=open")).json()
    assert (one["state"], one["state_fr"], one["state_en"]) == ("waiting", "en attente", "waiting")
    assert one["created_at"] == "2026-03-02T09:00:00Z"
    shown = [message["id"] for message in first["messages"] + rest["messages"]]
    assert shown == [id_of(n) for n in (5, 4, 3, 2, 1)]
    assert rest["next"] is None
    assert nothing["messages"] == archived["messages"] == []
    assert len(still_open["messages"]) == 5


async def test_the_api_describes_itself(node: Posting) -> None:
    """OpenAPI with the body of each post, and problem+json for every refusal."""
    async with node.client() as client:
        document = (await client.get("/openapi.json")).json()
    posts = document["paths"]["/v1/messages"]["post"]
    schema = posts["requestBody"]["content"]["application/json"]["schema"]
    assert set(schema["required"]) == {"type", "profile", "tlp", "data"}
    assert "application/problem+json" in posts["responses"]["422"]["content"]
    assert "requestBody" in document["paths"]["/v1/envelopes"]["post"]


async def test_head_comes_first_in_the_data(node: Posting) -> None:
    """However the client ordered it."""
    data = api_body()["data"]
    turned = {name: data[name] for name in reversed(data)}
    async with node.client(COMMISSION_ML) as client:
        await client.post("/v1/messages", json=api_body(data=turned))
    (row,) = await node.rows()
    sealed = json.loads(decode_envelope(row["value"]).payload)
    assert next(iter(sealed["data"])) == "head"
