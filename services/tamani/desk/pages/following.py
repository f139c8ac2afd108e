"""A deed on a notice: its form with the present values, what it changes and who will read it, then the node.

The form carries the version on which it was opened. If the thread has moved on meanwhile, the page says so, shows what
has changed, and keeps every word that was typed.
"""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import uuid_utils
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from tamani.core.deeds import OWN, TRANSLATION
from tamani.core.errors import RefusedError, TamaniError
from tamani.core.event import TLP
from tamani.core.faults import Fault, InvalidError
from tamani.core.names import Country
from tamani.core.rights import will_read
from tamani.core.roles import Role
from tamani.desk.findings import contents_of
from tamani.desk.forms.merging import carried
from tamani.desk.forms.reading import compacted
from tamani.desk.forms.sealing import sealing_of
from tamani.desk.gate import Visitor
from tamani.desk.imports.cells import CellReader
from tamani.desk.imports.pasting import PASTED, Pasted, take_pasted
from tamani.desk.opened_by import taken_up
from tamani.desk.pages.acts import marks_of, may_do, seen_of, title_of, word_of
from tamani.desk.pages.as_read import Unsealed
from tamani.desk.pages.changed import Changed, Version, changes
from tamani.desk.pages.fields import FieldReader
from tamani.desk.pages.follow_work import Work
from tamani.desk.pages.form_view import MORE_ROWS, FormView
from tamani.desk.pages.guard import officer_who_posts
from tamani.desk.pages.languages import plain as _
from tamani.desk.pages.languages import translations
from tamani.desk.pages.naming import nameable, with_titles
from tamani.desk.pages.page import language_of, viewer_of
from tamani.desk.pages.pieces import check_pieces, name_pieces, take_pieces
from tamani.desk.pages.publish import given_of, hand_of
from tamani.desk.pages.put_aside import KEEP, SHARE, VERSION, Reopened, aside_of, keep, reopen, settle
from tamani.desk.pages.showing import show
from tamani.desk.pages.text import to_html
from tamani.desk.pages.two_people import waits_for
from tamani.desk.pages.views import Viewer
from tamani.desk.rows import Notice
from tamani.desk.service import Desk
from tamani.desk.wire import page_path

Given = dict[str, list[str]]
# The id of the answer whose date is taken over.
ANSWER = "reponse"
SHOWN = _("Celui que montre la page (%(digest)s…)")
OTHER = _("L'autre, gardé comme preuve (%(digest)s…)")


def build_following(desk: Desk) -> APIRouter:
    """The routes of a deed."""
    routes = APIRouter(include_in_schema=False)
    poster: Any = officer_who_posts(desk, Role.POSTER)
    path = "/avis/{country}/{body}/{id}/suite/{name}"

    @routes.get(path)
    async def ask(request: Request, country: Country, body: str, id: UUID, name: str) -> Response:  # noqa: A002
        visitor = await desk.gate.admit(request)
        visitor.as_officer(Role.POSTER)
        work = await _work(desk, visitor, f"/{country}/{body}", str(id), name)
        if work.deed not in may_do(desk, visitor, work.notice, work.story):
            raise RefusedError("refused.transition", name[:80])
        page = _Page(desk, request, visitor, work)
        if draft := request.query_params.get(VERSION):
            return await page.again(await reopen(desk, visitor, draft))
        answer = request.query_params.get(ANSWER, "")
        given = work.filled_as_proposed(answer) if answer else work.filled
        return await page.form({**given, "id": [str(uuid_utils.uuid7())]})

    @routes.post(path)
    async def say(
        request: Request,
        country: Country,
        body: str,
        id: UUID,  # noqa: A002
        *,
        name: str,
        visitor: Annotated[Visitor, poster],
    ) -> Response:
        sent = await given_of(request)
        work = await _work(desk, visitor, f"/{country}/{body}", str(id), name)
        page = _Page(desk, request, visitor, work)
        pasted = take_pasted(work.layout, compacted(work.layout, sent), CellReader(desk.registry.current, desk.clock()))
        given, sealed = pasted.given, work.notice.sealed
        try:
            await take_pieces(desk, request, visitor, given, layout=work.layout, sent=sent, sealed=sealed)
        except TamaniError as error:
            return await page.form(given, error=error)
        return await page.answer(pasted)

    return routes


async def _work(desk: Desk, visitor: Visitor, source: str, id_: str, name: str) -> Work:
    return Work.on(name, *await taken_up(desk, visitor, source, id_), hand_of(desk, visitor))


