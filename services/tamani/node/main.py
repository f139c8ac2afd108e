"""Build a node from its settings and run it."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import httpx
import structlog
import uuid_utils
from sqlalchemy import Engine

from tamani.core.errors import DefectError, TamaniError
from tamani.core.log.policy import Policy, parse_policy
from tamani.core.names import Lane
from tamani.node.api import build_app
from tamani.node.database import open_database
from tamani.node.desk_elsewhere import DeskElsewhere
from tamani.node.dispatch import Dispatcher
from tamani.node.door import Door
from tamani.node.erasing import Erasing
from tamani.node.ground import (
    Beside,
    ErasedBeside,
    Ground,
    Named,
    nobody_beside,
    nothing_erased,
    nothing_named,
)
from tamani.node.health import make_health
from tamani.node.heartbeat import Heartbeat
from tamani.node.hold import Hold
from tamani.node.inclusion import Inclusion
from tamani.node.key_ring import KeyRing, open_ring
from tamani.node.keystore import list_keys
from tamani.node.link import KafkaLink, Link
from tamani.node.metrics import Metrics
from tamani.node.outbox import Outbox
from tamani.node.publish import Publisher
from tamani.node.receipts import ReceiptReader
from tamani.node.reviewing import Reviews
from tamani.node.service import Job, NodeService, sweep
from tamani.node.settings import NodeSettings
from tamani.runtime.accounts.accounts import open_accounts
from tamani.runtime.clock import system_clock
from tamani.runtime.logging import setup_logging
from tamani.runtime.process import run_until_stopped
from tamani.runtime.registry import RegistryHolder
from tamani.runtime.registry_door import registry_routes, watch_registry
from tamani.runtime.routes import join
from tamani.runtime.serving import listen_on, serve_beside
from tamani.runtime.sqlite import pragmas
from tamani.runtime.tokens import TokenStore

log = structlog.get_logger(__name__)
# Signing gives the interpreter's lock away; at the default interval a busy thread takes 5 ms to give it back.
SWITCH_SECONDS = 0.0005


def new_id() -> str:
    """A fresh UUID version 7."""
    return str(uuid_utils.uuid7())


def build(
    settings: NodeSettings,
    beside: Beside = nobody_beside,
    named: Named = nothing_named,
    erased: ErasedBeside = nothing_erased,
) -> NodeService:
    """The parts of a node, not yet started. `beside`, `named`, `erased` tell what a desk in the same site knows.

    Raises:
        DefectError: `failed.keystore`, `failed.settings`, `failed.database.version`.
    """
    holder = RegistryHolder(settings, settings.registry_path)
    outbox, hold = Outbox(_engine(settings), system_clock), Hold(settings.data_dir)
    ring = _key_ring(settings)
    known = (ring, outbox, lambda: holder.current, system_clock, new_id, hold)
    ground = Ground(settings.country, *known, beside, named, erased)
    metrics = Metrics()
    watch_registry(metrics.registry, "node", ground.registry)
    lanes = _dispatchers(settings, outbox, metrics)
    beat = Heartbeat(ground, link=lambda: lanes[Lane.NORMAL].link)
    policy = _policy(settings)
    reader = ReceiptReader(
        settings,
        settings.country,
        ours=lambda: ring.keyids,
        outbox=outbox,
        metrics=metrics,
        hold=hold,
        log_keys=[party.key.public for party in policy.logs] if policy else (),
    )
    accounts = open_accounts(settings.data_dir, system_clock)
    door = Door(TokenStore(settings.tokens_path), accounts.sessions)
    publisher = Publisher(ground)
    app = build_app(publisher, Reviews(ground, publisher, accounts.rules.always_two), outbox, door, metrics)
    health = make_health(
        settings,
        outbox=outbox,
        metrics=metrics,
        registry=ground.registry,
        connected=lambda: {lane: part.link is not None for lane, part in lanes.items()},
    )
    join(app, health, registry_routes(holder))
    jobs: dict[str, Job] = {f"dispatch-{lane}": part.run for lane, part in lanes.items()}
    jobs |= {
        "receipts": reader.run,
        "heartbeat": partial(beat.run, every_seconds=settings.heartbeat_seconds),
        "sweep": partial(sweep, outbox),
        "keys": ring.follow,
        "erasures": Erasing(outbox, ground.registry, system_clock).run,
    }
    if policy is not None:
        jobs["inclusion"] = partial(_inclusion(settings, outbox, policy).run, every_seconds=settings.log_check_seconds)
    return NodeService(app, outbox, holder, jobs)


def _policy(settings: NodeSettings) -> Policy | None:
    if settings.log_policy is None:
        log.warning("no policy of the log: promises of the region are not looked up")
        return None
    try:
        return parse_policy(settings.log_policy.read_bytes())
    except OSError as error:
        raise DefectError("failed.settings", f"TAMANI_NODE_LOG_POLICY: {error.strerror}") from error


def _inclusion(settings: NodeSettings, outbox: Outbox, policy: Policy) -> Inclusion:
    # Addresses are the policy's own: no proxy of the environment, no redirection to elsewhere.
    client = httpx.AsyncClient(trust_env=False, follow_redirects=False)
    deadline = settings.log_deadline_seconds
    return Inclusion(outbox, policy, own=settings.country.value, deadline_seconds=deadline, client=client)


def _engine(settings: NodeSettings) -> Engine:
    engine = open_database(settings.outbox_path)
    found = pragmas(engine)
    if found != {"journal_mode": "wal", "synchronous": "2"}:
        raise DefectError("failed.database.version", str(found))
    return engine


def _key_ring(settings: NodeSettings) -> KeyRing:
    if not list_keys(settings.keys_path):
        log.warning("no keys here: only envelopes sealed elsewhere are taken", folder=settings.keys_path.name)
    elif settings.passphrase_file is None:
        raise DefectError("failed.settings", "TAMANI_NODE_PASSPHRASE_FILE")
    return open_ring(settings.keys_path, settings.passphrase_file)


def _dispatchers(settings: NodeSettings, outbox: Outbox, metrics: Metrics) -> dict[Lane, Dispatcher]:
    alerts_done = asyncio.Event()
    alerts_done.set()

    def dispatcher(lane: Lane) -> Dispatcher:
        # A new link each time: one that was dropped is never used again.
        async def connect() -> Link:
            return await KafkaLink(settings).start()

        return Dispatcher(
            settings.country, lane, outbox=outbox, connect=connect, alerts_done=alerts_done, metrics=metrics
        )

    return {lane: dispatcher(lane) for lane in Lane}


@asynccontextmanager
async def running(
    settings: NodeSettings,
    beside: Beside = nobody_beside,
    named: Named = nothing_named,
    erased: ErasedBeside = nothing_erased,
) -> AsyncIterator[NodeService]:
    """A node at work for as long as the block lasts; the caller serves its `app`."""
    sys.setswitchinterval(SWITCH_SECONDS)
    node = build(settings, beside, named, erased)
    try:
        await node.start()
        yield node
    finally:
        await node.stop()


async def run(settings: NodeSettings, stop: asyncio.Event) -> None:
    """Serve a node until `stop`.

    Raises:
        TamaniError: it cannot start (port taken, keystore, settings).
        Exception: a defect in one of its tasks.
    """
    elsewhere = DeskElsewhere.of(settings)
    listener = listen_on(settings.host, settings.port)
    try:
        async with running(settings, erased=elsewhere or nothing_erased) as node:
            log.info("node ready", name=settings.name, port=listener.getsockname()[1])
            await serve_beside(node.app, listener, stop, node.failed())
    finally:
        if elsewhere is not None:
            await elsewhere.close()


def main() -> int:
    """Run a node with the settings of the environment; the exit status."""
    settings = NodeSettings()
    setup_logging(f"node.{settings.name}", settings.log_level, settings.log_json)
    try:
        run_until_stopped(lambda stop: run(settings, stop))
    except TamaniError as error:
        log.error("node stopped", code=error.code.name, detail=error.detail)
        return 1
    return 0
