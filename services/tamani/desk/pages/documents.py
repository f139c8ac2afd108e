"""Pieces in words: what each is called, its sort and weight, its digest, and where its bytes are if they are here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tamani.core.pieces import LARGEST
from tamani.desk.pages.languages import plain as _
from tamani.desk.pages.languages import translations
from tamani.desk.pages.views import Viewer
from tamani.desk.pieces.kinds import ENDINGS
from tamani.desk.pieces.limits import MEBIBYTE
from tamani.desk.pieces.store import Pieces
from tamani.desk.pieces.tables import REFUSED, WAITING

KIBIBYTE = 1024
# Of a piece that is here, where it stands on its way to the others; there or fetched, it needs no word.
STANDING = {
    WAITING: _("en route vers les autres sites"),
    REFUSED: _("refusée par la région : à joindre de nouveau dans une nouvelle version"),
}
FETCHABLE = _("pas encore à ce site : l'ouvrir la fait venir")
TOO_LARGE = _("annoncée trop grosse pour venir à ce site : à demander à l'organisme qui publie l'avis")


@dataclass(frozen=True, slots=True)
class Document:
    """A piece; `href` leads to its bytes, `note` says where they are if not here, or that they go on from here."""

    title: str
    format: str
    size: str
    digest: str
    href: str = ""
    note: str = ""


def attachments_in(data: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """What data that their model has read say of pieces."""
    head = data.get("head")
    found: Sequence[Mapping[str, Any]] = head.get("attachments") or () if isinstance(head, Mapping) else ()
    return found


def document(one: Mapping[str, Any], lang: str, href: str = "", note: str = "") -> Document:
    """A piece as a page names it."""
    said = format_of(str(one["mime"])), weight_of(int(one["size"]), lang)
    return Document(
        str(one["title"]), *said, str(one["sha256"]), href, translations(lang).gettext(note) if note else ""
    )


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
    pieces: Pieces, viewer: Viewer, source: str, data: Mapping[str, Any], where: str, *, fetched: bool = False
) -> list[Document]:
    """The pieces that these data of a body name, each under `where` and its digest if it is here.

    `fetched`: so is one that is not; whoever opens it has it fetched, unless it is said to be larger than
    any that comes.
    """
    named, lang = attachments_in(data), viewer.labels.lang
    held = await pieces.held(source, {str(one["sha256"]) for one in named})
    found = []
    for one in named:
        here = held.get(str(one["sha256"]))
        comes = fetched and int(one["size"]) <= LARGEST
        elsewhere = (FETCHABLE if comes else TOO_LARGE) if fetched else ""
        href = where + str(one["sha256"]) if here is not None or comes else ""
        found.append(document(one, lang, href, elsewhere if here is None else STANDING.get(here.lane, "")))
    return found
