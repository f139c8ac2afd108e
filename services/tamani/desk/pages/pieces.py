"""Pieces of a form: files that came along, the rows that name them, and whether what a notice says of them is so."""

from collections.abc import Mapping
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
from tamani.desk.service import Desk

# The file input of a form.
FILES = "pieces"
ROW = f"{PREFIX}{PIECES}."
LONGEST_TITLE = 120
Given = dict[str, list[str]]


async def with_pieces(
    desk: Desk, request: Request, visitor: Visitor, layout: Layout, given: Given, *, sealed: bool
) -> Given:
    """What a form said, with a row for each file that came along; what was sent beside no input is left alone.

    Raises:
        RefusedError: as `Pieces.bring`, `refused.piece.many`, `refused.piece.sealed`; OutageError `failed.database`.
    """
    asked = next((one for one in layout.asked if one.path == PIECES), None)
    if asked is None:
        return given
    source, made = visitor.as_officer(Role.POSTER).source, dict(given)
    named = {value for name, values in given.items() if _is_digest(name) for value in values}
    await desk.pieces.use(source, named)
    sent = [file for file in (await request.form()).getlist(FILES) if isinstance(file, UploadFile) and file.filename]
    if sent and sealed:
        raise RefusedError("refused.piece.sealed")
    place = rows_in(asked, given, 0)
    if sent and place + len(sent) > limits.MOST:
        raise RefusedError("refused.piece.many")
    for file in sent:
        found = await desk.pieces.bring(source, await file.read(limits.LARGEST + 1))
        if found.sha256 in named:
            continue
        named.add(found.sha256)
        row = {"title": title_of(file.filename or ""), "sha256": found.sha256, "mime": found.mime}
        made |= {f"{ROW}{place}.{name}": [value] for name, value in (row | {"size": str(found.size)}).items()}
        place += 1
    return made


def _is_digest(name: str) -> bool:
    return name.startswith(ROW) and name.endswith(".sha256")


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
