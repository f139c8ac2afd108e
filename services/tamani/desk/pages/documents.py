"""Pieces in words: what each is called, its sort and weight, its digest, and where its bytes are if they are here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tamani.desk.pages.views import Viewer
from tamani.desk.pieces.kinds import ENDINGS
from tamani.desk.pieces.limits import MEBIBYTE
from tamani.desk.pieces.store import Pieces

KIBIBYTE = 1024


@dataclass(frozen=True, slots=True)
class Document:
    """A piece; `href` leads to its bytes, where they are at this site."""

    title: str
    format: str
    size: str
    digest: str
    href: str = ""


def attachments_in(data: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """What data that their model has read say of pieces."""
    head = data.get("head")
    found: Sequence[Mapping[str, Any]] = head.get("attachments") or () if isinstance(head, Mapping) else ()
    return found


def document(one: Mapping[str, Any], lang: str, href: str = "") -> Document:
    """A piece as a page names it."""
    said = format_of(str(one["mime"])), weight_of(int(one["size"]), lang)
    return Document(str(one["title"]), *said, str(one["sha256"]), href)


def format_of(mime: str) -> str:
    """A media type as people call it: `PDF`, `DOCX`; one that is not taken here as it is written."""
    return ENDINGS[mime].upper() if mime in ENDINGS else mime


def weight_of(size: int, lang: str) -> str:
    """A number of bytes as it is written here: `34 ko`, `2,1 Mo`."""
    kilo, mega = ("KB", "MB") if lang == "en" else ("ko", "Mo")
    if size < MEBIBYTE:
        return f"{max(1, round(size / KIBIBYTE))} {kilo}"
    number = f"{size / MEBIBYTE:.1f}"
    return f"{number if lang == 'en' else number.replace('.', ',')} {mega}"


async def documents_in(
    pieces: Pieces, viewer: Viewer, source: str, data: Mapping[str, Any], where: str
) -> list[Document]:
    """The pieces that these data of a body name: of those that are here, `where` and the digest are the address."""
    named, lang = attachments_in(data), viewer.labels.lang
    held = await pieces.held(source, {str(one["sha256"]) for one in named})
    return [document(one, lang, where + one["sha256"] if one["sha256"] in held else "") for one in named]
