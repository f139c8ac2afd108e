"""Publishing from a page: the form of a type, then who will read it, then the node; and where the notice stands.

The id is chosen when the form is first shown, so a form that is sent twice is one notice. Nothing is kept of a form
before it is published, unless its officer puts it aside (`put_aside`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import uuid_utils
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from tamani.core.catalogue import catalogue
from tamani.core.envelope import MAX_EVENT
from tamani.core.errors import RefusedError, TamaniError
from tamani.core.faults import Fault, InvalidError, faults_of
from tamani.core.names import Country
from tamani.core.policy import NAMED
from tamani.core.rights import may_mark, may_post
from tamani.core.roles import Role
from tamani.desk.forms.layout import can_be_typed, opening
from tamani.desk.forms.prefill import linked
from tamani.desk.forms.reading import Hand, compacted, data_of
from tamani.desk.forms.sealing import Sealing, marks_for, sealing_of, usual_mark
from tamani.desk.gate import Visitor
from tamani.desk.imports.cells import CellReader
from tamani.desk.imports.pasting import take_pasted
from tamani.desk.pages.as_read import Unsealed, as_read
from tamani.desk.pages.copying import LAST, copied, has_last
from tamani.desk.pages.form_view import MORE_ROWS, FormView
from tamani.desk.pages.guard import FIELD, officer_who_posts
from tamani.desk.pages.naming import nameable, with_titles
from tamani.desk.pages.page import viewer_of
from tamani.desk.pages.pieces import check_pieces, name_pieces, take_pieces
from tamani.desk.pages.put_aside import KEEP, SHARE, VERSION, keep, settle, travels_sealed
from tamani.desk.pages.showing import show
from tamani.desk.pages.two_people import waits_for
from tamani.desk.service import Desk

ZONES = {Country.BF: "Africa/Ouagadougou", Country.ML: "Africa/Bamako", Country.NE: "Africa/Niamey"}
Given = Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a form was sent with, beside its data."""

    kind: str
    id: str
    profile: str
    tlp: str
    lang: str
    audience: tuple[str, ...]

    @classmethod
    def of(cls, kind: str, given: Given) -> "Asked":
        """From the form."""

        def one(name: str, otherwise: str = "") -> str:
            return next(iter(given.get(name, ())), otherwise)

        audience = tuple(sorted(set(given.get("audience", ()))))
        return cls(kind, one("id"), one("profil"), one("tlp"), one("lang", "fr"), audience)

    def to_addressees(self, data: Mapping[str, Any]) -> "Asked":
        """Whoever must answer can read: above GREEN, addressees are readers without being ticked twice."""
        named = data.get("addressed_to") if self.tlp in NAMED else ()
        return replace(self, audience=tuple(sorted({*self.audience, *(named or ())})))

    def draft(self, data: dict[str, Any]) -> dict[str, Any]:
        """The body of `POST /v1/messages`."""
        said = {"type": self.kind, "profile": self.profile, "id": self.id, "tlp": self.tlp, "lang": self.lang}
        return said | {"audience": list(self.audience), "data": data}


