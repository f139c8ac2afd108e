"""Posting the notices in their order, each at the site of its body; an answer waits for what it answers."""

import asyncio
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final

from tamani.core.catalogue import catalogue
from tamani.core.envelope import encode_envelope
from tamani.core.errors import DefectError
from tamani.core.event import Event, encode_event, format_time
from tamani.core.names import Country
from tamani.core.signing import SigningKey
from tamani.embedded.demo.bodies import body_of
from tamani.embedded.demo.client import SiteClient
from tamani.embedded.demo.notices import Notice, files_of, notices, request_of
from tamani.embedded.demo.officers import login_of
from tamani.embedded.demo.plan import Plan

POSTED: Final = "posted "


async def post_all(plan: Plan, sites: Mapping[Country, SiteClient], own: SigningKey) -> None:
    """Post what is not posted yet, then wait until the region has archived every notice.

    Raises:
        DefectError: `failed.demo`, a notice was refused.
        OutageError: `failed.node` or `failed.archive`.
    """
    for batch in batches(notices()):
        await _together(_heard(notice, key, plan, sites) for notice in batch for key in notice.refers)
        await _together(
            _post_in_turn([n for n in batch if body_of(n.body).country is country], plan, site, own)
            for country, site in sites.items()
        )
    await _together(_archived(notice.key, plan, sites) for notice in notices())


def batches(said: Sequence[Notice]) -> list[list[Notice]]:
    """Runs of notices that speak of none of their own run: the sites may post them side by side."""
    found: list[list[Notice]] = [[]]
    for notice in said:
        if any(notice.key in other.refers or other.key in notice.refers for other in found[-1]):
            found.append([])
        found[-1].append(notice)
    return found


async def _together(jobs: Iterable[Coroutine[Any, Any, None]]) -> None:
    """All at once; the first failure ends the others and is told as itself."""
    try:
        async with asyncio.TaskGroup() as group:
            for job in jobs:
                group.create_task(job)
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from failures


async def _archived(key: str, plan: Plan, sites: Mapping[Country, SiteClient]) -> None:
    body = bodies()[key]
    await sites[body_of(body).country].archived(body, plan.id_of(key))


async def _heard(notice: Notice, key: str, plan: Plan, sites: Mapping[Country, SiteClient]) -> None:
    """What a notice speaks of is archived, and its body's own desk shows it."""
    if not plan.is_done(POSTED + notice.key):
        await _archived(key, plan, sites)
        await sites[body_of(notice.body).country].shown(notice.body, bodies()[key], plan.id_of(key))


async def _post_in_turn(batch: Iterable[Notice], plan: Plan, site: SiteClient, own: SigningKey) -> None:
    """What is said at one site keeps its order."""
    for notice in batch:
        if not plan.is_done(POSTED + notice.key):
            await _post(notice, plan, site, own)
            plan.mark_done(POSTED + notice.key)


@cache
def bodies() -> dict[str, str]:
    """Who says which notice."""
    return {notice.key: notice.body for notice in notices()}


async def _post(notice: Notice, plan: Plan, site: SiteClient, own: SigningKey) -> None:
    request = request_of(notice, plan)
    if notice.by == "own-key":
        await site.hand_over(notice.body, sealed(notice.body, request, own, format_time(plan.started)))
        return
    if notice.papers:
        await site.bring(login_of(body_of(notice.body)), notice.type, notice.profile, files_of(notice, plan))
    first = await site.post(notice.body, request)
    if notice.again and (second := await site.post(notice.body, request)) != first:
        raise DefectError("failed.demo", f"{notice.key}: {first} != {second}")


def sealed(source: str, request: dict[str, Any], key: SigningKey, time: str, sequence: str = "1") -> bytes:
    """A notice signed off the site: what a body's own software makes of the same fields."""
    return encode_envelope(key.sign(encode_event(event_of(source, request, time, sequence))))


def event_of(source: str, request: dict[str, Any], time: str, sequence: str) -> Event:
    """The event that a request becomes."""
    kind = catalogue()[request["type"]]
    return Event(
        id=request["id"],
        source=source,
        type=kind.type,
        profile=request["profile"],
        subject=request["subject"],
        time=time,
        dataschema=kind.dataschema,
        tlp=request["tlp"],
        lang=request["lang"],
        sequence=sequence,
        data=request["data"],
        audience=" ".join(request["audience"]) or None,
        expirytime=request.get("expirytime"),
    )
