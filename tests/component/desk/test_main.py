"""The whole desk as it is run: registry and feed from Kafka, its own PostgreSQL, one HTTP address; it stops at once."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from aiokafka import AIOKafkaProducer

from tamani.desk.main import run
from tamani.runtime.tokens import TokenStore
from tests.component.desk.conftest import desk_settings
from tests.component.desk.feeds import Feed
from tests.component.desk.serving import listening
from tests.support.cluster import Database, KafkaCluster
from tests.support.notices import COMMISSION_ML, registry_value
from tests.support.ports import free_ports
from tests.support.waiting import until


@pytest.mark.kafka
@pytest.mark.postgres
async def test_a_desk_comes_up_reads_and_stops(fresh_kafka: KafkaCluster, database: Database, tmp_path: Path) -> None:
    """From settings alone to a notice on the live stream; a connected reader does not hold the end up."""
    (port,) = free_ports(1)
    settings = desk_settings(database, tmp_path, port=port, **fresh_kafka.settings("desk.ml"))
    token, url, feed = (
        TokenStore(settings.tokens_path).issue(COMMISSION_ML, "reader"),
        f"http://127.0.0.1:{port}",
        Feed(),
    )
    stop = asyncio.Event()
    running = asyncio.create_task(run(settings, stop))
    async with sending(fresh_kafka, "registry") as office, sending(fresh_kafka, "archive") as archive:
        await office.send_and_wait("registry", registry_value(), key=b"registry")
        await until(lambda: knows(url), "the desk is up and knows the registry")
        async with listening(url, token, "0") as ear:
            said = feed.say(tlp="GREEN")
            await archive.send_and_wait("feed.ml", feed.entries[0].encode())
            heard = json.loads((await ear.until("record")).text)
            assert heard["event"]["id"] == said.id
            began = time.monotonic()
            stop.set()
            assert await ear.next() is None
            await running
            assert time.monotonic() - began < 4, "nobody waited for the reader"


async def knows(url: str) -> bool:
    with contextlib.suppress(httpx.TransportError):
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"{url}/healthz")
            return answer.status_code == 200 and answer.json()["registry"] == 1
    return False


@contextlib.asynccontextmanager
async def sending(kafka: KafkaCluster, principal: str) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(**kafka.aiokafka(principal), acks="all")
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()
