"""Posting the notices in their order, each at the site of its body; an answer waits for what it answers."""

from collections.abc import Mapping
from typing import Any, Final

from tamani.core.catalogue import catalogue
from tamani.core.envelope import encode_envelope
from tamani.core.errors import DefectError
from tamani.core.event import Event, encode_event, format_time
from tamani.core.names import Country
from tamani.core.signing import SigningKey
from tamani.embedded.demo.bodies import body_of
from tamani.embedded.demo.client import SiteClient
from tamani.embedded.demo.notices import Notice, notices, request_of
from tamani.embedded.demo.plan import Plan

POSTED: Final = "posted "


async def post_all(plan: Plan, sites: Mapping[Country, SiteClient], own: SigningKey) -> None:
    """Post what is not posted yet, then wait until the region has archived every notice.

    Raises:
        DefectError: `failed.demo`, a notice was refused.
        OutageError: `failed.node` or `failed.archive`.
    """
    bodies = {notice.key: notice.body for notice in notices()}
    for notice in notices():
        if not plan.is_done(POSTED + notice.key):
            for other in notice.refers:
                await sites[body_of(bodies[other]).country].archived(bodies[other], plan.id_of(other))
            await _post(notice, plan, sites[body_of(notice.body).country], own)
            plan.mark_done(POSTED + notice.key)
    for notice in notices():
        await sites[body_of(notice.body).country].archived(notice.body, plan.id_of(notice.key))


async def _post(notice: Notice, plan: Plan, site: SiteClient, own: SigningKey) -> None:
    request = request_of(notice, plan)
    if notice.by == "own-key":
        await site.hand_over(notice.body, sealed(notice.body, request, own, format_time(plan.started)))
        return
    first = await site.post(notice.body, request)
    if notice.again and (second := await site.post(notice.body, request)) != first:
        raise DefectError("failed.demo", f"{notice.key}: {first} != {second}")


def sealed(source: str, request: dict[str, Any], key: SigningKey, time: str, sequence: str = "1") -> bytes:
    """A notice sealed off the site: what a body's own software makes of the same fields."""
    kind = catalogue()[request["type"]]
    event = Event(
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
    return encode_envelope(key.sign(encode_event(event)))
