"""The pieces that a dossier encloses: those of the sitting, and those of the texts that its points examine.

On a page each is a link, and whoever opens it has it fetched. A file holds them: what is elsewhere is fetched first, as
long as somebody waits for a file; what has not come by then is named in it as under way, what is refused as refused.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace

from tamani.core.errors import OutageError, RefusedError
from tamani.desk.dossier.parts import Binder, Dossier
from tamani.desk.imports.columns import plain
from tamani.desk.pages.documents import Document, attachments_in, documents_in
from tamani.desk.pages.languages import plain as _
from tamani.desk.pages.languages import translations
from tamani.desk.pages.views import Viewer
from tamani.desk.pieces.at_hand import wanted_of
from tamani.desk.pieces.blobs import COMING
from tamani.desk.pieces.fetching import Fetching
from tamani.desk.rows import Notice
from tamani.desk.service import Desk
from tamani.desk.wire import page_path

Name = tuple[str, str]
Enclosed = Mapping[Name, Sequence[Document]]
# Of the name of a piece in the file.
LONGEST_NAME = 60
# For all that must be fetched before the first byte of a file is sent (seconds).
PATIENCE = 20.0
UNDER_WAY = _("en route : pas encore dans ce fichier")
NOT_COMING = _("ne viendra pas : à demander à l'organisme qui publie l'avis")


async def enclosed(desk: Desk, viewer: Viewer, binder: Binder, dossier: Dossier, *, leaves: bool) -> Enclosed:
    """The pieces by notice (source, id). `leaves`: as parts of a file, else as links of this site."""
    notices = {"": dossier.meeting.notice}
    for number, point in enumerate(dossier.points, 1):
        held = await binder.about(dossier.reader, point.said) if point.about else None
        if held is not None and held.notice.row.id not in {one.row.id for one in notices.values()}:
            notices[f"point-{number:02}/"] = held.notice
    refused: Set[Name] = set()
    if leaves and desk.fetching is not None:
        signed_in = dossier.reader.body is not None
        refused = await _bring_in(desk, desk.fetching, notices.values(), signed_in=signed_in)
    return {
        (notice.row.source, notice.row.id): await _of_one(desk, viewer, notice, folder if leaves else None, refused)
        for folder, notice in notices.items()
    }


async def _of_one(desk: Desk, viewer: Viewer, notice: Notice, folder: str | None, refused: Set[Name]) -> list[Document]:
    row, data = notice.row, notice.event.data
    fetched = desk.fetching is not None
    where = f"{page_path(row.source, row.id)}/pieces/"
    documents = await documents_in(desk.pieces, viewer, row.source, data, where, fetched=fetched and folder is None)
    if folder is None:
        return documents
    says = translations(viewer.labels.lang).gettext if fetched else lambda _note: ""
    return [
        _packed(folder, number, one)
        if one.href
        else replace(one, note=says(NOT_COMING if (row.source, one.digest) in refused else UNDER_WAY))
        for number, one in enumerate(documents, 1)
    ]


def _packed(folder: str, number: int, one: Document) -> Document:
    """A piece as a part of the file, under a name that any file system takes."""
    name = f"{number:02} {plain(one.title)[:LONGEST_NAME]}".strip().replace(" ", "-")
    ending = "bin" if "/" in one.format else one.format.lower()  # a media type that is not taken here
    return replace(one, href=f"pieces/{folder}{name}.{ending}", note="")


async def _bring_in(desk: Desk, fetching: Fetching, notices: Iterable[Notice], *, signed_in: bool) -> Set[Name]:
    """Fetch what is elsewhere, one after the other; an archive that is away is asked once.

    Returns: what will not come, by body and digest.
    """
    refused: set[Name] = set()
    until = asyncio.get_running_loop().time() + PATIENCE
    for notice in notices:
        named = attachments_in(notice.event.data)
        held = await desk.pieces.held(notice.row.source, [str(one["sha256"]) for one in named])
        for one in named:
            left = until - asyncio.get_running_loop().time()
            if left <= 0:
                return refused
            if one["sha256"] not in held:
                wanted = wanted_of(notice.row.source, notice.row.id, one)
                try:
                    await fetching.fetch(wanted, left, signed_in=signed_in)
                except RefusedError:
                    refused.add((wanted.source, wanted.sha256))
                except OutageError as error:
                    if error.code.name != COMING:
                        return refused
    return refused
