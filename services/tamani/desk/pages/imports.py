"""Publishing many notices from a table: choose a type, fill its template offline, drop it, read the summary, confirm.

The summary is the page that names who will read; nothing of a file is published before its person has seen it.
"""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData, UploadFile

from tamani.core.codelists import terms
from tamani.core.codes import code
from tamani.core.errors import RefusedError, TamaniError
from tamani.core.policy import SEALED_ONLY
from tamani.core.rights import may_mark, will_read
from tamani.core.roles import Role
from tamani.desk.caching import NEVER_KEPT
from tamani.desk.forms.layout import layout_of
from tamani.desk.forms.sealing import marks_for, usual_mark
from tamani.desk.gate import Visitor
from tamani.desk.imports import limits
from tamani.desk.imports.annotated import annotate
from tamani.desk.imports.cells import CellReader
from tamani.desk.imports.columns import columns_of, importable
from tamani.desk.imports.file import read_table
from tamani.desk.imports.grid import Line
from tamani.desk.imports.headings import Heading, find_heading
from tamani.desk.imports.rows import Row, Table, There, Verdict
from tamani.desk.imports.standing import what_stands
from tamani.desk.imports.store import LONGEST_NAME, TO_POST, Given, digest_of
from tamani.desk.imports.template import make_template
from tamani.desk.laws.sheets import XLSX_TYPE
from tamani.desk.pages.guard import officer_who_posts
from tamani.desk.pages.import_words import summary_of
from tamani.desk.pages.languages import plain as _
from tamani.desk.pages.languages import translations
from tamani.desk.pages.page import language_of, viewer_of
from tamani.desk.pages.publish import hand_of, publishable
from tamani.desk.pages.showing import show
from tamani.desk.service import Desk

TO_MEND = (_("Ligne"), _("À corriger"))


@dataclass(frozen=True, slots=True)
class Asked:
    """What an upload says beside the file."""

    kind: str
    profile: str
    tlp: str
    lang: str
    audience: tuple[str, ...]

    @classmethod
    def of(cls, kind: str, form: FormData) -> "Asked":
        """From the form."""

        def one(name: str, otherwise: str = "") -> str:
            value = form.get(name, otherwise)
            return value if isinstance(value, str) else otherwise

        audience = {value for value in form.getlist("audience") if isinstance(value, str)}
        return cls(kind, one("profil"), one("tlp"), one("lang", "fr"), tuple(sorted(audience)))


def build_imports(desk: Desk) -> APIRouter:
    """The routes."""
    routes = APIRouter(include_in_schema=False)
    poster: Any = officer_who_posts(desk, Role.POSTER)

    @routes.get("/importer")
    async def choose(request: Request) -> Response:
        visitor = await desk.gate.admit(request)
        who, labels = visitor.as_officer(Role.POSTER), viewer_of(desk, request).labels
        kinds = [(kind, labels.type(kind)) for kind in _kinds(desk, who.source)]
        return show(desk, request, "imports.html", visitor, kinds=kinds, files=await desk.imports.mine(who.id))

    @routes.get("/importer/{kind}")
    async def ask(request: Request, kind: str) -> Response:
        visitor = await desk.gate.admit(request)
        profiles = _profiles(desk, visitor, kind)
        profile = request.query_params.get("profil", profiles[0])
        return _form(desk, request, visitor, Asked(kind, _known(profiles, profile), "", "fr", ()))

    @routes.get("/importer/{kind}/modele.xlsx")
    async def template(request: Request, kind: str) -> Response:
        visitor = await desk.gate.admit(request)
        profiles = _profiles(desk, visitor, kind)
        profile = _known(profiles, request.query_params.get("profil", profiles[0]))
        reader, labels = CellReader(desk.registry.current), viewer_of(desk, request).labels
        made = make_template(columns_of(kind, profile), layout_of(kind, profile), reader, labels.profile(kind, profile))
        return _download(made, f"tamani-{kind}-{profile}.xlsx")

    @routes.post("/importer/{kind}")
    async def take(request: Request, kind: str, visitor: Annotated[Visitor, poster]) -> Response:
        form = await request.form(max_files=1, max_fields=300)
        asked = Asked.of(kind, form)
        try:
            _known(_profiles(desk, visitor, kind), asked.profile)
            _check_readers(desk, visitor, asked)
            made = await _take(desk, visitor, asked, form.get("fichier"))
        except TamaniError as error:
            if not asked.profile:
                raise
            return _form(desk, request, visitor, asked, error)
        return RedirectResponse(f"/importer/fichier/{made}", 303)

    routes.include_router(_build_file(desk))
    return routes


