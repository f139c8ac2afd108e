"""PostgreSQL as our child: its own user, its own data, refused when they are not this version's."""

import os
from pathlib import Path

import psutil
import psycopg
import pytest

from tamani.core.errors import DefectError
from tamani.embedded import place, postgres_files
from tamani.embedded.place import place_for
from tamani.embedded.postgres import Postgres
from tests.support.cluster import PostgresCluster, postgres_cluster, roomy_folder, wait_until

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives up its rights")


def test_data_of_another_major_version_are_refused_with_the_way_out(fresh_postgres: PostgresCluster) -> None:
    """Nothing is started, nothing is touched; the sentence names the commands."""
    fresh_postgres.stop()
    version = fresh_postgres.postgres.data / "PG_VERSION"
    version.write_text("17\n")
    before = sorted(path.name for path in fresh_postgres.postgres.data.iterdir())
    with pytest.raises(DefectError) as refused:
        fresh_postgres.postgres.prepare()
    assert refused.value.code.name == "failed.postgres.version"
    assert "17, 18" in refused.value.detail
    assert "tamani backup" in refused.value.code.fr
    assert "tamani restore" in refused.value.code.en
    assert sorted(path.name for path in fresh_postgres.postgres.data.iterdir()) == before


@AS_ROOT
def test_root_gives_it_to_a_user_without_rights(postgres: PostgresCluster) -> None:
    """Every process of the server runs as that user, in folders that nobody else enters."""
    assert postgres.child is not None
    top = psutil.Process(postgres.child.pid)
    owner = place_for(postgres.postgres.folder).owner
    assert owner.uid != 0
    assert {process.uids().real for process in (top, *top.children(recursive=True))} == {owner.uid}
    for folder in (postgres.postgres.data, postgres.postgres.data.parent / "run"):
        assert (folder.stat().st_uid, folder.stat().st_mode & 0o777) == (owner.uid, 0o700)


@AS_ROOT
def test_programs_out_of_its_reach_are_copied_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A virtual environment in a private home: the server runs from a copy of its own, with its libraries."""
    monkeypatch.setattr(postgres_files, "others_reach", lambda folder: False)
    with postgres_cluster() as cluster:
        assert cluster.child is not None
        program = Path(psutil.Process(cluster.child.pid).exe())
        assert program.is_relative_to(cluster.postgres.place.folder)
        assert not program.is_relative_to(postgres_files.packaged_programs())


@AS_ROOT
def test_below_a_private_folder_it_lives_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's permissions are opened for it."""
    with roomy_folder() as roomy:
        monkeypatch.setattr(place, "SHARED_STATE", roomy / "shared")
        (tmp_path / "home").mkdir(mode=0o700)
        wanted = tmp_path / "home" / "data" / "postgres"
        wanted.parent.mkdir()
        found = place_for(wanted)
        assert found.folder.parent == roomy / "shared"
        assert place_for(wanted).folder == found.folder
        assert (tmp_path / "home").stat().st_mode & 0o777 == 0o700


def test_only_a_password_opens_it(postgres: PostgresCluster) -> None:
    """Over TCP and over its socket alike; another database's role has no business here."""
    mine, other = postgres.fresh(), postgres.fresh()
    for dsn in (
        postgres.postgres.dsn(mine.name, mine.name, "wrong"),
        postgres.postgres.dsn(mine.name, other.name, other.password),
    ):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(dsn)
    socket = postgres.postgres.data.parent / "run"
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(host=str(socket), port=postgres.postgres.port, user="admin", dbname="postgres")


def test_an_interrupted_first_start_is_begun_again() -> None:
    """What a crash left of `initdb` is not taken for a database."""
    with roomy_folder() as folder:
        runner = Postgres(folder / "postgres", "p" * 20, folder / "log", port=1)
        half = runner.place.make("data.part")
        (half / "PG_VERSION").write_text("18\n")
        runner.prepare()
        assert (runner.data / "global" / "pg_control").exists()
        assert not half.exists()


def test_a_killed_server_comes_back_with_what_was_committed(fresh_postgres: PostgresCluster) -> None:
    """And its backends die with it."""
    database = fresh_postgres.fresh()
    with psycopg.connect(database.dsn) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS x")
    assert fresh_postgres.child is not None
    backends = psutil.Process(fresh_postgres.child.pid).children(recursive=True)
    assert backends
    fresh_postgres.kill()
    wait_until(lambda: not any(backend.is_running() for backend in backends), "no backend is left", 10)
    fresh_postgres.start()
    with psycopg.connect(database.dsn) as connection:
        assert connection.execute("SELECT x FROM kept").fetchone() == (1,)


def test_the_lock_of_a_server_that_is_gone_does_not_stop_the_next(fresh_postgres: PostgresCluster) -> None:
    """Its number may belong to another program by now: here, to this test."""
    fresh_postgres.stop()
    lock = fresh_postgres.postgres.data / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n")
    fresh_postgres.command = fresh_postgres.postgres.prepare()
    assert not lock.exists()
    fresh_postgres.start()
