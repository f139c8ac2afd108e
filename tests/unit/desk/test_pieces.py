"""What a file is, told by its bytes: papers, tables and pictures are taken, what could run is not."""

import io
from zipfile import ZIP_BZIP2, ZIP_STORED, ZipFile

import pytest

from tamani.desk.pages.documents import format_of, weight_of
from tamani.desk.pages.pieces import title_of
from tamani.desk.pieces import limits
from tamani.desk.pieces.kinds import ENDINGS, media_type


def packed(*parts: str, mimetype: str = "", method: int = ZIP_STORED) -> bytes:
    """A packed document with these parts."""
    made = io.BytesIO()
    with ZipFile(made, "w", method) as archive:
        if mimetype:
            archive.writestr("mimetype", mimetype)
        for part in parts:
            archive.writestr(part, "x")
    return made.getvalue()


ODT = "application/vnd.oasis.opendocument.text"
TAKEN = {
    "pdf": b"%PDF-1.7\n",
    "png": b"\x89PNG\r\n\x1a\n",
    "jpg": b"\xff\xd8\xff\xe0",
    "txt": "Relevé ; 12,5\r\n".encode(),
    "docx": packed("[Content_Types].xml", "word/document.xml"),
    "xlsx": packed("[Content_Types].xml", "xl/workbook.xml"),
    "pptx": packed("[Content_Types].xml", "ppt/presentation.xml"),
    "odt": packed("content.xml", mimetype=ODT),
}


@pytest.mark.parametrize("ending", TAKEN)
def test_a_paper_is_known_by_its_bytes(ending: str) -> None:
    assert ENDINGS[media_type(TAKEN[ending]) or ""] == ending


@pytest.mark.parametrize(
    "raw",
    [
        b"<!DOCTYPE html><script>alert(1)</script>",
        b"  <svg onload='x'/>",
        b"#!/bin/sh\n",
        b"MZ\x90\x00",
        b"\x7fELF",
        b"PK\x03\x04 but not a whole one",
        packed("setup.exe"),
        packed("word/document.xml", "word/vbaProject.bin"),
        packed("word/document.xml", "word/activeX/activeX1.xml"),
        packed("content.xml", "Basic/Standard/Module1.xml", mimetype=ODT),
        packed("content.xml", mimetype="application/epub+zip"),
        # A first part that is packed, and one whose own bytes are damaged: neither is unpacked, nothing is raised.
        packed("content.xml", mimetype=ODT, method=ZIP_BZIP2),
        packed("content.xml", mimetype=ODT).replace(ODT.encode(), b"x" * len(ODT), 1),
        packed("caf\u00e9.xml", "word/document.xml").replace("\u00e9".encode(), b"\xff\xff"),
        packed(*(f"part-{n}" for n in range(limits.PARTS + 1)), "word/document.xml"),
    ],
)
def test_nothing_that_runs_is_taken(raw: bytes) -> None:
    assert media_type(raw) is None


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("C:\\notes\\Note de synthèse.pdf", "Note de synthèse"),
        ("/home/a/compte.rendu.docx", "compte.rendu"),
        (".profile", ".profile"),
        ("a\r\nb\u202e.pdf", "ab"),
        (f"{'x' * 300}.pdf", "x" * 120),
        ("/", "Pièce"),
    ],
)
def test_a_file_is_called_by_its_name(name: str, title: str) -> None:
    """Without folders, ending and signs that nobody sees, until its author says it better."""
    assert title_of(name) == title


@pytest.mark.parametrize(
    ("size", "french", "english"),
    [(1, "1 ko", "1 KB"), (48_213, "47 ko", "47 KB"), (2_200_000, "2,1 Mo", "2.1 MB")],
)
def test_a_weight_is_written_as_people_write_it(size: int, french: str, english: str) -> None:
    assert (weight_of(size, "fr"), weight_of(size, "en")) == (french, english)


def test_a_format_that_is_not_taken_here_is_named_as_it_was_said() -> None:
    assert (format_of(media_type(TAKEN["docx"]) or ""), format_of("video/mp4")) == ("DOCX", "video/mp4")