def _build_file(desk: Desk) -> APIRouter:
    routes = APIRouter(include_in_schema=False)
    poster: Any = officer_who_posts(desk, Role.POSTER)

    @routes.get("/importer/fichier/{id}")
    async def look(request: Request, id: UUID) -> Response:  # noqa: A002
        visitor = await desk.gate.admit(request)
        who = visitor.as_officer(Role.POSTER)
        file, rows = await desk.imports.find(str(id), who.id)
        viewer = viewer_of(desk, request)
        readers = will_read(desk.registry.current, who.source, file.given.tlp, file.given.audience)
        shown: dict[str, Any] = {
            "file": file,
            "summary": summary_of(viewer, rows),
            "readers": readers if readers is None else [viewer.labels.body(one) for one in readers],
            "running": desk.importing.is_running(file.id),
            "stopped": code(file.stopped).sentence(viewer.labels.lang) if file.stopped else "",
        }
        return show(desk, request, "import_file.html", visitor, **shown)

    @routes.get("/importer/fichier/{id}/a-corriger.xlsx")
    async def mend(request: Request, id: UUID) -> Response:  # noqa: A002
        visitor = await desk.gate.admit(request)
        file, rows = await desk.imports.find(str(id), visitor.as_officer(Role.POSTER).id)
        lang = language_of(request)
        wrong = {row.number: row.wrong for row in rows if row.verdict is Verdict.WRONG}
        lines = [Line(row.number, row.texts) for row in rows]
        words = [translations(lang).gettext(word) for word in TO_MEND]
        return _download(annotate(file.given.headings, lines, wrong, words, lang), "tamani-a-corriger.xlsx")

    @routes.post("/importer/fichier/{id}")
    async def act(request: Request, id: UUID, visitor: Annotated[Visitor, poster]) -> Response:  # noqa: A002
        who = visitor.as_officer(Role.POSTER)
        file, _rows = await desk.imports.find(str(id), who.id)
        if (await request.form()).get("acte") == "abandonner":
            await desk.imports.drop(file.id)
            return RedirectResponse("/importer", 303)
        await desk.imports.confirm(file.id)
        desk.importing.start(file, desk.posting, request.cookies.get(desk.gate.cookie, ""))
        return RedirectResponse(f"/importer/fichier/{file.id}", 303)

    return routes


async def _take(desk: Desk, visitor: Visitor, asked: Asked, sent: object) -> str:
    """Read a file, keep what it would publish, and give its number.

    Raises:
        RefusedError: `refused.import.…`: why the file as a whole cannot be taken.
    """
    if not isinstance(sent, UploadFile) or not sent.filename:
        raise RefusedError("refused.import.none")
    raw = await sent.read(limits.FILE + 1)
    there = await what_stands(desk.queries, visitor.reader, asked.kind, asked.profile)
    table = Table(asked.kind, asked.profile, hand_of(desk, visitor), CellReader(desk.registry.current))
    # A thousand rows take a second: other readers must not wait for them.
    heading, rows = await asyncio.to_thread(_read, raw, table, there)
    texts = {line.number: line.texts for line in heading.rows}
    who = visitor.as_officer()
    name = "".join(c for c in sent.filename if c.isprintable())[:LONGEST_NAME]
    headings = {"headings": heading.texts, "strange": heading.strange}
    about: dict[str, Any] = {"tlp": asked.tlp, "audience": asked.audience, "lang": asked.lang, "name": name} | headings
    given = Given(who.source, who.id, asked.kind, asked.profile, **about)
    rows = await _not_twice(desk, given, rows)
    return await desk.imports.add(given, [(row, texts[row.number]) for row in rows])