def build_publish(desk: Desk) -> APIRouter:
    """The routes of publishing."""
    routes = APIRouter(include_in_schema=False)
    poster: Any = officer_who_posts(desk, Role.POSTER)

    @routes.get("/publier/{kind}")
    async def ask(request: Request, kind: str) -> Response:
        visitor = await desk.gate.admit(request)
        profiles = profiles_of(desk, visitor, kind)
        profile = known_profile(profiles, request.query_params.get("profil", profiles[0]))
        asked, given = Asked(kind, str(uuid_utils.uuid7()), profile, "", "fr", ()), dict[str, list[str]]()
        try:
            if name := request.query_params.get("comme"):
                asked, given = await _copy(desk, visitor, asked, name)
            else:
                layout = hand_of(desk, visitor).suggested(opening(kind, profile))
                given = linked(layout, request.query_params)
        except RefusedError as error:
            return await form_page(desk, request, visitor, asked, given, error=error)
        last = LAST if not given and await has_last(desk, visitor, kind, profile) else ""
        return await form_page(desk, request, visitor, asked, given, more={"last": last})

    @routes.post("/publier/{kind}")
    async def publish(request: Request, kind: str, visitor: Annotated[Visitor, poster]) -> Response:
        sent = await given_of(request)
        asked = Asked.of(kind, sent)
        layout = opening(kind, known_profile(profiles_of(desk, visitor, kind), asked.profile))
        pasted = take_pasted(layout, compacted(layout, sent), CellReader(desk.registry.current, desk.clock()))
        given, faults = pasted.given, list(pasted.faults)
        act = next(iter(given.get("acte", ())), "relire")
        try:
            sealed = travels_sealed(kind, given)
            await take_pieces(desk, request, visitor, given, layout=layout, sent=sent, sealed=sealed)
        except TamaniError as error:
            return await form_page(desk, request, visitor, asked, given, error=error)
        if faults:
            wrong = InvalidError("refused.data", faults)
            return await form_page(desk, request, visitor, asked, given, faults=faults, error=wrong)
        if act in {"lignes", "modifier"}:
            return await form_page(
                desk, request, visitor, asked, given, spare=MORE_ROWS if act == "lignes" and not pasted.any else 0
            )
        try:
            if act == KEEP:
                return await keep(desk, request, visitor, kind, given)
            data = data_of(layout, given, hand_of(desk, visitor))
            if name := next(iter(given.get("comme", ())), ""):
                data = (await copied(desk, visitor, kind, name)).under(layout, data)
            _check(asked, data)
            asked = asked.to_addressees(data)
            sealing = _check_sealing(desk, visitor, asked, data)
            await check_pieces(desk, visitor, data, sealed=sealing is not None)
            if act != "publier":
                return await _check_page(desk, request, visitor, asked=asked, given=given, data=data)
            await name_pieces(desk, visitor, asked.id, data)
            made = await desk.posting.post(request.cookies.get(desk.gate.cookie, ""), asked.draft(data))
        except TamaniError as error:
            faults = error.faults if isinstance(error, InvalidError) else []
            return await form_page(desk, request, visitor, asked, given, faults=faults, error=error)
        await settle(desk, request, visitor, kind, given, posted=made)
        return RedirectResponse(f"/publier/envoi/{made.id}", 303)

    return routes


async def _copy(desk: Desk, visitor: Visitor, asked: Asked, name: str) -> tuple[Asked, dict[str, list[str]]]:
    """The form filled with an earlier notice."""
    found = await copied(desk, visitor, asked.kind, name)
    row, profiles = found.notice.row, profiles_of(desk, visitor, asked.kind)
    profile = row.profile if row.profile in profiles else asked.profile
    same = replace(asked, profile=profile, tlp=row.tlp, lang=row.lang, audience=row.audience)
    given = found.filled(opening(asked.kind, profile), hand_of(desk, visitor).tz)
    return same, given | {"comme": [found.name]}


def hand_of(desk: Desk, visitor: Visitor) -> Hand:
    """Whose hand fills a form in, and by which clock."""
    zone = zone_of(desk)
    return Hand(visitor.as_officer().source, zone, desk.clock().astimezone(ZoneInfo(zone)).date())


def zone_of(desk: Desk) -> str:
    """The clock of this desk's country."""
    return ZONES.get(desk.settings.country, ZONES[Country.BF])


def profiles_of(desk: Desk, visitor: Visitor, kind: str) -> tuple[str, ...]:
    """The profiles of this type that the officer may post.

    Raises:
        RefusedError: `refused.auth.session`, `refused.auth.role`, `refused.policy.type`.
    """
    who = visitor.as_officer(Role.POSTER)
    found = publishable(desk, who.source).get(kind)
    if not found:
        raise RefusedError("refused.policy.type", kind[:40])
    return found


def publishable(desk: Desk, source: str) -> dict[str, tuple[str, ...]]:
    """Type → profiles that this body may post and that a form can ask for."""
    rights = may_post(desk.registry.current, source, desk.clock())
    marks = may_mark(desk.registry.current, source, desk.clock())
    found = {
        kind: tuple(one for one in profiles if can_be_typed(kind, one) and marks_for(kind, one, marks))
        for kind, profiles in rights.items()
    }
    return {kind: profiles for kind, profiles in found.items() if profiles}


