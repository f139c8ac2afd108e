"""Promises of the region in the outbox: kept as signed, looked up in a real log over HTTP, told if broken."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from tamani.core.errors import OutageError
from tamani.core.log.leaf import EQUIVOCATION, Leaf
from tamani.core.receipt import sign_receipt
from tamani.node import promises, rows
from tamani.node.inclusion import Inclusion
from tamani.node.tables import log_checkpoint
from tamani.node.views import message_view
from tests.support.notices import COMMISSION_ML, id_of
from tests.support.promised import HOUR, VALUES, Post, entry_of, receipt
from tests.support.small_log import SmallLog, leaf, serving


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Post]:
    """The log holds the first two notices at 4 and 5; the third is not in it."""
    post = Post(tmp_path)
    await post.post()
    post.log.append(4).append(0, entry_of(VALUES[0]), entry_of(VALUES[1])).append(3)
    yield post
    await post.outbox.stop()


async def test_a_promise_is_kept_as_it_came(node: Post) -> None:
    """The signed bytes are what can be shown to others; an answer of a newer history replaces it."""
    await node.receive(4, 5)
    first = await node.rows()
    await node.receive(7, epoch=2)
    second = await node.rows()

    assert [(row["leaf_index"], row["promise"] is not None) for row in first] == [(4, True), (5, True), (None, False)]
    assert first[0]["promise"] == sign_receipt(receipt(VALUES[0], 4, 1).encode(), node.log.key.key)
    assert (second[0]["leaf_index"], second[1]["leaf_index"]) == (7, 5)


async def test_what_is_in_the_log_is_found_and_attested_when_enough_witnesses_saw_it(node: Post) -> None:
    """Included first; the poster's word changes with the quorum; the checkpoint is kept."""
    await node.receive(4, 5)
    node.log.publish("bf")
    with serving(node.log) as url:
        await node.look(url)
        included = await node.standing()
        node.log.append(1).publish("bf", "ml")
        await node.look(url)
    one = await node.outbox.read(lambda c: rows.find(c, COMMISSION_ML, id_of(0)))
    kept = await node.outbox.read(lambda c: c.execute(select(log_checkpoint)).all())
    assert one is not None
    shown = message_view(one)

    assert included == [("included", 9), ("included", 9), (None, None)]
    assert await node.standing() == [("attested", 10), ("attested", 10), (None, None)]
    assert (shown.state, shown.state_fr, shown.state_en, shown.leaf_index, shown.alarm) == (
        "archived",
        "attesté",
        "attested",
        4,
        None,
    )
    assert [(size, node.log.policy().see(note.encode()).attested) for size, note in kept] == [(9, False), (10, True)]


