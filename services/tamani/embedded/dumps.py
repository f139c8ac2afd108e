"""Copies of databases in use: SQLite by its backup API, PostgreSQL by `pg_dump`; and how they are put back."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from tamani.core.errors import DefectError, OutageError
from tamani.embedded.postgres_files import PACKAGE, packaged_programs

# Never on a command line, where every user of the machine could read the password.
VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
}


def copy_sqlite(source: Path, target: Path) -> None:
    """A consistent copy of a database that may be written to meanwhile."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)


def put_sqlite(source: Path, target: Path) -> None:
    """Replace a database that nobody has open; what its old journal held must not be played onto the new one."""
    for suffix in ("-wal", "-shm"):
        target.with_name(target.name + suffix).unlink(missing_ok=True)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = target.with_name(target.name + ".new")
    shutil.copyfile(source, draft)
    draft.chmod(0o600)
    draft.replace(target)


def dump_postgres(conninfo: str, target: Path) -> None:
    """A consistent dump of a database in use.

    Raises:
        OutageError: `failed.database`, with what `pg_dump` said.
    """
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _run("pg_dump", conninfo, "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")


def put_postgres(conninfo: str, source: Path) -> None:
    """Replace what a database holds, in one transaction: all of it or nothing.

    Raises:
        OutageError: `failed.database`, with what `pg_restore` said.
    """
    switches = ("--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error")
    database = conninfo_to_dict(conninfo)["dbname"]
    _run("pg_restore", conninfo, *switches, f"--dbname={database}", str(source))


def _run(name: str, conninfo: str, *arguments: str) -> None:
    given = conninfo_to_dict(conninfo)
    login = {VARIABLES[key]: str(value) for key, value in given.items() if key in VARIABLES}
    environment = {"PATH": os.defpath, "LANG": "C.UTF-8", **login}
    done = subprocess.run(
        [_program(name), "--no-password", *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise OutageError("failed.database", done.stderr.strip())


def _program(name: str) -> str:
    """From the wheel, else the system's own (a production archive has no embedded PostgreSQL)."""
    found = str(packaged_programs() / name) if find_spec(PACKAGE) is not None else shutil.which(name)
    if found is None:
        raise DefectError("failed.postgres.missing", name)
    return found
