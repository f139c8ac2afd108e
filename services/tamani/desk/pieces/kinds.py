"""What a file is, told by its bytes and never by its name: papers, tables and pictures, no programs, no macros.

A PDF may hold a script: nobody looks into it here, and readers' programs must refuse to run it.
"""

import io
from zipfile import ZIP_STORED, BadZipFile, ZipFile

from tamani.desk.pieces import limits

PDF, PNG, JPEG, TEXT = "application/pdf", "image/png", "image/jpeg", "text/plain"
_OPEN_XML = "application/vnd.openxmlformats-officedocument."
_BEGINNINGS = {b"%PDF-": PDF, b"\x89PNG\r\n\x1a\n": PNG, b"\xff\xd8\xff": JPEG}
# The part that makes a packed document what it is.
_PARTS = {
    "word/document.xml": _OPEN_XML + "wordprocessingml.document",
    "xl/workbook.xml": _OPEN_XML + "spreadsheetml.sheet",
    "ppt/presentation.xml": _OPEN_XML + "presentationml.presentation",
}
_ODF = "application/vnd.oasis.opendocument."
LONGEST_NAME = 100
ENDINGS = {
    PDF: "pdf",
    PNG: "png",
    JPEG: "jpg",
    TEXT: "txt",
    _PARTS["word/document.xml"]: "docx",
    _PARTS["xl/workbook.xml"]: "xlsx",
    _PARTS["ppt/presentation.xml"]: "pptx",
    _ODF + "text": "odt",
    _ODF + "spreadsheet": "ods",
    _ODF + "presentation": "odp",
}


def media_type(raw: bytes) -> str | None:
    """The media type; nothing for what is not taken: programs, pages, archives, documents with macros."""
    for beginning, found in _BEGINNINGS.items():
        if raw.startswith(beginning):
            return found
    return _packed(raw) if raw.startswith(b"PK\x03\x04") else _plain(raw)


def _packed(raw: bytes) -> str | None:
    """A document of Office Open XML (ECMA-376) or OpenDocument (ISO/IEC 26300): a ZIP with parts of known names."""
    try:
        with ZipFile(io.BytesIO(raw)) as archive:
            names = set(archive.namelist())
            if len(names) > limits.PARTS or any(map(_runs, names)):
                return None
            if "mimetype" in names:
                return _open_document(archive)
    except (BadZipFile, RuntimeError, ValueError, EOFError):  # a name that is none, a part cut off, a strange method
        return None
    return next((found for part, found in _PARTS.items() if part in names), None)


def _open_document(archive: ZipFile) -> str | None:
    """What its first part says, which is never packed (ODF 1.3 part 2 §3.3): nothing is unpacked to look at it."""
    part = archive.getinfo("mimetype")
    if part.compress_type != ZIP_STORED or part.file_size >= LONGEST_NAME:
        return None
    said = archive.read(part).decode("ascii", "replace")
    return said if said in ENDINGS else None


def _runs(name: str) -> bool:
    """A part that holds a program."""
    return name.endswith("vbaProject.bin") or name.startswith(("Basic/", "Scripts/")) or "/activeX/" in name


def _plain(raw: bytes) -> str | None:
    """Text, or a table as text; what begins as markup is a page."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    fine = all(sign.isprintable() or sign in "\r\n\t\f" for sign in text)
    return TEXT if fine and not text.lstrip().startswith(("<", "#!")) else None
