"""The node that sent a notice is told of its erasure: it checks the officers itself, forgets, and says so."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tamani.core.envelope import decode_envelope
from tamani.core.erasure.order import SignedOrder
from tamani.core.event import decode_event
from tamani.core.receipt import Receipt
from tamani.core.registry import Registry
from tamani.node import erasures, heartbeat
from tamani.node.answers import ReadTo
from tamani.node.erasing import Erasing
from tamani.node.heartbeat import Heartbeat, News
from tamani.node.link import Link
from tamani.node.tables import capsule, erasure, spent
from tamani.runtime.fakes import InMemoryBus
from tests.support.erasures import ML, ordered, standing_registry
from tests.support.notices import COMMISSION_ML, OBSERVATORY_NE, api_body, data_of, new_id, registry
from tests.support.posting import Posting, posting
from tests.support.searching import files_with
from tests.support.waiting import until

CANARY = "canari8842de5f0c"
READ_TO = ReadTo("cluster", "receipts.ml", 0, 1)


async def says(node: Posting, **changes: Any) -> dict[str, Any]:
    """A meeting that says the canary, as its row stands."""
    data = data_of("agenda.meeting")
    data["head"] |= {"title": CANARY, "body": f"Du texte : {CANARY}"}
    body = api_body(data=data, id=new_id()) | changes
    async with node.client(COMMISSION_ML) as client:
        answer = await client.post("/v1/messages", json=body)
    assert answer.status_code == 202, answer.text
    return (await node.rows())[-1]


async def tell(node: Posting, row: dict[str, Any], order: SignedOrder | None, text: str | None = None) -> None:
    """The region's answer with this order."""
    document = text if order is None else order.encode().decode()
    receipt = Receipt(
        verdict="erased",
        code="erased",
        value_sha256=row["value_sha256"],
        at="2026-03-02T11:00:00Z",
        source=row["source"],
        id=row["id"],
        keyid=row["keyid"],
        order=document,
    )
    await node.outbox.answer([receipt], frozenset(), READ_TO)


def task(node: Posting, known: Registry | None = None) -> Erasing:
    """The node's task, with the registry that knows its officers."""
    return Erasing(node.outbox, lambda: known or standing_registry(), node.clock)


async def found(node: Posting, table: Any) -> list[Any]:
    return list(await node.outbox.read(lambda c: c.execute(select(table)).all()))


async def test_the_row_goes_and_its_id_stays_spent(node: Posting, tmp_path: Path) -> None:
    """From the file and its log, too; the same id is taken for ever, whatever is posted under it."""
    row = await says(node)
    other = await says(node, data=data_of("agenda.meeting"))
    assert files_with(CANARY, [tmp_path])
    await tell(node, row, ordered(row["value"]))
    await task(node).settle()
    assert [left["id"] for left in await node.rows()] == [other["id"]]
    (gone,) = await found(node, spent)
    assert (gone.id, gone.state, gone.subject, gone.request_sha256) == (row["id"], "erased", None, None)
    assert files_with(CANARY, [tmp_path]) == []
    async with node.client(COMMISSION_ML) as client:
        shown = (await client.get(f"/v1/messages/{row['id']}")).json()
        again = await client.post("/v1/messages", json=api_body(id=row["id"]))
    assert (shown["state"], shown["state_fr"], shown["code"]) == ("erased", "effacé", "erased")
    assert (again.status_code, again.json()["code"]) == (409, "refused.id.reused")


async def test_an_order_that_does_not_hold_erases_nothing_until_it_does(node: Posting) -> None:
    """One officer; a registry that does not know them yet; then it does."""
    row = await says(node)
    await tell(node, row, ordered(row["value"], ML))
    await tell(node, row, ordered(row["value"]))
    await task(node, registry()).settle()
    assert len(await node.rows()) == 1
    await task(node).settle()
    assert await node.rows() == []
    assert [order.erased_at is None for order in await found(node, erasure)].count(True) == 1


@pytest.mark.parametrize("text", [None, "", "{}"])
async def test_an_answer_without_an_order_erases_nothing(node: Posting, text: str | None) -> None:
    """The region's own word is not enough."""
    row = await says(node)
    await tell(node, row, None, text)
    await task(node).settle()
    assert len(await node.rows()) == 1
    assert await found(node, erasure) == []


