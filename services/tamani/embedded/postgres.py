"""Real PostgreSQL as a child: our own `initdb` and `postgres`, never the wheel's server helper.

That helper, run as root, opens the permissions of every parent folder, sets `trust` and leaves orphans.
"""

import os
import shutil
import signal
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tamani.core.errors import DefectError
from tamani.embedded.child import Child, Command
from tamani.embedded.place import Place, place_for
from tamani.embedded.postgres_files import major_version, programs_for

ADMIN = "admin"
LONGEST_SOCKET_FOLDER = 90  # of the 107 bytes the kernel gives a socket's path
INITDB = (
    f"--username={ADMIN}",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--data-checksums",
)


@dataclass(frozen=True, slots=True)
class Postgres:
    """Where the server keeps its data and where it listens."""

    folder: Path
    password: str
    log: Path
    host: str = "127.0.0.1"
    port: int = 15432

    @property
    def address(self) -> str:
        """What clients connect to."""
        return f"127.0.0.1:{self.port}"

    @property
    def place(self) -> Place:
        """Where the files really are (`place.py` says why that may be elsewhere)."""
        return place_for(self.folder)

    @property
    def data(self) -> Path:
        """PostgreSQL's own data directory."""
        return self.place.folder / "data"

    def prepare(self) -> Command:
        """Make the database cluster if there is none, and say what to run.

        Raises:
            DefectError: the data is of another major version (`failed.postgres.version`) or cannot be made.
        """
        place = self.place
        place.make()
        programs = programs_for(place)
        if not (self.data / "PG_VERSION").exists():
            self._initdb(place, programs)
        self._check_version()
        self._forget_dead_server()
        argv = (str(programs / "postgres"), "-D", str(self.data), *self._switches(place))
        return Command(
            argv, self.log, _environment(), place.owner, place.folder, stop=signal.SIGINT, orphaned=signal.SIGQUIT
        )

    def answers(self) -> bool:
        """Whether a client gets an answer to a query."""
        try:
            with psycopg.connect(self.dsn("postgres"), connect_timeout=2) as connection:
                connection.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def dsn(self, database: str, user: str = ADMIN, password: str | None = None) -> str:
        """The connection string of a database; the administrator's unless told otherwise."""
        secret = self.password if password is None else password
        return make_conninfo(
            host="127.0.0.1", port=str(self.port), dbname=database, user=user, password=secret, sslmode="disable"
        )

    def ensure_database(self, name: str, password: str) -> None:
        """A database and the role of the same name that owns it; nobody else may connect to it.

        The role may have the write-ahead log forgotten: `runtime/scrub.py` says what for.
        """
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            _ensure_role(connection, name, password)
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
            if found is None:
                connection.execute(sql.SQL("CREATE DATABASE {0} OWNER {0}").format(sql.Identifier(name)))
            connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
            connection.execute(sql.SQL("GRANT pg_checkpoint TO {}").format(sql.Identifier(name)))
        with psycopg.connect(self.dsn(name), autocommit=True) as connection:
            may = sql.SQL("GRANT EXECUTE ON FUNCTION pg_switch_wal() TO {}")
            connection.execute(may.format(sql.Identifier(name)))

    def _switches(self, place: Place) -> tuple[str, ...]:
        socket = str(place.make("run"))
        switches = {
            "listen_addresses": self.host,
            "port": str(self.port),
            "unix_socket_directories": socket if len(socket) <= LONGEST_SOCKET_FOLDER else "",
            "unix_socket_permissions": "0700",
            "password_encryption": "scram-sha-256",
            "shared_buffers": "64MB",
            "max_connections": "100",
            "max_wal_size": "512MB",
            # A segment that is used again keeps the bytes of before until it has been filled: what was erased, too.
            "wal_recycle": "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_checkpoints": "off",
            "jit": "off",
        }
        return tuple(word for name, value in switches.items() for word in ("-c", f"{name}={value}"))

    def _initdb(self, place: Place, programs: Path) -> None:
        """In a draft folder first: a first start that was interrupted is begun again, not taken for whole."""
        draft = place.folder / "data.part"
        if draft.exists():
            shutil.rmtree(draft)
        with tempfile.NamedTemporaryFile("w", dir=place.folder, suffix=".pw") as secret:
            secret.write(self.password)
            secret.flush()
            if place.owner.uid:
                os.chown(secret.name, place.owner.uid, place.owner.gid)
            switches = ("-D", str(draft), *INITDB, f"--pwfile={secret.name}", "--no-instructions")
            command = Command(
                (str(programs / "initdb"), *switches), self.log, _environment(), place.owner, place.folder
            )
            if Child(command).wait() != 0:
                raise DefectError("failed.postgres", str(self.log))
        draft.rename(self.data)

    def _check_version(self) -> None:
        found = (self.data / "PG_VERSION").read_text("ascii").strip()
        if found != str(major_version()):
            raise DefectError("failed.postgres.version", f"{self.data}: {found}, {major_version()}")

    def _forget_dead_server(self) -> None:
        """Remove the lock of a server that is gone, should its number now belong to another program of this user."""
        lock = self.data / "postmaster.pid"
        if not lock.exists():
            return
        pid = lock.read_text("ascii").partition("\n")[0].strip()
        program = Path("/proc") / pid / "exe"
        if not program.exists() or program.resolve().name != "postgres":
            lock.unlink()


def _ensure_role(connection: psycopg.Connection, name: str, password: str) -> None:
    found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone()
    verb = sql.SQL("CREATE" if found is None else "ALTER")
    connection.execute(
        sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(verb, sql.Identifier(name), sql.Literal(password))
    )


def _environment() -> dict[str, str]:
    return {"LANG": "C.UTF-8", "PATH": "/usr/bin:/bin", "TZ": "UTC"}