def _read(raw: bytes, table: Table, there: list[There]) -> tuple[Heading, list[Row]]:
    heading = find_heading(read_table(raw), columns_of(table.kind, table.profile))
    if not heading.rows:
        raise RefusedError("refused.import.empty")
    if len(heading.rows) > limits.ROWS:
        raise RefusedError("refused.import.rows", f"> {limits.ROWS}")
    return heading, table.rows(heading, there)


async def _not_twice(desk: Desk, given: Given, rows: list[Row]) -> list[Row]:
    """What the node has taken from an earlier file is there, though the mirror may not show it yet."""
    digests = {row.number: digest_of(given, row.data) for row in rows if row.verdict in TO_POST}
    taken = await desk.imports.taken(set(digests.values()))
    return [
        Row(row.number, Verdict.SAME, row.title, by=given.body) if digests.get(row.number) in taken else row
        for row in rows
    ]


def _check_readers(desk: Desk, visitor: Visitor, asked: Asked) -> None:
    """What the node would refuse of every row alike.

    Raises:
        RefusedError: `refused.policy.tlp`, `refused.policy.audience`.
    """
    if asked.tlp not in _marks(desk, visitor, asked.kind, asked.profile):
        raise RefusedError("refused.policy.tlp", asked.tlp)
    if asked.tlp == "AMBER" and not asked.audience:
        raise RefusedError("refused.policy.audience", "TLP:AMBER")
    if any(desk.registry.current.body(one) is None for one in asked.audience) or asked.lang not in terms("languages"):
        raise RefusedError("refused.policy.audience", " ".join(asked.audience)[:80])


def _marks(desk: Desk, visitor: Visitor, kind: str, profile: str) -> tuple[str, ...]:
    """Sealed notices are written one by one: a file waits in the desk's database until it is published."""
    marks = may_mark(desk.registry.current, visitor.as_officer().source, desk.clock())
    return tuple(mark for mark in marks_for(kind, profile, marks) if mark not in SEALED_ONLY)


def _kinds(desk: Desk, source: str) -> dict[str, tuple[str, ...]]:
    found = {
        kind: tuple(one for one in profiles if importable(kind, one))
        for kind, profiles in publishable(desk, source).items()
    }
    return {kind: profiles for kind, profiles in found.items() if profiles}


def _profiles(desk: Desk, visitor: Visitor, kind: str) -> tuple[str, ...]:
    found = _kinds(desk, visitor.as_officer(Role.POSTER).source).get(kind)
    if not found:
        raise RefusedError("refused.policy.type", kind[:40])
    return found


def _known(profiles: tuple[str, ...], profile: str) -> str:
    if profile not in profiles:
        raise RefusedError("refused.profile", profile[:40])
    return profile


def _form(desk: Desk, request: Request, visitor: Visitor, asked: Asked, error: TamaniError | None = None) -> Response:
    kind, source = asked.kind, visitor.as_officer().source
    marks = _marks(desk, visitor, kind, asked.profile)
    shown = {
        "kind": kind,
        "asked": asked,
        "profiles": _profiles(desk, visitor, kind),
        "columns": columns_of(kind, asked.profile),
        "marks": marks,
        "mark": asked.tlp or usual_mark(kind, asked.profile, marks),
        "bodies": [body for body in desk.registry.current.bodies if body.source != source and body.reads],
        "languages": tuple(terms("languages")),
        "limits": (limits.ROWS, limits.FILE // 1024),
    }
    return show(desk, request, "import.html", visitor, error, **shown)


def _download(made: bytes, name: str) -> Response:
    headers = NEVER_KEPT | {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(made, media_type=XLSX_TYPE, headers=headers)
