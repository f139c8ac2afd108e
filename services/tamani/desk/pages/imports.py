"""Publishing many notices from a table: choose a type, fill its template offline, drop it or paste its cells, read the
summary, confirm.

The summary is the page that names who will read; nothing of a file is published before its person has seen it.
"""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from tamani.core.codes import code
from tamani.core.errors import TamaniError
from tamani.core.rights import will_read
from tamani.core.roles import Role
from tamani.desk.caching import NEVER_KEPT
from tamani.desk.forms.layout import layout_of
from tamani.desk.forms.sealing import usual_mark
from tamani.desk.gate import Visitor
from tamani.desk.imports import limits
from tamani.desk.imports.annotated import annotate
from tamani.desk.imports.cells import CellReader
from tamani.desk.imports.columns import columns_of
from tamani.desk.imports.grid import Line
from tamani.desk.imports.rows import Verdict
from tamani.desk.imports.template import make_csv, make_template
from tamani.desk.laws.sheets import CSV_TYPE, XLSX_TYPE
from tamani.desk.pages.guard import officer_who_posts
from tamani.desk.pages.import_taking import (
    PASTE,
    Asked,
    Brought,
    check_readers,
    importable_profiles,
    kinds_of,
    marks_of,
    take_table,
)
from tamani.desk.pages.import_words import summary_of
from tamani.desk.pages.languages import plain as _
from tamani.desk.pages.languages import translations
from tamani.desk.pages.page import language_of, viewer_of
from tamani.desk.pages.publish import known_profile
from tamani.desk.pages.showing import show
from tamani.desk.service import Desk
from tamani.runtime.routes import join

PASTED = _("Cellules collées")
TO_MEND = (_("Ligne"), _("À corriger"))


def build_imports(desk: Desk) -> APIRouter:
    """The routes."""
    routes = APIRouter(include_in_schema=False)
    poster: Any = officer_who_posts(desk, Role.POSTER)

    @routes.get("/importer")
    async def choose(request: Request) -> Response:
        visitor = await desk.gate.admit(request)
        who, labels = visitor.as_officer(Role.POSTER), viewer_of(desk, request).labels
        kinds = [(kind, labels.type(kind)) for kind in kinds_of(desk, who.source)]
        return show(desk, request, "imports.html", visitor, kinds=kinds, files=await desk.imports.mine(who.id))

    @routes.get("/importer/{kind}")
    async def ask(request: Request, kind: str) -> Response:
        visitor = await desk.gate.admit(request)
        profiles = importable_profiles(desk, visitor, kind)
        profile = request.query_params.get("profil", profiles[0])
        return _form(desk, request, visitor, Asked(kind, known_profile(profiles, profile), "", "fr", ()))

    @routes.get("/importer/{kind}/modele.{form}")
    async def template(request: Request, kind: str, form: Literal["xlsx", "csv"]) -> Response:
        visitor = await desk.gate.admit(request)
        profiles = importable_profiles(desk, visitor, kind)
        profile = known_profile(profiles, request.query_params.get("profil", profiles[0]))
        reader, labels = CellReader(desk.registry.current, desk.clock()), viewer_of(desk, request).labels
        if form == "csv":
            return _download(make_csv(columns_of(kind, profile), reader), f"tamani-{kind}-{profile}.csv", CSV_TYPE)
        made = make_template(columns_of(kind, profile), layout_of(kind, profile), reader, labels.profile(kind, profile))
        return _download(made, f"tamani-{kind}-{profile}.xlsx")

    @routes.post("/importer/{kind}")
    async def take(request: Request, kind: str, visitor: Annotated[Visitor, poster]) -> Response:
        form = await request.form()
        asked = Asked.of(kind, form)
        try:
            known_profile(importable_profiles(desk, visitor, kind), asked.profile)
            check_readers(desk, visitor, asked)
            if form.get("acte") == PASTE:
                brought = Brought.of_cells(asked.cells, translations(language_of(request)).gettext(PASTED))
            else:
                brought = await Brought.of_file(form.get("fichier"))
            made = await take_table(desk, visitor, asked, brought)
        except TamaniError as error:
            if not asked.profile:
                raise
            return _form(desk, request, visitor, asked, error)
        return RedirectResponse(f"/importer/fichier/{made}", 303)

    join(routes, _build_file(desk))
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


def _form(desk: Desk, request: Request, visitor: Visitor, asked: Asked, error: TamaniError | None = None) -> Response:
    kind, source = asked.kind, visitor.as_officer().source
    marks, labels = marks_of(desk, visitor, kind, asked.profile), viewer_of(desk, request).labels
    shown = {
        "kind": kind,
        "asked": asked,
        "profiles": importable_profiles(desk, visitor, kind),
        "columns": columns_of(kind, asked.profile),
        "marks": marks,
        "mark": asked.tlp or usual_mark(kind, asked.profile, marks),
        "bodies": [body for body in labels.readers if body.source != source],
        "languages": labels.languages,
        "limits": (limits.ROWS, limits.FILE // 1024, limits.PASTED),
    }
    return show(desk, request, "import.html", visitor, error, **shown)


def _download(made: bytes, name: str, kind: str = XLSX_TYPE) -> Response:
    headers = NEVER_KEPT | {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(made, media_type=kind, headers=headers)
