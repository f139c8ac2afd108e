"""A form about another notice: an answer to it, or a request that passes it on. Filled in, read over, published.

It is opened from the notice's page and never says more than the notice allows: its label is the notice's or stricter,
its readers are worked out and named before anything is sealed. The node checks all of it again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from tamani.core.catalogue import catalogue
from tamani.core.errors import RefusedError, TamaniError
from tamani.core.event import TLP
from tamani.core.faults import Fault, InvalidError, faults_of
from tamani.core.rights import may_mark, may_post
from tamani.desk.forms.fitting import fitting
from tamani.desk.forms.layout import Layout
from tamani.desk.forms.reading import compacted, data_of
from tamani.desk.forms.sealing import Sealing
from tamani.desk.gate import Visitor
from tamani.desk.pages.as_read import Unsealed, as_read
from tamani.desk.pages.form_view import MORE_ROWS, FormView
from tamani.desk.pages.page import viewer_of
from tamani.desk.pages.publish import Asked, Given, hand_of
from tamani.desk.pages.put_aside import KEEP, SHARE, VERSION, aside_of, keep, reopen, settle
from tamani.desk.pages.showing import show
from tamani.desk.pages.two_people import waits_for
from tamani.desk.rows import Notice
from tamani.desk.service import Desk

LONGEST_TITLE = 120
Filled = dict[str, Any]


@dataclass(frozen=True, slots=True)
class About:
    """What is about to be said of a notice.

    `subject` is the thread that it joins, if it joins one; `fixed` the part of the data that nobody types; `given` what
    the form suggests; `audience` works out the readers from the data; `among` the only bodies that it may name; `only`
    the one label that it may bear, whatever the notice's; `profiles` those that its author may choose among.
    """

    notice: Notice
    layout: Layout
    heading: str
    action: str
    subject: str | None
    fixed: Filled
    given: Mapping[str, list[str]]
    audience: Callable[[Filled], tuple[str, ...]]
    among: frozenset[str] | None = None
    only: str = ""
    profiles: tuple[str, ...] = ()

    def data(self, typed: Filled) -> Filled:
        """What was typed, with what is fixed."""
        head = typed.get("head", {}) | self.fixed.get("head", {})
        return typed | self.fixed | {"head": head}

    @property
    def marks(self) -> tuple[str, ...]:
        """The labels that it may bear: the notice's or a stricter one; in a sealed thread that of the thread."""
        row = self.notice.row
        if self.only:
            return (self.only,)
        allowed = (row.tlp,) if self.notice.sealed else TLP[TLP.index(row.tlp) :]
        return tuple(mark for mark in allowed if mark in catalogue()[self.layout.kind].tlps)

    def profile(self, given: Given) -> str:
        """The profile that a form was sent with, if it may be chosen."""
        asked = next(iter(given.get("profil", ())), "")
        return asked if asked in self.profiles else self.layout.profile

    def draft(self, asked: Asked, data: Filled) -> Filled:
        """The body of `POST /v1/messages`."""
        thread = {"subject": self.subject} if self.subject else {}
        return asked.draft(data) | {"audience": list(self.audience(data))} | thread


def check_right(desk: Desk, visitor: Visitor, kind: str, profile: str) -> None:
    """Refuse what this officer's body may not say at all.

    Raises:
        RefusedError: `refused.policy.type`.
    """
    source = visitor.as_officer().source
    if profile not in may_post(desk.registry.current, source, desk.clock()).get(kind, ()):
        raise RefusedError("refused.policy.type", f"{kind}:{profile}")


async def first_form(desk: Desk, request: Request, visitor: Visitor, about: About, id_: str) -> Response:
    """The form as it opens, or as it was put aside."""
    if (kept := request.query_params.get(VERSION)) is not None:
        found = await reopen(desk, visitor, kept)
        given, left = fitting(about.layout, found.given, {body.source for body in desk.registry.current.bodies})
        asked = Asked.of(about.layout.kind, given | {"profil": [about.profile(given)]})
        aside = aside_of(desk, request, found, left)
        return _form(desk, request, visitor, about, asked=asked, given=given, aside=aside)
    asked = Asked(about.layout.kind, id_, about.layout.profile, about.only or about.notice.row.tlp, "fr", ())
    return _form(desk, request, visitor, about, asked=asked, given=about.given)


