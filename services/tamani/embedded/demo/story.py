"""The demo from beginning to end: enrol, post, make mischief, settle, tell the figures. `tamani up --demo` calls it."""

import hashlib
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Final

import httpx
import psycopg

from tamani.core.errors import DefectError
from tamani.core.names import Country, inbound
from tamani.embedded.demo.bodies import BODIES
from tamani.embedded.demo.client import SiteClient
from tamani.embedded.demo.enrol import enrol_demo, token_of
from tamani.embedded.demo.figures import Figures
from tamani.embedded.demo.keys import OWN_KEYS, STRANGER, own_key
from tamani.embedded.demo.mischief import HONEST, TRICKS, Material
from tamani.embedded.demo.notices import notices
from tamani.embedded.demo.officers import enrol_officers
from tamani.embedded.demo.plan import Plan, open_plan
from tamani.embedded.demo.poster import post_all
from tamani.embedded.demo.report import As, Settling
from tamani.embedded.enrol import Office
from tamani.embedded.layout import Layout
from tamani.runtime.clock import Clock
from tamani.runtime.kafka import KafkaProducer

PLAYED: Final = "played "
_ENVELOPE: Final = "SELECT envelope FROM ledger JOIN source_ref USING (source_no) WHERE source = %s AND id = %s"


@dataclass(frozen=True, slots=True)
class Stage:
    """Where everything is once the platform is up: sites by origin, Kafka as any principal, the archive's database."""

    layout: Layout
    sites: Mapping[Country, str]
    as_: As
    database: str
    patience: float = 120.0


def prepare(layout: Layout, office: Office, clock: Clock) -> Plan:
    """Enrol the invented bodies. Call it before the sites start: they open their keys once.

    Raises:
        RefusedError: the registry would not be sound.
    """
    keys = [notice.key for notice in notices()] + [trick.name for trick in TRICKS]
    plan = open_plan(layout.data / "demo" / "plan.json", keys, clock)
    enrol_demo(layout, office, plan)
    enrol_officers(layout, clock)
    return plan


async def tell(stage: Stage, plan: Plan, say: Callable[[str], None]) -> Figures:
    """Post what is not posted yet, play the tricks that were not played, wait for every answer, say the figures.

    Raises:
        DefectError: `failed.demo`.
        OutageError: `failed.node`, `failed.archive`, `failed.broker`, `failed.demo.unsettled`.
    """
    async with AsyncExitStack() as stack:
        sites = {country: await _client(stage, country, stack) for country in Country}
        await post_all(plan, sites, own_key(stage.layout, "dunes"))
    if not all(plan.is_done(PLAYED + trick.name) for trick in TRICKS):
        await _play(stage, plan)
    figures = await Settling(stage.as_, stage.database).settle(stage.patience)
    for line in figures.lines():
        say(line)
    return figures


async def _client(stage: Stage, country: Country, stack: AsyncExitStack) -> SiteClient:
    doors = [httpx.AsyncClient(base_url=stage.sites[country], trust_env=False) for _ in range(2)]
    http, browser = [await stack.enter_async_context(door) for door in doors]
    tokens = {body.source: token_of(stage.layout, body) for body in BODIES if body.country is country}
    return SiteClient(http, browser, tokens, stage.patience)


async def _play(stage: Stage, plan: Plan) -> None:
    """Each trick by its own door, with the credentials of that door's node."""
    names = [*(own.name for own in OWN_KEYS), STRANGER]
    keys = {name: own_key(stage.layout, name) for name in names}
    material = Material(await _honest(stage.database, plan), keys, plan)
    for country in Country:
        todo = [t for t in TRICKS if t.country is country and not plan.is_done(PLAYED + t.name)]
        if not todo:
            continue
        producer = await KafkaProducer(stage.as_(f"node.{country.value}")).start()
        try:
            for trick in todo:
                key = hashlib.sha256(trick.name.encode()).digest()[:16]
                await producer.send(inbound(country, trick.lane), key, trick.make(material, trick.name))
                plan.mark_done(PLAYED + trick.name)
        finally:
            await producer.stop()


async def _honest(database: str, plan: Plan) -> dict[str, bytes]:
    """The exact bytes of archived notices, out of the ledger."""
    bodies = {notice.key: notice.body for notice in notices()}
    found: dict[str, bytes] = {}
    async with await psycopg.AsyncConnection.connect(database) as connection:
        for key in HONEST:
            row = await (await connection.execute(_ENVELOPE, [bodies[key], plan.id_of(key)])).fetchone()
            if row is None:
                raise DefectError("failed.demo", key)
            found[key] = row[0]
    return found
