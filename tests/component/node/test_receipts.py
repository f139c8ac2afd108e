"""A whole node on a real broker: what the region answers closes its rows; a restored node finds its way."""

import hashlib
import random
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from tamani.core.names import Country
from tamani.node.hold import MARK, mark_restored
from tamani.node.main import running
from tamani.node.service import NodeService
from tamani.node.tables import outbox
from tests.support.answering import answer, receipt_about, receipt_for
from tests.support.cluster import KafkaCluster
from tests.support.node_folder import NodeFolder
from tests.support.notices import COMMISSION_ML, api_body, new_id
from tests.support.waiting import until

pytestmark = pytest.mark.kafka


@asynccontextmanager
async def node_at(home: NodeFolder, cluster: KafkaCluster) -> AsyncIterator[tuple[NodeService, httpx.AsyncClient]]:
    """A node at work, and a client of it."""
    async with running(home.settings(cluster.settings("node.ml"))) as node:
        transport = httpx.ASGITransport(node.app)
        bearer = home.bearer(COMMISSION_ML)
        async with httpx.AsyncClient(transport=transport, base_url="http://node", headers=bearer) as client:
            yield node, client


async def rows(node: NodeService) -> list[dict[str, Any]]:
    """The outbox, oldest first."""
    found = await node.outbox.read(lambda c: c.execute(select(outbox).order_by(outbox.c.row_no)).all())
    return [row._asdict() for row in found]


async def say(client: httpx.AsyncClient, *ids: str) -> None:
    """Post a meeting under each id."""
    for id_ in ids:
        assert (await client.post("/v1/messages", json=api_body(id=id_))).status_code == 202


async def states(node: NodeService) -> list[str]:
    """Where each row stands."""
    return [row["state"] for row in await rows(node)]


async def settle(node: NodeService, *wanted: str) -> None:
    """Wait until the rows stand so."""

    async def stand() -> bool:
        return await states(node) == list(wanted)

    await until(stand, f"the rows are {wanted}", 60)


async def test_answers_close_rows_in_any_order_and_number(kafka: KafkaCluster, tmp_path: Path) -> None:
    """Twice each, shuffled, with what cannot be read and a forgery's refusal in between."""
    home = NodeFolder(tmp_path)
    async with node_at(home, kafka) as (node, client):
        await say(client, *(new_id() for _ in range(4)))
        await settle(node, "sent", "sent", "sent", "sent")
        one, two, three, four = await rows(node)
        forged = {"source": one["source"], "id": one["id"]}
        answers = [
            receipt_for(one, log_index=11),
            receipt_for(two, "duplicate", log_index=12),
            receipt_for(three, "refused", code="refused.policy.type", detail="agenda.meeting:ordinaire", epoch=0),
            receipt_for(four, "held", code="held.internal", epoch=0),
        ] * 2
        random.Random(7).shuffle(answers)
        await answer(
            kafka,
            Country.ML,
            b"\xff not a receipt",
            receipt_about(b"forged", "refused", "refused.signature.invalid", **forged),
            *answers,
        )
        await settle(node, "archived", "archived", "refused", "sent")
        shown = [(await client.get(f"/v1/messages/{row['id']}")).json() for row in (one, two, three, four)]
    assert [(view["code"], view["log_index"]) for view in shown] == [
        ("archived", 11),
        ("archived", 12),
        ("refused.policy.type", None),
        ("held.internal", None),
    ]
    assert shown[2]["state_fr"] == "refusé"
    assert shown[2]["detail"] == "agenda.meeting:ordinaire"
    assert shown[2]["fr"] != shown[2]["en"]


async def test_answers_given_while_a_node_was_away_reach_it(kafka: KafkaCluster, tmp_path: Path) -> None:
    """It goes on from its own offset, with no consumer group."""
    home = NodeFolder(tmp_path)
    async with node_at(home, kafka) as (node, client):
        await say(client, new_id(), new_id())
        await settle(node, "sent", "sent")
        first, second = await rows(node)
        await answer(kafka, Country.ML, receipt_for(first))
        await settle(node, "archived", "sent")
    await answer(kafka, Country.ML, receipt_for(second))
    async with node_at(home, kafka) as (node, _):
        await settle(node, "archived", "archived")
    groups = kafka.kafka.admin().list_consumer_groups().result(60)
    assert [group.group_id for group in groups.valid if "ml" in group.group_id] == []


