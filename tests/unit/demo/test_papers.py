"""The demo's files: of the sort that their names say, readable by programs of others, the same bytes at every start."""

import io
import re
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from xml.etree.ElementTree import fromstring
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from tamani.desk.pieces.kinds import ENDINGS, media_type
from tamani.embedded.demo.notices import files_of, notices, request_of
from tamani.embedded.demo.papers import FORMS, STAMP, Paper, papers
from tests.unit.demo.test_notices import DANGERS, FAULTS
from tests.unit.demo.world import START, new_plan, world

NAMING = [notice for notice in notices() if notice.papers]
FILES = {name: raw for notice in NAMING for name, raw in files_of(notice, world().plan)}


def test_every_form_is_named_by_some_notice() -> None:
    """Each file once, by an open notice that its node seals: own keys and sealed notices have no files."""
    named = [name for notice in NAMING for name in notice.papers]
    assert sorted(named) == sorted(papers())
    assert {papers()[name].form for name in named} == set(FORMS)
    assert {(notice.by, notice.tlp) for notice in NAMING} <= {("node", "CLEAR"), ("node", "GREEN")}


def test_a_notice_says_of_its_files_what_they_are() -> None:
    for notice in NAMING:
        said = request_of(notice, world().plan)["data"]["head"]["attachments"]
        made = [raw for _name, raw in files_of(notice, world().plan)]
        assert [(one["sha256"], one["size"], one["mime"]) for one in said] == [
            (sha256(raw).hexdigest(), len(raw), media_type(raw)) for raw in made
        ]
        assert all(one["title"] and one["lang"] == "fr" for one in said)


@pytest.mark.parametrize("name", FILES)
def test_a_site_takes_it_for_what_it_is_called(name: str) -> None:
    assert ENDINGS[media_type(FILES[name]) or ""] == name.rpartition(".")[2]


def test_a_later_start_makes_the_same_bytes(tmp_path: Path) -> None:
    """What a notice once named is made again by the plan's dates, not by the day."""
    new_plan(tmp_path / "plan.json")
    later = new_plan(tmp_path / "plan.json", START + timedelta(days=90))
    another = new_plan(tmp_path / "another.json", START + timedelta(days=90))
    for notice in NAMING:
        assert files_of(notice, later) == files_of(notice, world().plan)
    assert any(files_of(notice, another) != files_of(notice, world().plan) for notice in NAMING)


def test_a_workbook_reads_as_rows() -> None:
    page = load_workbook(io.BytesIO(FILES["tableau-temoins.xlsx"])).worksheets[0]
    rows = [[cell or "" for cell in row] for row in page.iter_rows(values_only=True)]
    assert rows[1][0] == STAMP.replace("'", "’").replace(" :", "\u00a0:")
    assert rows[2][2:] == ["Burkina Faso", "Mali", "Niger"]
    assert len(rows) == 6


def test_a_document_reads_as_paragraphs() -> None:
    """Both parts are well-formed XML; `mimetype` comes first, as it is."""
    with ZipFile(io.BytesIO(FILES["note-atelier.odt"])) as archive:
        assert archive.infolist()[0].filename == "mimetype"
        fromstring(archive.read("META-INF/manifest.xml"))
        texts = [
            "".join(one.itertext()) for one in fromstring(archive.read("content.xml")).iter() if one.tag[-1] == "p"
        ]
    assert len(texts) == 4
    assert texts[0].startswith("DÉMONSTRATION")


def test_a_page_holds_its_lines_where_its_table_says() -> None:
    """Each object begins where the table of references says, and no line is wider than the paper."""
    raw = FILES["ordre-du-jour-temoins.pdf"]
    table = int(re.findall(rb"startxref\n(\d+)\n%%EOF\n$", raw)[0])
    starts = [int(found) for found in re.findall(rb"(\d{10}) 00000 n ", raw[table:])]
    assert [raw[start:].partition(b" ")[0] for start in starts] == [str(n).encode() for n in range(1, 7)]
    (length,) = re.findall(rb"/Length (\d+)", raw)
    assert len(re.findall(rb"stream\n(.*)\nendstream", raw, re.DOTALL)[0]) == int(length)
    lines = [line.decode("cp1252") for line in re.findall(rb"Tf \((.*?)\) Tj", raw)]
    assert "Ordre du jour de la séance conjointe" in lines
    assert max(map(len, lines)) <= 92


def test_signs_that_mean_something_are_written_out() -> None:
    rows = (("a (b) \\ c < d & e",),)
    made = {form: Paper("x", form, "Titre", rows).made(lambda text: text) for form in FORMS}
    assert rb"a \(b\) \\ c < d & e" in made["pdf"]
    assert load_workbook(io.BytesIO(made["xlsx"])).worksheets[0].cell(3, 1).value == rows[0][0]
    with ZipFile(io.BytesIO(made["odt"])) as archive:
        assert "a (b) \\ c &lt; d &amp; e" in archive.read("content.xml").decode()


def test_files_hold_nothing_that_notices_may_not() -> None:
    """No telephone, address or person; French typography."""
    say = [cell for paper in papers().values() for row in paper.rows for cell in (*row, paper.title)]
    assert [text for text in say if any(found.search(text) for found in DANGERS.values())] == []
    (notice,) = [one for one in NAMING if "note-atelier" in one.papers]
    title = request_of(notice, world().plan)["data"]["head"]["attachments"][0]["title"]
    assert not any(fault.search(title) for fault in FAULTS.values())
