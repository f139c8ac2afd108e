"""Pieces of a form: files that came along, the rows that name them, and whether what a notice says of them is so."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Request
from starlette.datastructures import UploadFile

from tamani.core.errors import RefusedError
from tamani.core.event import UUID7
from tamani.core.roles import Role
from tamani.desk.forms.layout import PIECES, Layout
from tamani.desk.forms.reading import PREFIX, rows_in
from tamani.desk.gate import Visitor
from tamani.desk.pages.documents import attachments_in
from tamani.desk.pieces import limits
from tamani.desk.pieces.store import Piece
from tamani.desk.service import Desk

# The file input of a form.
FILES = "pieces"
ROW = f"{PREFIX}{PIECES}."
LONGEST_TITLE = 120
Given = dict[str, list[str]]


async def take_pieces(
    desk: Desk,
    request: Request,
    visitor: Visitor,
    given: Given,
    *,
    layout: Layout,
    sent: Mapping[str, Sequence[str]],
    sealed: bool,
) -> None:
    """Add to what a form said (`given`: `sent`, compacted) a row for each file that came; erase what was taken out.

    One that is not taken stops those after it; those before it stay in `given`.

    Raises:
        RefusedError: as `Pieces.bring`, `refused.piece.many`, `refused.piece.sealed`; OutageError `failed.database`.
    """
    asked = next((one for one in layout.asked if one.path == PIECES), None)
    if asked is None:
        return
    source, named = visitor.as_officer(Role.POSTER).source, _digests(given)
    await desk.pieces.use(source, named)
    await desk.pieces.take_out(source, _digests(sent) - named)
    files = [file for file in (await request.form()).getlist(FILES) if isinstance(file, UploadFile) and file.filename]
    if files and sealed:
        raise RefusedError("refused.piece.sealed")
    if files and rows_in(asked, given, 0) + len(files) > limits.MOST:
        raise RefusedError("refused.piece.many")
    for file in files:
        found = await _brought(desk, source, file)
        if found.sha256 not in _digests(given):
            at = f"{ROW}{rows_in(asked, given, 0)}."
            said = {"title": title_of(file.filename or ""), "sha256": found.sha256, "mime": found.mime}
            given.update({at + name: [value] for name, value in (said | {"size": str(found.size)}).items()})


async def _brought(desk: Desk, source: str, file: UploadFile) -> Piece:
    try:
        return await desk.pieces.bring(source, await file.read(limits.LARGEST + 1))
    except RefusedError as error:
        raise RefusedError(error.code.name, title_of(file.filename or "")) from error  # which of them it was


def _digests(given: Mapping[str, Sequence[str]]) -> set[str]:
    """The files that these rows of a form name."""
    rows = (values for name, values in given.items() if name.startswith(ROW) and name.endswith(".sha256"))
    return {value for values in rows for value in values}


def title_of(name: str) -> str:
    """What a file is called until somebody says it better: its name without folders and ending."""
    plain = "".join(sign for sign in name.rpartition("/")[2].rpartition("\\")[2] if sign.isprintable())
    return (plain.rpartition(".")[0] or plain)[:LONGEST_TITLE].strip() or "Pièce"


async def check_pieces(
    desk: Desk,
    visitor: Visitor,
    data: Mapping[str, Any],
    before: Mapping[str, Any] | None = None,
    *,
    sealed: bool = False,
) -> None:
    """What a notice says of its pieces is so: they are here, as said; or the version `before` said the same.

    Raises:
        RefusedError: `refused.piece.unknown`; `refused.piece.sealed`: it will be sealed, its pieces would not be.
    """
    known = [_said(one) for one in attachments_in(before or {})]
    fresh = [_said(one) for one in attachments_in(data) if _said(one) not in known]
    if fresh and sealed:
        raise RefusedError("refused.piece.sealed")
    held = await desk.pieces.held(visitor.as_officer().source, {digest for digest, _, _ in fresh})
    for one in fresh:
        found = held.get(one[0])
        if found is None or one != (found.sha256, found.mime, found.size):
            raise RefusedError("refused.piece.unknown")


async def name_pieces(desk: Desk, visitor: Visitor, id_: str, data: Mapping[str, Any]) -> None:
    """A notice with this id is about to be handed to the node: its pieces are its own from here.

    Raises:
        RefusedError: `refused.event.id`.
    """
    if not UUID7.fullmatch(id_):
        raise RefusedError("refused.event.id", id_[:40])
    await desk.pieces.use(visitor.as_officer().source, {str(one["sha256"]) for one in attachments_in(data)}, id_)


def _said(one: Mapping[str, Any]) -> tuple[str, str, int]:
    return one["sha256"], one["mime"], one["size"]
