"""Each type and profile, posted by the API with every field, archived, read back equal at another country's site; and
one that another implementation has signed, which reads it back and verifies it there.
"""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import httpx
import pytest

from tamani.core.catalogue import catalogue
from tamani.core.names import Country, country_of
from tests.contract.second.envelope import keys_in, opened, signed
from tests.contract.second.verdict import verdict
from tests.support.bus import Bus, running_bus
from tests.support.examples import FOLDER
from tests.support.keys import seed_of
from tests.support.notices import (
    COMMISSION_BF,
    COMMISSION_ML,
    COMMISSION_NE,
    OBSERVATORY_ML,
    PROFILES,
    api_body,
    data_of,
    new_id,
)
from tests.support.telling import Tell
from tests.support.waiting import until

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.timeout(600)]
# What must travel sealed has a story of its own; a sign of life is the node's word.
HERE = [
    (kind, profile)
    for kind, profile in PROFILES
    if profile not in catalogue()[kind].sealed_profiles and catalogue()[kind].archived
]
# A first version says this rather than what the fullest data say.
FIRST: dict[str, dict[str, Any]] = {
    "agenda.record:releve": {"status": "approved"},  # of a draft nobody says what became of its actions
    "exchange.request:avis": {"status": "asked", "outcomes": []},
    "system.absence:numeros": {"status": "missing"},
    "system.absence:silence": {"status": "missing", "heard": None},
}


def stories() -> Iterator[tuple[str, dict[str, Any]]]:
    """What is posted, in order, each with the body that says it: a notice before what speaks of it."""
    acts = [(kind, profile) for kind, profile in HERE if catalogue()[kind].joins]
    asked: dict[tuple[str, str], str] = {}
    for kind, profile in HERE:
        if (kind, profile) in acts:
            continue
        body = opening(kind, profile)
        if kind == "exchange.request":
            asked["exchange.answer", profile] = body["id"]
        if (kind, profile) == ("agenda.record", "releve"):
            asked["ack", "suite"] = body["id"]  # an action in it is for Burkina Faso
        yield COMMISSION_ML, body
    for kind, profile in acts:
        target = asked.get((kind, profile))
        if target is not None:
            yield COMMISSION_BF, act(kind, profile, target)
            continue
        body = opening("agenda.item", "divers", meeting=None)
        yield COMMISSION_ML, body
        # Nobody endorses their own.
        yield COMMISSION_BF if kind == "endorsement" else COMMISSION_ML, act(kind, profile, body["id"])


def opening(kind: str, profile: str, **changes: Any) -> dict[str, Any]:
    """The fullest first version, under a thread of its own."""
    id_ = new_id()
    data = data_of(kind, full=True, profile=profile) | FIRST.get(f"{kind}:{profile}", {}) | changes
    said = {name: value for name, value in data.items() if value is not None}
    return api_body(kind, profile=profile, id=id_, subject=f"{catalogue()[kind].family}/{id_}", data=said)


def act(kind: str, profile: str, target: str) -> dict[str, Any]:
    """The fullest notice about another, in its thread."""
    family = "exchange" if kind == "exchange.answer" else "agenda"
    data = data_of(kind, full=True, profile=profile) | {"target": {"source": COMMISSION_ML, "id": target}}
    return api_body(kind, profile=profile, id=new_id(), subject=f"{family}/{target}", data=data)


async def test_every_type_and_profile_is_read_back_equal_in_another_country(tell: Tell) -> None:
    """Nothing of what was posted is lost, added or put otherwise on the way; each takes its place in its thread."""
    said = list(stories())
    async with running_bus() as bus, httpx.AsyncClient(timeout=20) as client:
        for source, body in said:
            if source == COMMISSION_BF:
                await until(partial(_is_there, bus, client, body["data"]["target"]["id"]), "what it answers", 60)
            site, bearer = bus.url(country_of(source)), bus.poster().bearer(source)
            answer = await client.post(site + "/v1/messages", json=body, headers=bearer)
            assert answer.status_code == 202, (body["type"], body["profile"], answer.text)
        theirs = await _signed_by_another(bus, client)
        read = await until(lambda: _all(bus, client, len(said) + 1), f"{len(said) + 1} notices in Niger", 60)
        assert await _read_by_another(bus, client, theirs["id"]) == theirs
    for source, body in said:
        event = read[body["id"]]
        assert event["data"] == body["data"], (body["type"], body["profile"])
        assert (event["source"], event["profile"], event["tlp"]) == (source, body["profile"], body["tlp"])
        assert event["type"] == catalogue()[body["type"]].type
    found = {(body["type"], body["profile"]) for _, body in said}
    assert found == set(HERE)
    tell(f"read back equal in another country: {len(said)} notices, {len(found)} types and profiles")


async def _signed_by_another(bus: Bus, client: httpx.AsyncClient) -> dict[str, Any]:
    """An event that was made and signed by nothing of ours, and handed to a node of ours (protocol §9)."""
    event = json.loads((FOLDER / "monitor.report.v1.thematique.json").read_text("utf-8"))
    event |= {"id": new_id(), "source": OBSERVATORY_ML}
    assert verdict(event) is None
    headers = bus.poster().bearer(OBSERVATORY_ML) | {"Content-Type": "application/json"}
    value = signed(event, seed_of(OBSERVATORY_ML))
    answer = await client.post(bus.url(Country.ML) + "/v1/envelopes", content=value, headers=headers)
    assert answer.status_code == 202, answer.text
    return dict(event)


async def _read_by_another(bus: Bus, client: httpx.AsyncClient, id_: str) -> dict[str, Any] | None:
    """What it reads at Niger's desk, under the keys of the registry that Niger hands out."""
    site, headers = bus.url(Country.NE), bus.poster().bearer(COMMISSION_NE)
    records = (await client.get(site + "/v1/records", params={"limit": 500}, headers=headers)).json()["records"]
    (number,) = (record["feed_index"] for record in records if record["event"]["id"] == id_)
    envelope = await client.get(f"{site}/v1/records/{number}/envelope", headers=headers)
    registry = await client.get(f"{site}/v1/registry")
    return opened(envelope.content, keys_in(registry.content))


async def _is_there(bus: Bus, client: httpx.AsyncClient, id_: str) -> bool:
    """Whether the desk of Burkina Faso has this notice of Mali's: what it does not know its node lets nobody answer."""
    page = f"{bus.url(Country.BF)}/avis{COMMISSION_ML}/{id_}"
    return (await client.get(page, headers=bus.poster().bearer(COMMISSION_BF))).status_code == 200


async def _all(bus: Bus, client: httpx.AsyncClient, count: int) -> dict[str, dict[str, Any]] | None:
    headers = bus.poster().bearer(COMMISSION_NE)
    page = await client.get(bus.url(Country.NE) + "/v1/records", params={"limit": 500}, headers=headers)
    records = page.json()["records"]
    return {record["event"]["id"]: record["event"] for record in records} if len(records) >= count else None
