"""Small papers without a library: PDF (ISO 32000-1), OpenDocument text (ISO/IEC 26300) and a workbook (ECMA-376).

Nothing in them depends on the clock, so the same words have the same digest at every start.
"""

import io
import textwrap
from collections.abc import Mapping
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

Rows = list[list[str]]
# ZIP has no time before this one.
EPOCH = (1980, 1, 1, 0, 0, 0)
WIDTH = 88
XML = '<?xml version="1.0" encoding="UTF-8"?>'
_OFFICE = "http://schemas.openxmlformats.org"
_ODF = "urn:oasis:names:tc:opendocument:xmlns"


def make_pdf(title: str, rows: Rows) -> bytes:
    """One page: the title, then a paragraph a row, in a font that every reader has."""
    lines = [("F2 15", title), *(("F1 11", line) for row in rows for line in (*textwrap.wrap(row[0], WIDTH), ""))]
    shown = " ".join(f"/{font} Tf ({_pdf_text(line)}) Tj T*" for font, line in lines)
    stream = f"BT 56 780 Td 17 TL {shown} ET".encode("latin-1")
    fonts = "/F1 4 0 R /F2 5 0 R"
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /%s /Encoding /WinAnsiEncoding >>"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R /Lang (fr) >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 6 0 R /Resources << /Font << {fonts} >> >> >>",
        font % "Helvetica",
        font % "Helvetica-Bold",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
    )
    return _numbered([one if isinstance(one, bytes) else one.encode() for one in objects])


def _numbered(objects: list[bytes]) -> bytes:
    """The file of these objects, with the table that says where each begins."""
    made, starts = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), []
    for number, one in enumerate(objects, 1):
        starts.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    count, table = len(objects) + 1, len(made)
    made += b"xref\n0 %d\n0000000000 65535 f \n" % count
    made += b"".join(b"%010d 00000 n \n" % start for start in starts)
    made += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, table)
    return bytes(made)


def _pdf_text(text: str) -> str:
    """A string of the page: Windows-1252, as `WinAnsiEncoding` wants it, one sign a byte."""
    plain = text.replace("\u202f", "\u00a0").encode("cp1252").decode("latin-1")
    return plain.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def make_odt(title: str, rows: Rows) -> bytes:
    """A heading and a paragraph a row."""
    body = "".join(f"<text:p>{escape(row[0])}</text:p>" for row in rows)
    content = (
        f'{XML}<office:document-content xmlns:office="{_ODF}:office:1.0" xmlns:text="{_ODF}:text:1.0" '
        f'office:version="1.3"><office:body><office:text><text:h text:outline-level="1">{escape(title)}</text:h>'
        f"{body}</office:text></office:body></office:document-content>"
    )
    mime = "application/vnd.oasis.opendocument.text"
    entries = "".join(
        f'<manifest:file-entry manifest:full-path="{path}" manifest:media-type="{kind}"/>'
        for path, kind in (("/", mime), ("content.xml", "text/xml"))
    )
    manifest = f'{XML}<manifest:manifest xmlns:manifest="{_ODF}:manifest:1.0" manifest:version="1.3">{entries}'
    return _packed(
        {"mimetype": mime, "content.xml": content, "META-INF/manifest.xml": manifest + "</manifest:manifest>"}
    )


def make_xlsx(title: str, rows: Rows) -> bytes:
    """One sheet of texts, the title above them."""
    cell = '<c t="inlineStr"><is><t>%s</t></is></c>'
    lines = "".join(f"<row>{''.join(cell % escape(text) for text in row)}</row>" for row in [[title], *rows])
    main, relations = f"{_OFFICE}/spreadsheetml/2006/main", f"{_OFFICE}/officeDocument/2006/relationships"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    links = f'{XML}<Relationships xmlns="{_OFFICE}/package/2006/relationships"><Relationship Id="rId1" '
    return _packed(
        {
            "[Content_Types].xml": f'{XML}<Types xmlns="{_OFFICE}/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/></Types>',
            "_rels/.rels": f'{links}Type="{relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/_rels/workbook.xml.rels": f'{links}Type="{relations}/worksheet" Target="worksheets/sheet1.xml"/>'
            "</Relationships>",
            "xl/workbook.xml": f'{XML}<workbook xmlns="{main}" xmlns:r="{relations}"><sheets>'
            '<sheet name="Tableau" sheetId="1" r:id="rId1"/></sheets></workbook>',
            "xl/worksheets/sheet1.xml": f'{XML}<worksheet xmlns="{main}"><cols>'
            f'<col min="1" max="5" width="34" customWidth="1"/></cols><sheetData>{lines}</sheetData></worksheet>',
        }
    )


def _packed(parts: Mapping[str, str]) -> bytes:
    """A ZIP of these parts in their order; `mimetype` is stored as it is (ODF 1.3 part 2 §3.3)."""
    out = io.BytesIO()
    with ZipFile(out, "w") as archive:
        for name, text in parts.items():
            part = ZipInfo(name, EPOCH)
            part.create_system = 0
            part.compress_type = ZIP_STORED if name == "mimetype" else ZIP_DEFLATED
            archive.writestr(part, text)
    return out.getvalue()