class _Page:
    """The pages of one deed, for one request."""

    def __init__(self, desk: Desk, request: Request, visitor: Visitor, work: Work) -> None:
        self._desk, self._request, self._visitor, self._work = desk, request, visitor, work
        self._viewer: Viewer = viewer_of(desk, request)
        self._address = f"{page_path(work.notice.row.source, work.notice.row.id)}/suite/{work.deed.name}"
        self._aside: dict[str, Any] | None = None
        self._word = word_of(self._viewer.labels, work.deed, work.story)

    async def again(self, found: Reopened) -> Response:
        """A form that was put aside, over the notice as it stands now."""
        self._aside = aside_of(self._desk, self._request, found, [])
        return await self._moved(found.given) or await self.form(found.given)

    async def answer(self, pasted: Pasted) -> Response:
        """What comes of a form that was sent, with the rows that were pasted into it."""
        given = pasted.given
        act, sealed = _one(given, "acte", "relire"), self._work.notice.sealed
        if act != KEEP and (moved := await self._moved(given)) is not None:
            return moved
        if pasted.faults:
            faults = list(pasted.faults)
            return await self.form(given, faults=faults, error=InvalidError("refused.data", faults))
        if act in {"lignes", "modifier"}:
            return await self.form(given, spare=MORE_ROWS if act == "lignes" and not pasted.any else 0)
        try:
            if act == KEEP:
                return await keep(self._desk, self._request, self._visitor, self._work.deed.kind, given, sealed=sealed)
            if self._work.deed not in may_do(self._desk, self._visitor, self._work.notice, self._work.story):
                raise RefusedError("refused.transition", self._work.deed.name)
            made = self._work.data(given, title_of(self._viewer.labels, self._work.deed, self._work.notice.row.title))
            await self._check_pieces(given, made, sealed=sealed)
            if act != "publier":
                return await self._check(given, made)
            cookie = self._request.cookies.get(self._desk.gate.cookie, "")
            draft = self._draft(given, made)
            await name_pieces(self._desk, self._visitor, draft["id"], made)
            posted = await self._desk.posting.post(cookie, draft)
        except TamaniError as error:
            faults = error.faults if isinstance(error, InvalidError) else []
            return await self.form(given, error=error, faults=faults)
        kind = self._work.deed.kind
        await settle(self._desk, self._request, self._visitor, kind, given, posted=posted, sealed=sealed)
        return RedirectResponse(f"/publier/envoi/{posted.id}", 303)

    async def form(
        self,
        given: Given,
        *,
        error: TamaniError | None = None,
        faults: Sequence[Fault] = (),
        spare: int = 0,
        news: Sequence[Changed] = (),
    ) -> Response:
        """The form, with what was typed."""
        work, labels = self._work, self._viewer.labels
        reader = self._visitor.reader
        notices = await nameable(self._desk.queries, reader, self._viewer, work.layout, given)
        shown = {
            "form": FormView(
                work.layout,
                labels,
                given,
                faults,
                spare,
                work.body,
                notices=notices,
                words=self._contents(),
                pasting=True,
            ),
            "id": _one(given, "id", str(uuid_utils.uuid7())),
            "seen": seen_of(work.story),
            "version": _one(given, VERSION, "0"),
            "aside": self._aside,
            "news": news,
            "source": self._source(),
            "marks": marks_of(self._desk, work.body, work.deed, work.notice) if work.whole else (),
            "mark": self._tlp(given),
            "audience": self._audience(given),
            "bodies": [one for one in labels.registry.bodies if one.source != work.body and one.reads],
            "zone": work.hand.tz,
        }
        return self._show("suite.html", error, **shown)

    async def _moved(self, given: Given) -> Response | None:
        """The form again, if its notice is no longer what its author has seen."""
        work, seen = self._work, _one(given, "vu", "")
        if work.deed.what in OWN or seen == seen_of(work.story):
            return None
        opened = next((one for one in work.story.notices if one.row.id == seen.partition(" ")[0]), None)
        news: list[Changed] = []
        if opened is not None:
            reader = await self._reader(opened.event.data, work.notice.event.data)
            news = changes(reader, Version.of(opened.event), Version.of(work.notice.event))
            if work.version:
                given = self._carried(given, opened)
        return await self.form(given, error=RefusedError("refused.thread.changed"), news=news)

    def _carried(self, given: Given, opened: Notice) -> Given:
        """What was typed, over the notice as it stands; who reads it, too, if nobody has touched that."""
        work, untaken = self._work, (name for name in given if name.startswith(PASTED))
        kept = _some(given, "id", "acte", VERSION, SHARE, *untaken)
        row, now = opened.row, work.notice.row
        if (self._tlp(given), self._audience(given)) != (row.tlp, row.audience):
            kept |= _some(given, "tlp", "audience")
        else:
            kept |= {"tlp": [now.tlp], "audience": list(now.audience)}
        typed = {name: texts for name, texts in given.items() if name.startswith("d.")}
        return carried(work.layout, typed, work.filled_from(opened), work.filled_from(work.notice)) | kept

    async def _check(self, given: Given, made: dict[str, Any]) -> Response:
        work, labels = self._work, self._viewer.labels
        tlp, audience = self._tlp(given), self._audience(given)
        readers = will_read(labels.registry, work.body, tlp, audience)
        after = Version(work.deed.kind, work.deed.profile, made, tlp, audience)
        reader = await self._reader(work.notice.event.data, made)
        fields = reader.of_type(work.deed.kind, work.deed.profile, made)
        said = Unsealed(work.deed.kind, work.deed.profile, tlp, audience, made)
        shown = {
            "second": await waits_for(self._desk, self._visitor.as_officer(), said),
            "changes": changes(reader, Version.of(work.notice.event), after) if work.version else [],
            "compared": work.version,
            "fields": [] if work.version else [one for one in fields if one.name != "target"],
            "reason": made["head"].get("reason", ""),
            "readers": readers if readers is None else [labels.body(one) for one in readers],
            "mark": tlp,
            "kept": [(name, one) for name, texts in given.items() for one in texts if name != "acte" and one],
        }
        return self._show("suite_check.html", None, **shown)

    async def _check_pieces(self, given: Given, made: dict[str, Any], *, sealed: bool) -> None:
        work = self._work
        sealing = sealing_of(work.deed.kind, work.deed.profile, self._tlp(given), made)
        before = work.notice.event.data if work.version else {}
        await check_pieces(self._desk, self._visitor, made, before, sealed=sealed or sealing is not None)

    async def _reader(self, *data: dict[str, Any]) -> FieldReader:
        viewer = await with_titles(self._desk.queries, self._visitor.reader, self._viewer, *data)
        return FieldReader(viewer.labels, viewer.dates, viewer.titles)

    def _draft(self, given: Given, made: dict[str, Any]) -> dict[str, Any]:
        work, lang = self._work, language_of(self._request)
        if work.version:
            lang = work.notice.row.lang
        if work.deed.what == TRANSLATION:
            lang = str(made["into"])
        readers = self._audience(given)
        return work.draft(made, id_=_one(given, "id", ""), lang=lang, tlp=self._tlp(given), audience=readers)

    def _tlp(self, given: Given) -> str:
        """The label asked for; where it is not asked, that of the notice, or the lowest that its type may bear."""
        work = self._work
        marks = marks_of(self._desk, work.body, work.deed, work.notice)
        asked = _one(given, "tlp", work.notice.row.tlp) if work.whole else work.notice.row.tlp
        return asked if asked in TLP and (work.whole or asked in marks) else next(iter(marks), asked)

    def _audience(self, given: Given) -> tuple[str, ...]:
        """Who is named. A form sent without anybody names nobody; one that was just opened, those of before."""
        asked = tuple(sorted(set(given.get("audience", ())))) if "tlp" in given and self._work.whole else None
        return self._work.readers(asked)

    def _contents(self) -> dict[str, str]:
        """The contents under one id, each in words and by the beginning of its name in the log."""
        say, found = translations(self._viewer.labels.lang).gettext, contents_of(self._work.story, self._work.notice)
        words = (SHOWN, *(OTHER for _one in found[1:]))
        return {one: say(word) % {"digest": one[:16]} for one, word in zip(found, words, strict=bool(found))}

    def _source(self) -> dict[str, Any] | None:
        """The words to translate."""
        if self._work.deed.what != TRANSLATION:
            return None
        row, head = self._work.notice.row, self._work.notice.event.head
        said = {"lang": row.lang, "language": self._viewer.labels.language(row.lang), "title": row.title}
        text = to_html(head["body"]) if head.get("body") else None
        return said | {"summary": head.get("summary", ""), "text": text}

    def _show(self, template: str, error: TamaniError | None, **shown: Any) -> Response:
        row, labels = self._work.notice.row, self._viewer.labels
        frame = {
            "sealed": self._work.notice.sealed,
            "word": self._word,
            "title": row.title,
            "kind": labels.type(row.type),
            "action": self._address,
        }
        href = page_path(row.source, row.id)
        return show(self._desk, self._request, template, self._visitor, error, href=href, **frame, **shown)


def _some(given: Given, *names: str) -> Given:
    return {name: given[name] for name in names if name in given}


def _one(given: Given, name: str, otherwise: str) -> str:
    return next(iter(given.get(name, ())), otherwise)
