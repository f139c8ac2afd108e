"""SIGKILL between any two effects of sending: whatever the broker has of a sealed notice, it had its keys before."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tamani.core.envelope import decode_envelope
from tamani.core.event import decode_event
from tests.support.notices import COMMISSION_ML, OBSERVATORY_ML, OBSERVATORY_NE, api_body
from tests.support.posting import posting
from tests.support.zygote import zygote

# The capsules for two countries and the notice, each with a boundary before the broker has it and one after.
BOUNDARIES = 6


async def fill(folder: Path) -> None:
    """An outbox with a notice that is sealed for readers of two countries."""
    body: dict[str, Any] = api_body("monitor.report", tlp="RED", audience=[OBSERVATORY_ML, OBSERVATORY_NE])
    async with posting(folder) as node, node.client(COMMISSION_ML) as client:
        answer = await client.post("/v1/messages", json=body)
        assert answer.status_code == 202, answer.text


def check(folder: Path) -> set[str]:
    """The ids of the notices that the broker has: each came behind the capsules that it names."""
    path = folder / "bus"
    held: set[str] = set()
    found: set[str] = set()
    for line in path.read_text().splitlines() if path.exists() else ():
        topic, _, value = json.loads(line)
        raw = base64.b64decode(value)
        if topic.startswith("capsules."):
            held.add(hashlib.sha256(raw).hexdigest())
            continue
        event = decode_event(decode_envelope(raw).payload)
        assert {one["sha256"] for one in event.data["capsules"]} <= held, "a notice whose keys nobody has"
        found.add(event.id)
    return found


async def test_killed_at_every_boundary_keys_are_there_before_their_notice(tmp_path: Path) -> None:
    """Each life begins again and gets one boundary further; the one that outlives the last has sent everything."""
    await fill(tmp_path)
    with zygote("tests.support.capsule_worker", tmp_path) as dispatcher:
        for nth in range(1, BOUNDARIES + 1):
            dispatcher.killed(nth)
            assert len(check(tmp_path)) == (nth == BOUNDARIES)
        assert dispatcher.live(BOUNDARIES + 1) == 0, dispatcher.said
    assert len(check(tmp_path)) == 1


async def test_sent_the_other_way_round_a_kill_leaves_a_notice_that_nobody_can_read(tmp_path: Path) -> None:
    """So that the test above could have failed."""
    await fill(tmp_path)
    with zygote("tests.support.capsule_worker", tmp_path) as dispatcher:
        dispatcher.killed(2, "capsules_last")
    with pytest.raises(AssertionError, match="whose keys nobody has"):
        check(tmp_path)