async def test_while_witnesses_are_away_one_notice_is_asked_for(node: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the log alone has shown is not all asked for at every look, but once they have seen it."""
    await node.receive(4, 5)
    node.log.publish("bf")
    asked: list[int] = []
    true = node.log.proofs

    def counted(wanted: list[str]) -> bytes:
        asked.append(len(wanted))
        return true(wanted)

    monkeypatch.setattr(node.log, "proofs", counted)
    with serving(node.log) as url:
        await node.look(url)
        await node.look(url)
        node.log.publish("bf", "ml")
        await node.look(url)

    assert asked == [2, 1, 1, 1, 1]
    assert await node.standing() == [("attested", 9), ("attested", 9), (None, None)]


async def test_a_promise_that_is_not_in_the_log_in_time_is_an_alarm(node: Post) -> None:
    """Not before the deadline, not without an answer, not for what was never promised; over when it turns up."""
    await node.receive(4, 5, 6)
    node.log.publish("bf", "ml")
    with serving(node.log) as url:
        await node.look(url)
        early = await node.standing()
        node.now += timedelta(seconds=HOUR + 1)
        await node.look("http://127.0.0.1:9/log")
        away = await node.standing()
        await node.look(url)
        late = await node.standing()
        view = await node.view(2)
        node.log.append(0, entry_of(VALUES[2])).publish("bf", "ml")
        node.log.append(1)
        await node.look(url)

    assert early[2] == away[2] == (None, None)
    assert late[2] == ("missing", None)
    assert (view.alarm, view.state_fr) == ("failed.log.missing", "archivé")
    assert "reçu signé" in (view.alarm_fr or "")
    assert (await node.standing())[2] == ("otherwise", 10), "it came, but not where it was promised"


async def test_without_a_signed_promise_there_is_no_alarm(node: Post) -> None:
    """What an older archive answered is looked up, and believed when it is found."""
    await node.receive(4, 5, 6, signed=False)
    node.now += timedelta(seconds=2 * HOUR)
    node.log.publish("bf", "ml")
    with serving(node.log) as url:
        await node.look(url)

    assert await node.standing() == [("attested", 9), ("attested", 9), (None, None)]


async def test_another_place_than_promised_is_an_alarm(node: Post) -> None:
    """Two places cannot both be true: one of the two signatures is a lie."""
    await node.receive(4, 2)
    node.log.publish("bf", "ml")
    with serving(node.log) as url:
        await node.look(url)
    view = await node.view(1)

    assert await node.standing() == [("attested", 9), ("otherwise", 9), (None, None)]
    assert view.alarm == "failed.log.otherwise"


async def test_an_archive_that_hides_an_entry_does_not_hide_it_from_a_witness(node: Post) -> None:
    """Its answer is null; the copy of our own country's witness has it. No alarm, then."""
    await node.receive(4, 5)
    node.now += timedelta(seconds=2 * HOUR)
    node.copy.append(0, *map(Leaf.parse, node.log.entries)).publish("bf", "ml")
    hiding = SmallLog().append(9).publish("bf", "ml")
    node.log.published = hiding
    node.log.entries = SmallLog().append(9).entries
    with serving(node.log) as url, serving(node.copy) as copy:
        await node.look(url, copy)

    assert await node.standing() == [("attested", 9), ("attested", 9), (None, None)]


@pytest.mark.parametrize("lie", ["another path", "another kind", "another notice", "junk", "short", "forged note"])
async def test_a_proof_that_does_not_hold_is_none(node: Post, lie: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever answers is believed by nobody."""
    await node.receive(4, 5)
    node.log.publish("bf", "ml")
    true = node.log.proofs

    monkeypatch.setattr(node.log, "proofs", lambda wanted: _changed(true(wanted), lie))
    with serving(node.log) as url:
        await node.look(url)

    assert (await node.standing())[0] == (None, None)


def _changed(answer: bytes, lie: str) -> bytes:
    found = json.loads(answer)
    first = found["proofs"][0]
    match lie:
        case "another path":
            first["path"][0] = first["path"][1]
        case "another kind":
            first["entry"] = bytes(entry_of(VALUES[0], EQUIVOCATION)).decode()
        case "another notice":
            first["entry"], first["index"] = bytes(leaf(0)).decode(), 0
        case "junk":
            found["proofs"] = [{"index": "4", "entry": 3, "path": None}] * len(found["proofs"])
        case "short":
            found["proofs"] = found["proofs"][:1]
        case "forged note":
            found["checkpoint"] = SmallLog().append(9, mark="forged").note().decode().replace("AA", "AB", 1)
            found["checkpoint"] = found["checkpoint"].replace("\n9\n", "\n8\n")
    return json.dumps(found).encode()


async def test_a_look_that_cannot_be_noted_ends_nothing(node: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full for a while: the node goes on, and so does the next look."""
    await node.receive(4, 5)
    node.log.publish("bf", "ml")
    stop, write = asyncio.Event(), node.outbox.write
    tries: list[int] = []

    async def full(work: Any) -> Any:
        tries.append(1)
        if len(tries) == 1:
            raise OutageError("failed.disk")
        stop.set()
        return await write(work)

    monkeypatch.setattr(node.outbox, "write", full)
    with serving(node.log) as url:
        client = httpx.AsyncClient(trust_env=False)
        looking = Inclusion(node.outbox, node.log.policy(url), own="ml", deadline_seconds=HOUR, client=client)
        await asyncio.wait_for(looking.run(stop, 0.01), 30)

    assert (await node.standing())[0] == ("attested", 9)


async def test_the_figures_count_by_standing(node: Post) -> None:
    """For the operator: how many are proved, how many are not, how many alarms."""
    await node.receive(4, 2, 6)
    node.log.publish("bf", "ml")
    with serving(node.log) as url:
        await node.look(url)

    assert await node.outbox.read(promises.figures) == {"attested": 1, "otherwise": 1, "unknown": 1}