async def take(desk: Desk, request: Request, visitor: Visitor, about: About, sent: Given) -> Response:
    """What a browser sends: the form again, the page that names the readers, or the notice on its way."""
    asked = Asked.of(about.layout.kind, {**sent, "profil": [about.profile(sent)]})
    given = compacted(about.layout, sent)
    act = next(iter(given.get("acte", ())), "relire")
    if act in {"lignes", "modifier"}:
        return _form(desk, request, visitor, about, asked=asked, given=given, spare=MORE_ROWS if act == "lignes" else 0)
    data = about.data(data_of(about.layout, given, hand_of(desk, visitor)))
    try:
        if act == KEEP:
            return await keep(desk, request, visitor, asked.kind, given, sealed=about.notice.sealed)
        _check(about, asked, data)
        if about.notice.sealed:
            readers = (visitor.as_officer().source, *about.audience(data))
            Sealing("thread").check(desk.registry.current, asked.tlp, readers, desk.clock())
        if act != "publier":
            return await _read_over(desk, request, visitor, about, asked=asked, given=given, data=data)
        made = await desk.posting.post(request.cookies.get(desk.gate.cookie, ""), about.draft(asked, data))
    except TamaniError as error:
        faults = error.faults if isinstance(error, InvalidError) else []
        return _form(desk, request, visitor, about, asked=asked, given=given, faults=faults, error=error)
    await settle(desk, request, visitor, asked.kind, given, posted=made, sealed=about.notice.sealed)
    return RedirectResponse(f"/publier/envoi/{made.id}", 303)


def _check(about: About, asked: Asked, data: Filled) -> None:
    """What the node would find wrong, found before who will read is shown.

    Raises:
        InvalidError: `refused.data`. RefusedError: `refused.policy.inherited`.
    """
    model = catalogue()[about.layout.kind].model_of(asked.profile)
    try:
        model.model_validate(data)
    except ValidationError as error:
        raise InvalidError("refused.data", faults_of(error, model)) from error
    beyond = set(about.audience(data)) - (about.among if about.among is not None else set(about.audience(data)))
    if asked.tlp not in about.marks or beyond:
        raise RefusedError("refused.policy.inherited", " ".join(sorted(beyond)))


def _form(
    desk: Desk,
    request: Request,
    visitor: Visitor,
    about: About,
    *,
    asked: Asked,
    given: Given,
    faults: list[Fault] | None = None,
    error: TamaniError | None = None,
    spare: int = 0,
    aside: Filled | None = None,
) -> Response:
    viewer, source = viewer_of(desk, request), visitor.as_officer().source
    mine = may_mark(desk.registry.current, source, desk.clock())
    marks = tuple(mark for mark in about.marks if mark in mine)
    if not marks:
        raise RefusedError("refused.policy.tlp", about.notice.row.tlp)
    others = frozenset(body.source for body in desk.registry.current.bodies if body.source != source)
    among = others if about.among is None else about.among
    view = FormView(about.layout, viewer.labels, given, faults or [], spare, source, among)
    shown = {
        "asked": asked,
        "form": view,
        "marks": marks,
        "mark": asked.tlp,
        "languages": viewer.labels.languages,
        "zone": hand_of(desk, visitor).tz,
        "version": next(iter(given.get(VERSION, ())), "0"),
        "shared": SHARE in given,
        "aside": aside,
        "profiles": about.profiles,
        "same": True,
        "public": about.only == "CLEAR",
        "heading": about.heading,
        "about": about.notice.row,
        "action": about.action,
    }
    return show(desk, request, "about.html", visitor, error, **shown)


async def _read_over(
    desk: Desk, request: Request, visitor: Visitor, about: About, *, asked: Asked, given: Given, data: Filled
) -> Response:
    who = visitor.as_officer()
    said = Unsealed(asked.kind, asked.profile, asked.tlp, about.audience(data), data, sealed=about.notice.sealed)
    shown: Filled = {
        "asked": asked,
        "read": await as_read(desk, request, who.source, said),
        "second": await waits_for(desk, who, said),
        "kept": [(name, value) for name, values in given.items() for value in values if name != "acte" and value],
        "action": about.action,
    }
    return show(desk, request, "publish_check.html", visitor, **shown)
