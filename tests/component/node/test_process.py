"""A node as a real process: killed at the worst moment, it keeps what it has answered for."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tamani.core.envelope import decode_envelope
from tamani.embedded.child import Child, Command
from tests.support.buses import RealBus
from tests.support.cluster import KafkaCluster
from tests.support.node_folder import NodeFolder
from tests.support.notices import COMMISSION_ML, api_body, id_of, new_id
from tests.support.ports import free_ports
from tests.support.waiting import until


@asynccontextmanager
async def process(home: NodeFolder, kafka: dict[str, Any], port: int) -> AsyncIterator[Child]:
    """`tamani serve node`, until the block ends or the test has killed it."""
    program = (sys.executable, "-m", "tamani", "serve", "node", "--country", "ml")
    child = Child(Command(program, home.folder / "node.log", home.environment(kafka, port)))
    try:
        await until(lambda: answers(child, port), f"the node answers (see {home.folder / 'node.log'})", 60)
        yield child
    finally:
        await child.stop()


async def answers(child: Child, port: int) -> bool:
    """Whether it is up."""
    assert child.poll() is None, child.command.log.read_text()
    try:
        async with httpx.AsyncClient() as client:
            return (await client.get(f"http://127.0.0.1:{port}/healthz")).status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.kafka
async def test_what_was_answered_survives_a_kill_before_it_was_sent(kafka: KafkaCluster, tmp_path: Path) -> None:
    """202, then `kill -9` while the broker is out of reach; started again within reach, all is sent, once."""
    home = NodeFolder(tmp_path)
    port, nobody = free_ports(2)
    ids = [new_id() for _ in range(20)]
    unreachable = kafka.settings("node.ml") | {"kafka_bootstrap": f"127.0.0.1:{nobody}"}
    async with process(home, unreachable, port) as child:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=home.bearer(COMMISSION_ML)) as client:
            posts = (client.post("/v1/messages", json=api_body(id=id_)) for id_ in ids)
            assert {answer.status_code for answer in await asyncio.gather(*posts)} == {202}
        assert child.kill() == -9
    async with (
        process(home, kafka.settings("node.ml"), port),
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=home.bearer(COMMISSION_ML)) as client,
    ):
        await until(lambda: _sent(client, ids), "everything is sent", 60)
    records = await RealBus(kafka).records("inbound.ml")
    for id_ in ids:
        assert sum(id_.encode() in _payload(record.value) for record in records) == 1


def _payload(value: bytes) -> bytes:
    return decode_envelope(value).payload if value.startswith(b'{"payloadType"') else b""


async def _sent(client: httpx.AsyncClient, ids: list[str]) -> bool:
    messages = (await client.get("/v1/messages?state=sent&limit=500")).json()["messages"]
    return {message["id"] for message in messages} >= set(ids)


async def test_a_node_stops_when_asked_and_says_why_it_cannot_start(tmp_path: Path) -> None:
    """SIGTERM ends it in good order without a broker; a taken port, a wrong passphrase are told with their code."""
    home = NodeFolder(tmp_path)
    port, nobody = free_ports(2)
    away = {"kafka_bootstrap": f"127.0.0.1:{nobody}"}
    async with process(home, away, port) as child:
        program = (sys.executable, "-m", "tamani", "serve", "node", "--country", "ml")
        second = Child(Command(program, tmp_path / "second.log", home.environment(away, port)))
        assert await second.exited() == 1
        assert "failed.port" in (tmp_path / "second.log").read_text()
        assert await child.stop() == 0
    (home.folder / "passphrase").write_text("une autre phrase\n")
    third = Child(Command(program, tmp_path / "third.log", home.environment(away, port)))
    assert await third.exited() == 1
    told = (tmp_path / "third.log").read_text()
    assert "failed.keystore" in told
    assert "une autre phrase" not in told


async def test_a_post_cut_after_its_commit_and_repeated_is_one_notice(tmp_path: Path) -> None:
    """A node that dies between COMMIT and answer gives, in its next life, the first answer; there is one row."""
    home = NodeFolder(tmp_path)
    port, nobody = free_ports(2)
    away = {"kafka_bootstrap": f"127.0.0.1:{nobody}"}
    given = []
    for _ in range(3):
        async with process(home, away, port) as child:
            url, headers = f"http://127.0.0.1:{port}", home.bearer(COMMISSION_ML)
            async with httpx.AsyncClient(base_url=url, headers=headers) as client:
                given.append((await client.post("/v1/messages", json=api_body(id=id_of(77)))).json())
                listed = (await client.get("/v1/messages")).json()["messages"]
            child.kill()
        assert [message["id"] for message in listed] == [id_of(77)]
    assert given[0] == given[1] == given[2]
