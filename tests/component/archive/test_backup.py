"""`tamani backup --part archive`: a ledger comes back with all that its keepers know, and goes on where it stood."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tamani.core.errors import DefectError, OutageError
from tests.component.archive.conftest import MakeKeeper
from tests.component.archive.test_keeper import said
from tests.support.cluster import Database
from tests.support.notices import OBSERVATORY_NE, Speaker
from tests.support.typed import typed

Ask = Callable[..., list[tuple[Any, ...]]]
VARIABLE = "TAMANI_ARCHIVE_DATABASE"


def whole(database: Database) -> dict[str, list[str]]:
    """Every row of every table."""
    names = (
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
    )
    with psycopg.connect(database.dsn) as connection:
        tables = [name for (name,) in connection.execute(names).fetchall()]
        rows = {name: connection.execute(f'SELECT t::text FROM "{name}" t').fetchall() for name in tables}
    return {name: sorted(row for (row,) in found) for name, found in rows.items()}


async def test_a_ledger_comes_back_and_goes_on(
    ledger: Database, make_keeper: MakeKeeper, ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Table by table; what is said again is a duplicate, what is new takes the next number."""
    monkeypatch.setenv(VARIABLE, ledger.dsn)
    kept, file = said(20), str(tmp_path / "archive.backup")
    await make_keeper().keep(kept)
    told = typed("backup", file, "--part", "archive")
    assert told.startswith(f"{file} · archive · ")
    before = whole(ledger)
    assert len(before["ledger"]) == 20
    with psycopg.connect(ledger.dsn) as connection:
        connection.execute("TRUNCATE ledger, answer, position CASCADE")
    assert typed("restore", file, "--part", "archive") == told
    assert whole(ledger) == before
    await make_keeper().keep([replace(kept[0], offset=20), *said(1, Speaker(OBSERVATORY_NE), first=21)])
    assert ask('SELECT verdict FROM answer WHERE "offset" >= 20 ORDER BY "offset"') == [("duplicate",), ("archived",)]
    assert ask("SELECT count(*), max(log_index) FROM ledger") == [(21, 20)]


def test_a_file_of_another_part_is_not_put_into_a_ledger(
    ledger: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor what is no backup at all; the ledger stays as it was."""
    monkeypatch.setenv(VARIABLE, ledger.dsn)
    monkeypatch.setenv("TAMANI_DESK_DATABASE", ledger.dsn)
    (tmp_path / "letter").write_text("Monsieur le Président,")
    typed("backup", str(tmp_path / "desk.backup"), "--part", "desk")
    before = whole(ledger)
    for name in ("desk.backup", "letter"):
        with pytest.raises(DefectError) as refused:
            typed("restore", str(tmp_path / name), "--part", "archive")
        assert refused.value.code.name == "failed.backup"
    assert whole(ledger) == before


def test_a_database_that_does_not_answer_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And no file is left behind."""
    monkeypatch.setenv(VARIABLE, "host=127.0.0.1 port=1 dbname=archive user=archive")
    with pytest.raises(OutageError) as refused:
        typed("backup", str(tmp_path / "archive.backup"), "--part", "archive")
    assert refused.value.code.name == "failed.database"
    assert [*tmp_path.iterdir()] == []