async def test_a_node_restored_from_an_old_copy_loses_and_doubles_nothing(kafka: KafkaCluster, tmp_path: Path) -> None:
    """Its open rows are answered, its numbers go on from the region's last, no spent id gets new words."""
    home, old = NodeFolder(tmp_path / "home"), tmp_path / "old.sqlite"
    early, late = [new_id() for _ in range(3)], [new_id() for _ in range(4)]
    async with node_at(home, kafka) as (node, client):
        await say(client, *early)
        await settle(node, *["sent"] * 3)
        with sqlite3.connect(home.folder / "outbox.sqlite") as live, sqlite3.connect(old) as copy:
            live.backup(copy)
        await say(client, *late)
        await settle(node, *["sent"] * 7)
        await answer(kafka, Country.ML, *(receipt_for(row, log_index=n) for n, row in enumerate(await rows(node), 1)))
        await settle(node, *["archived"] * 7)
        last = (await rows(node))[-1]["sequence"]
    for path in home.folder.glob("outbox.sqlite*"):
        path.unlink()
    shutil.copy(old, home.folder / "outbox.sqlite")
    mark_restored(home.folder)
    async with node_at(home, kafka) as (node, client):
        await until(lambda: settled(home), "the region's answers are read", 30)
        await settle(node, *["archived"] * 3)
        reused = await client.post("/v1/messages", json=api_body(id=late[0]))
        assert (reused.status_code, reused.json()["code"]) == (409, "refused.id.reused")
        shown = (await client.get(f"/v1/messages/{late[3]}")).json()
        assert (shown["state"], shown["log_index"]) == ("archived", 7)
        assert (await client.get("/v1/elsewhere")).json()["notices"] == [], "what it forgot was its own"
        fresh = (await client.post("/v1/messages", json=api_body())).json()
        assert int(fresh["sequence"]) == last + 1


async def settled(home: NodeFolder) -> bool:
    """Whether the node has stopped waiting."""
    return not (home.folder / MARK).exists()


async def test_a_restored_node_says_nothing_new_before_it_has_heard_what_it_forgot(
    fresh_kafka: KafkaCluster, tmp_path: Path
) -> None:
    """While the broker is away it answers what it knows, and takes nothing; then it goes on by itself."""
    home, kept = NodeFolder(tmp_path / "home"), new_id()
    async with node_at(home, fresh_kafka) as (node, client):
        await say(client, kept)
        await settle(node, "sent")
    fresh_kafka.stop()
    mark_restored(home.folder)
    async with node_at(home, fresh_kafka) as (node, client):
        again = await client.post("/v1/messages", json=api_body(id=kept))
        held = await client.post("/v1/messages", json=api_body())
        passed = await client.post("/v1/envelopes", content=await value_of_another(node))
        assert again.status_code == 202
        assert {(held.status_code, held.json()["code"]), (passed.status_code, passed.json()["code"])} == {
            (503, "failed.node.restored")
        }
        assert len(await rows(node)) == 1
        fresh_kafka.start()
        await until(lambda: settled(home), "it waits no longer", 60)
        assert (await client.post("/v1/messages", json=api_body())).status_code == 202


async def value_of_another(node: NodeService) -> bytes:
    """An envelope that this node does not hold."""
    return bytes((await rows(node))[0]["value"]) + b" "


async def test_what_our_key_has_said_elsewhere_is_told(kafka: KafkaCluster, tmp_path: Path) -> None:
    """By the API to its body, by health and figures to the operator."""
    home, stray = NodeFolder(tmp_path), new_id()
    async with node_at(home, kafka) as (node, client):
        await say(client, new_id())
        await settle(node, "sent")
        mine = (await rows(node))[0]
        await answer(kafka, Country.ML, receipt_for(mine, log_index=6))
        await settle(node, "archived")
        other = mine | {"id": stray, "value_sha256": hashlib.sha256(stray.encode()).hexdigest()}
        await answer(kafka, Country.ML, receipt_for(other, log_index=7))

        async def told() -> list[dict[str, Any]] | None:
            return (await client.get("/v1/elsewhere")).json()["notices"] or None

        (one,) = await until(told, "it is told", 30)
        assert (one["id"], one["keyid"], one["log_index"]) == (stray, mine["keyid"], 7)
        assert (await client.get("/v1/elsewhere")).json()["code"] == "failed.key.elsewhere"
        assert (await client.get("/healthz")).json()["key_elsewhere"] == 1
        assert "tamani_node_key_elsewhere 1.0" in (await client.get("/metrics")).text