def known_profile(profiles: tuple[str, ...], profile: str) -> str:
    """The profile, if it is one of these.

    Raises:
        RefusedError: `refused.profile`.
    """
    if profile not in profiles:
        raise RefusedError("refused.profile", profile[:40])
    return profile


async def given_of(request: Request) -> dict[str, list[str]]:
    """A form's values, without the browser's own affair.

    Raises:
        RefusedError: `refused.size`.
    """
    form = await request.form()
    names = [name for name in dict.fromkeys(form.keys()) if name != FIELD]
    found = {name: [value for value in form.getlist(name) if isinstance(value, str)] for name in names}
    if sum(len(value) for values in found.values() for value in values) > 2 * MAX_EVENT:
        raise RefusedError("refused.size")
    return found


def _check(asked: Asked, data: dict[str, Any]) -> None:
    """What the node would find wrong with the data, found before who will read is shown.

    Raises:
        InvalidError: `refused.data`.
    """
    model = catalogue()[asked.kind].model_of(asked.profile)
    try:
        model.model_validate(data)
    except ValidationError as error:
        raise InvalidError("refused.data", faults_of(error, model)) from error


async def form_page(
    desk: Desk,
    request: Request,
    visitor: Visitor,
    asked: Asked,
    given: Given,
    *,
    faults: list[Fault] | None = None,
    error: TamaniError | None = None,
    spare: int = 0,
    more: dict[str, Any] | None = None,
) -> Response:
    """The form, with what was typed and what is wrong; `more` is what the page of a draft adds."""
    registry, viewer = desk.registry.current, viewer_of(desk, request)
    source = visitor.as_officer().source
    kind, profiles = catalogue()[asked.kind], profiles_of(desk, visitor, asked.kind)
    marks = marks_for(asked.kind, asked.profile, may_mark(registry, source, desk.clock()))
    hand = hand_of(desk, visitor)
    layout = hand.suggested(opening(asked.kind, asked.profile))
    notices = await nameable(desk.queries, visitor.reader, viewer, layout, given)
    shown = {
        "asked": asked,
        "form": FormView(layout, viewer.labels, given, faults or [], spare, source, notices=notices, pasting=True),
        "profiles": profiles,
        "same": len({kind.model_of(profile) for profile in profiles}) == 1,
        "marks": marks,
        "sealed": asked.profile in kind.sealed_profiles,
        "mark": asked.tlp or usual_mark(asked.kind, asked.profile, marks),
        "bodies": [body for body in viewer.labels.readers if body.source != source],
        "languages": viewer.labels.languages,
        "zone": hand.tz,
        "version": next(iter(given.get(VERSION, ())), "0"),
        "shared": SHARE in given,
        "copy": next(iter(given.get("comme", ())), ""),
        "last": "",
    }
    return show(desk, request, "publish.html", visitor, error, **shown | {"aside": None} | (more or {}))


def _check_sealing(desk: Desk, visitor: Visitor, asked: Asked, data: dict[str, Any]) -> Sealing | None:
    """What must be sealed, and can be, for each of its readers.

    Raises:
        RefusedError: as `Sealing.check`.
    """
    sealing = sealing_of(asked.kind, asked.profile, asked.tlp, data)
    if sealing is not None:
        readers = {visitor.as_officer().source, *asked.audience}
        sealing.check(desk.registry.current, asked.tlp, sorted(readers), desk.clock())
    return sealing


async def _check_page(
    desk: Desk, request: Request, visitor: Visitor, *, asked: Asked, given: Given, data: dict[str, Any]
) -> Response:
    who, said = visitor.as_officer(), Unsealed(asked.kind, asked.profile, asked.tlp, asked.audience, data)
    viewer = await with_titles(desk.queries, visitor.reader, viewer_of(desk, request), data)
    shown: dict[str, Any] = {
        "asked": asked,
        "read": await as_read(desk, request, who.source, said, viewer),
        "second": await waits_for(desk, who, said),
        "kept": [(name, value) for name, values in given.items() for value in values if name != "acte" and value],
    }
    return show(desk, request, "publish_check.html", visitor, **shown)
