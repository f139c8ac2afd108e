"""Forms put aside, between a page and the site's accounts: what is kept of one, and for how long."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from tamani.core.catalogue import catalogue
from tamani.core.errors import RefusedError
from tamani.core.event import UUID7
from tamani.core.policy import SEALED_ONLY
from tamani.core.roles import Role
from tamani.desk.forms.fitting import Left
from tamani.desk.forms.reading import PREFIX
from tamani.desk.gate import Visitor
from tamani.desk.pages.page import viewer_of
from tamani.desk.pages.views import Viewer
from tamani.desk.posting import Posted
from tamani.desk.service import Desk
from tamani.runtime.accounts.drafts import Kept

# What travels sealed is kept for a week only, and for its owner only.
DAYS, SEALED_DAYS = 30, 7
VERSION, SHARE = "brouillon", "partage"
# The act of a form that puts it aside.
KEEP = "garder"
Given = Mapping[str, list[str]]


async def keep(
    desk: Desk, request: Request, visitor: Visitor, kind: str, given: Given, *, sealed: bool = False
) -> Response:
    """Put the form of this address aside, as its officer asks; its page again, with until when it is kept.

    `sealed`: it speaks of a sealed notice.

    Raises:
        RefusedError: `refused.event.id`, `refused.draft.sealed`, or as `Drafts.save`.
    """
    id_ = next(iter(given.get("id", ())), "")
    if not UUID7.fullmatch(id_):
        raise RefusedError("refused.event.id", id_[:40])
    sealed, shared = sealed or travels_sealed(kind, given), SHARE in given
    if sealed and shared:
        raise RefusedError("refused.draft.sealed")
    seen = next(iter(given.get(VERSION, ())), "")
    await _save(
        desk,
        visitor,
        id_,
        _content(request, kind, given),
        seen=int(seen) if seen.isdecimal() and len(seen) < 9 else 0,
        days=SEALED_DAYS if sealed else DAYS,
        shared=shared,
    )
    return RedirectResponse(f"/brouillons/{id_}?garde=1", 303)


async def settle(
    desk: Desk,
    request: Request,
    visitor: Visitor,
    kind: str,
    given: Given,
    *,
    posted: Posted,
    sealed: bool = False,
) -> None:
    """The notice of a form is at the node: nothing of it is kept, or only until the second person has spoken."""
    if posted.waits:
        days = SEALED_DAYS if sealed or travels_sealed(kind, given) else DAYS
        await _save(desk, visitor, posted.id, _content(request, kind, given), seen=0, days=days, posted=True)
    else:
        await asyncio.to_thread(desk.accounts.drafts.drop, visitor.as_officer(), posted.id)


async def _save(desk: Desk, visitor: Visitor, id_: str, content: str, **more: Any) -> None:
    await asyncio.to_thread(partial(desk.accounts.drafts.save, visitor.as_officer(), id_, content, **more))


def _content(request: Request, kind: str, given: Given) -> str:
    """What is kept of a form: where it stands, the type of its notice, and all that it held."""
    held = {name: values for name, values in given.items() if name not in {"acte", VERSION, SHARE}}
    return json.dumps({"path": request.url.path, "kind": kind, "given": held}, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Reopened:
    """A form as it was put aside: its address, its type, and what it held, with the version that saving it names."""

    kept: Kept
    path: str
    kind: str
    given: dict[str, list[str]]


def read_kept(kept: Kept) -> Reopened:
    """The form in a draft."""
    found: dict[str, Any] = json.loads(kept.content)
    more = {VERSION: [str(kept.version)]} | ({SHARE: ["1"]} if kept.shared else {})
    return Reopened(kept, found["path"], found["kind"], found["given"] | {"id": [kept.id]} | more)


async def reopen(desk: Desk, visitor: Visitor, id_: str) -> Reopened:
    """A draft that this officer may open.

    Raises:
        RefusedError: `refused.auth.role`, `refused.draft.unknown`.
    """
    who = visitor.as_officer(Role.POSTER)
    return read_kept(await asyncio.to_thread(desk.accounts.drafts.open, who, id_))


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
        for kind, given in [(found.kind, found.given) for found in [read_kept(kept)]]
    ]


def aside_of(desk: Desk, request: Request, found: Reopened, left: list[Left]) -> dict[str, Any]:
    """What the page of a draft says of it: until when, whether it was just saved, and what no longer fits."""
    day = _day(viewer_of(desk, request), found.kept.expires)
    return {"id": found.kept.id, "until": day, "saved": "garde" in request.query_params, "left": left}


def _day(viewer: Viewer, seconds: int) -> str:
    return viewer.dates.short_day(viewer.dates.home(datetime.fromtimestamp(seconds, UTC)).date())
