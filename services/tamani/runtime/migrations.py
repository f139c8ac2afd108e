"""Running the migrations that a database lacks (Alembic): what PostgreSQL and SQLite have in common of it.

The scripts of a folder are read once a process: reading them takes longer than running them.
"""

from functools import cache
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from tamani.core.errors import DefectError


def run_missing(connection: Connection, scripts: Path) -> None:
    """Bring a database to the newest version in the folder `scripts`, within the caller's transaction.

    Raises:
        DefectError: `failed.database.version` if a later version of the software has been here.
        DBAPIError: the database refused a statement.
    """
    directory = _read(scripts)
    present = set(MigrationContext.configure(connection).get_current_heads())
    if present == set(directory.get_heads()):
        return
    if strange := present - {script.revision for script in directory.walk_revisions()}:
        raise DefectError("failed.database.version", ", ".join(sorted(strange)))

    def missing(at: Any, _: MigrationContext) -> Any:
        return directory._upgrade_revs("head", at)

    # What `alembic.command.upgrade` does, which would read the folder again.
    config = Config(attributes={"connection": connection})
    with EnvironmentContext(config, directory, fn=missing, destination_rev="head"):
        directory.run_env()


@cache
def _read(scripts: Path) -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    return ScriptDirectory.from_config(config)
