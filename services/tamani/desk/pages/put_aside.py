"""Forms put aside, between a page and the site's accounts: what is kept of one, and for how long."""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from fastapi import Request

from tamani.core.catalogue import catalogue
from tamani.core.errors import RefusedError
from tamani.core.policy import SEALED_ONLY
from tamani.core.roles import Role
from tamani.desk.forms.reading import PREFIX
from tamani.desk.gate import Visitor
from tamani.desk.pages.page import viewer_of
from tamani.desk.pages.views import Viewer
from tamani.desk.service import Desk
from tamani.runtime.accounts.drafts import Kept

# What travels sealed is kept for a week only, and for its owner only.
DAYS, SEALED_DAYS = 30, 7
VERSION, SHARE = "brouillon", "partage"
Given = Mapping[str, list[str]]


async def put_aside(desk: Desk, visitor: Visitor, kind: str, given: Given, *, posted: bool = False) -> None:
    """Keep a form; `posted` while its notice waits for a second person, so that it can come back to its author.

    Raises:
        RefusedError: `refused.draft.sealed`, or as `Drafts.save`.
    """
    sealed, shared = travels_sealed(kind, given), SHARE in given and not posted
    if sealed and shared:
        raise RefusedError("refused.draft.sealed")
    kept = {name: values for name, values in given.items() if name not in {"acte", VERSION, SHARE}}
    seen = next(iter(given.get(VERSION, ())), "")
    await asyncio.to_thread(
        desk.accounts.drafts.save,
        visitor.as_officer(),
        next(iter(given.get("id", ())), ""),
        json.dumps({"kind": kind, "given": kept}, ensure_ascii=False),
        seen=int(seen) if seen.isdecimal() and len(seen) < 9 else 0,
        days=SEALED_DAYS if sealed else DAYS,
        shared=shared,
        posted=posted,
    )


async def settle(desk: Desk, visitor: Visitor, kind: str, given: Given, *, waits: bool) -> None:
    """Its notice is at the node: nothing is to be kept, or only until the second person has spoken."""
    if waits:
        await put_aside(desk, visitor, kind, given, posted=True)
    else:
        id_ = next(iter(given.get("id", ())), "")
        await asyncio.to_thread(desk.accounts.drafts.drop, visitor.as_officer(), id_)


def read_kept(kept: Kept) -> tuple[str, dict[str, list[str]]]:
    """The type of a kept form, and what it held, with the version that saving it again must name."""
    found: dict[str, Any] = json.loads(kept.content)
    more = {VERSION: [str(kept.version)]} | ({SHARE: ["1"]} if kept.shared else {})
    return str(found["kind"]), found["given"] | {"id": [kept.id]} | more


def travels_sealed(kind: str, given: Given) -> bool:
    """Whether the notice of this form would cross the region as ciphertext (`core.policy.must_seal`)."""
    found = catalogue().get(kind)
    profile = next(iter(given.get("profil", ())), "")
    marked = bool(SEALED_ONLY & set(given.get("tlp", ()))) or any(given.get(f"{PREFIX}head.caveats", ()))
    return marked or (found is not None and profile in found.sealed_profiles)


async def drafts_of(desk: Desk, request: Request, visitor: Visitor) -> list[dict[str, Any]]:
    """The drafts that this officer may open, as a list shows them."""
    who = visitor.as_officer()
    if Role.POSTER not in who.roles or not desk.posting.there:
        return []
    viewer = viewer_of(desk, request)
    return [
        {
            "id": kept.id,
            "title": next(iter(given.get(f"{PREFIX}head.title", ())), ""),
            "kind": viewer.labels.type(kind),
            "saved": viewer.dates.both(datetime.fromtimestamp(kept.saved, UTC)),
            "until": _day(viewer, kept.expires),
            "shared": kept.shared,
            "of": "" if kept.owner == who.id else kept.function,
        }
        for kept in await asyncio.to_thread(desk.accounts.drafts.of, who)
        for kind, given in [read_kept(kept)]
    ]


def until(desk: Desk, request: Request, kept: Kept) -> str:
    """The day on which a draft is forgotten."""
    return _day(viewer_of(desk, request), kept.expires)


def _day(viewer: Viewer, seconds: int) -> str:
    return viewer.dates.short_day(viewer.dates.home(datetime.fromtimestamp(seconds, UTC)).date())