async def test_an_order_for_one_notice_erases_no_other(node: Posting) -> None:
    """Nor another content under its id."""
    row, other = await says(node), await says(node)
    await tell(node, other, ordered(row["value"]))
    await task(node).settle()
    assert [left["id"] for left in await node.rows()] == [other["id"]]
    envelope = decode_envelope(row["value"]).keyid
    await tell(node, other, ordered(other["value"], env="ab" * 32))
    await task(node).settle()
    assert [left["keyid"] for left in await node.rows()] == [envelope]


async def test_the_keys_of_a_sealed_notice_go_with_it(node: Posting) -> None:
    """So nobody can be sent them again."""
    row = await says(node, tlp="RED", audience=[OBSERVATORY_NE])
    assert row["type"] == "sealed"
    assert len(await found(node, capsule)) == 2
    await tell(node, row, ordered(row["value"]))
    await task(node).settle()
    assert await found(node, capsule) == []
    assert await node.rows() == []


async def test_its_sign_of_life_confirms_it_and_what_the_desk_beside_it_did(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without waiting for the next beat; then for an hour of beats; nothing before it was done."""
    monkeypatch.setattr(heartbeat, "NEWS_SECONDS", 0.01)
    bus = InMemoryBus()

    async def at_the_desk() -> list[str]:
        return ["cd" * 32]

    async with posting(tmp_path, erased_beside=at_the_desk) as node:
        row = await says(node)
        order = ordered(row["value"])
        await tell(node, row, order)
        assert await node.outbox.read(erasures.to_tell) == []
        await task(node).settle()
        link = await bus.connect()
        for every, beats in ((3600.0, 1), (0.01, erasures.TELLINGS)):
            await beat(node, link, bus, every, beats)
        (first, *_) = bus.records("inbound.ml")
        said = decode_event(decode_envelope(first.value).payload).data["erased"]
        assert said == [{"order": order.env.hex(), "part": "node"}, {"order": "cd" * 32, "part": "desk"}]

        async def told() -> bool:
            return await node.outbox.read(erasures.to_tell) == []

        assert await told()


async def test_what_the_region_does_not_hear_is_said_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Long before the next beat: the broker's word that it has a beat is not the region's."""
    monkeypatch.setattr(heartbeat, "NEWS_SECONDS", 0.01)
    bus, heard = InMemoryBus(), False

    async def at_the_desk() -> list[str]:
        return [] if heard else ["cd" * 32]

    async with posting(tmp_path, erased_beside=at_the_desk) as node:
        await beat(node, await bus.connect(), bus, 3600.0, 4)
        heard = True
        before = len(bus.records("inbound.ml"))
        await beat(node, await bus.connect(), bus, 0.01, before // 3 + 1)
    last = decode_event(decode_envelope(bus.records("inbound.ml")[-1].value).payload)
    assert "erased" not in last.data


async def test_what_the_desk_did_first_does_not_hide_what_the_node_does_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One order at two places: the later one is news too, not a repetition that can wait."""
    monkeypatch.setattr(heartbeat, "NEWS_SECONDS", 0.01)
    bus, stop, done = InMemoryBus(), asyncio.Event(), list[str]()

    async def beside() -> list[str]:
        return done

    async with posting(tmp_path, erased_beside=beside) as node:
        row = await says(node)
        order, link = ordered(row["value"]), await bus.connect()
        beating = Heartbeat(node.ground, lambda: link)
        beating._news = News(3600.0)
        running = asyncio.create_task(beating.run(stop, every_seconds=3600.0))

        async def said(beats: int) -> list[dict[str, str]]:
            await until(lambda: beaten(3 * beats), f"{beats} beats", 10)
            last: list[dict[str, str]] = decode_event(
                decode_envelope(bus.records("inbound.ml")[-1].value).payload
            ).data["erased"]
            return last

        async def beaten(records: int) -> bool:
            return len(bus.records("inbound.ml")) >= records

        try:
            done.append(order.env.hex())
            assert [one["part"] for one in await said(1)] == ["desk"]
            await tell(node, row, order)
            await task(node).settle()
            assert [one["part"] for one in await said(2)] == ["node", "desk"]
        finally:
            stop.set()
            await running


async def beat(node: Posting, link: Link, bus: InMemoryBus, every: float, beats: int) -> None:
    """Let it beat until it has done so this often, for each of the node's three keys."""
    stop = asyncio.Event()
    running = asyncio.create_task(Heartbeat(node.ground, lambda: link).run(stop, every_seconds=every))

    async def there() -> bool:
        assert not running.done(), running.exception()
        return len(bus.records("inbound.ml")) >= 3 * beats

    await until(there, f"{beats} beats", 10)
    stop.set()
    await running
