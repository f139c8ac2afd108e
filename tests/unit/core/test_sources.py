"""Every copy of somebody's data is named with its licence, and every published set says whether it runs, and where."""

import re
from pathlib import Path

HERE = Path(__file__).parent
FOLDERS = (HERE / "vectors", HERE / "log" / "vectors")
COPIES, PUBLISHED = (HERE / "vectors" / "SOURCES.md").read_text().split("# What is published")


def _rows(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[1:]]


def test_each_file_is_named_with_its_licence() -> None:
    """Once; and nothing is named that is not there."""
    named = [Path(row[0].strip("`")).name for row in _rows(COPIES)]
    assert sorted(named) == sorted(file.name for folder in FOLDERS for file in folder.glob("*.json"))
    assert all(len(row) == 3 and row[2] for row in _rows(COPIES))


def test_each_published_set_runs_or_says_why_not() -> None:
    """Seventeen sets; what runs names the tests that run it."""
    rows = _rows(PUBLISHED)
    assert len({name for name, _, _ in rows}) == len(rows) == 17
    for name, runs, where in rows:
        tests = re.findall(r"`((?:unit|component|contract)/[^`]+\.py)`", where)
        assert (runs in {"yes", "computed"}) is bool(tests), name
        assert runs in {"yes", "no", "computed"}, name
        assert all((HERE.parents[1] / test).exists() for test in tests), name
