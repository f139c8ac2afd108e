"""`tamani backup --part desk`: the mirror and what is read from it come back, on another server too."""

from pathlib import Path

import pytest

from tests.component.desk.conftest import Fed, desk_settings, running
from tests.component.desk.test_records import ids, read
from tests.support.cluster import Database, PostgresCluster
from tests.support.notices import COMMISSION_ML
from tests.support.typed import typed


async def test_a_desk_comes_back_on_another_server(
    fed: Fed, desk_database: Database, postgres: PostgresCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It shows what it showed, and takes in what came meanwhile."""
    file = str(tmp_path / "desk.backup")
    before = [fed.feed.say(tlp="GREEN").id for _ in range(3)]
    await fed.take()
    monkeypatch.setenv("TAMANI_DESK_DATABASE", desk_database.dsn)
    told = typed("backup", file, "--part", "desk")
    fresh = postgres.fresh()
    monkeypatch.setenv("TAMANI_DESK_DATABASE", fresh.dsn)
    assert typed("restore", file, "--part", "desk") == told
    async with running(desk_settings(fresh, tmp_path / "new")) as again, again.client(COMMISSION_ML) as client:
        assert ids(await read(client)) == before
        again.feed = fed.feed
        after = again.feed.say(tlp="GREEN").id
        await again.take()
        assert ids(await read(client)) == [*before, after]
