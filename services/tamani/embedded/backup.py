"""`tamani backup` and `tamani restore`: what must be kept of a node, an archive, a desk, or of a whole `tamani up`.

Kafka is not kept: it is transport, and losing all it holds loses nothing that was said.
"""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tamani.core.errors import DefectError, OutageError, RefusedError
from tamani.core.names import Country
from tamani.core.registry import Registry
from tamani.embedded.bundle import Manifest, pack, unpack
from tamani.embedded.child import Child
from tamani.embedded.dumps import copy_sqlite, dump_postgres, put_postgres, put_sqlite
from tamani.embedded.enrol import Office
from tamani.embedded.instance import owned
from tamani.embedded.layout import Layout
from tamani.embedded.platform import DATABASES, ensure_databases, make_postgres
from tamani.embedded.postgres import Postgres
from tamani.embedded.settings import UpSettings
from tamani.node.hold import mark_restored
from tamani.witness.database import Database
from tamani.witness.state import read_last

SQLITE = ".sqlite"
DUMP = ".dump"
# Of a node: its outbox and tokens, keys, last registry. Journals of SQLite belong to the live file, not to its copy.
LEFT_OUT = ("-wal", "-shm", ".new", "lock")
DOWNSTREAM_FIRST = sorted(DATABASES, key="archive".__eq__)
FOLDERS = ("sites", "registry", "secrets", "demo", "witnesses")
CLUSTER_PASSWORD = Path("secrets/postgres.admin.password")


def backup_node(data: Path, target: Path) -> Manifest:
    """A node's folder, while it runs or not."""
    with _workbench(target.parent) as bench:
        _copy_files(data, bench)
        return pack(bench, "node", target)


def restore_node(source: Path, data: Path, *, replace: bool = False) -> Manifest:
    """Put a node's folder back. The node must not run.

    Raises:
        RefusedError: `refused.backup.exists`, there is an outbox and `replace` was not asked for.
        DefectError: `failed.backup`.
    """
    if (data / "outbox.sqlite").exists() and not replace:
        raise RefusedError("refused.backup.exists", str(data))
    with _workbench(data.parent) as bench:
        manifest = unpack(source, bench, "node")
        _put_files(bench, data)
        mark_restored(data)
        return manifest


def backup_database(conninfo: str, part: str, target: Path) -> Manifest:
    """The database of an archive or a desk (`part`), while it runs or not."""
    with _workbench(target.parent) as bench:
        dump_postgres(conninfo, bench / f"{part}{DUMP}")
        return pack(bench, part, target)


def restore_database(source: Path, part: str, conninfo: str) -> Manifest:
    """Put the database of an archive or a desk back, in one transaction. Its service should not run.

    Raises:
        DefectError: `failed.backup`.
        OutageError: `failed.database`.
    """
    with _workbench(source.parent) as bench:
        manifest = unpack(source, bench, part)
        put_postgres(conninfo, bench / f"{part}{DUMP}")
        return manifest


def backup_all(options: UpSettings, target: Path) -> Manifest:
    """A whole `tamani up`, running or not.

    Raises:
        DefectError: `failed.backup`, there is nothing to keep.
        OutageError: `failed.database`.
    """
    layout = Layout(options.data.resolve())
    if not (layout.data / "sites").exists():
        raise DefectError("failed.backup", str(layout.data))
    with _workbench(target.parent) as bench, _postgres(options, layout) as postgres:
        # Upstream first. A row that the copied outbox holds open may be in the copied ledger: it is sent again and
        # answered "duplicate". The other way round it would be closed here and nowhere there: lost.
        for name in FOLDERS:
            _copy_files(layout.data / name, bench / name)
        # A desk behind the ledger catches up; one ahead of it would hold entries that nobody else has.
        for name in DOWNSTREAM_FIRST:
            dump_postgres(database_owner(postgres, layout, name), bench / "databases" / f"{name}{DUMP}")
        return pack(bench, "all", target)


def restore_all(source: Path, options: UpSettings, *, replace: bool = False) -> Manifest:
    """A whole `tamani up` from a backup; it must not run.

    Raises:
        RefusedError: `failed.instance`; `refused.backup.exists`, there are data and `replace` was not asked for.
        DefectError: `failed.backup`.
    """
    layout = Layout(options.data.resolve())
    with owned(layout.data), _workbench(layout.data) as bench:
        if (layout.data / "sites").exists() and not replace:
            raise RefusedError("refused.backup.exists", str(layout.data))
        manifest = unpack(source, bench, "all")
        _keep_what_belongs_here(bench, layout)
        for name in FOLDERS:
            _put_files(bench / name, layout.data / name)
        for country in Country:
            mark_restored(layout.site(country))
        with own_postgres(options, layout) as postgres:
            for name in DATABASES:
                put_postgres(database_owner(postgres, layout, name), bench / "databases" / f"{name}{DUMP}")
        return manifest


def _keep_what_belongs_here(bench: Path, layout: Layout) -> None:
    """The password of a database cluster that exists, and a registry newer than the backup's: no version goes back."""
    if (layout.data / CLUSTER_PASSWORD).exists():
        (bench / CLUSTER_PASSWORD).unlink()
    old = Office(Layout(bench))
    if not (layout.registry / "registry.json").exists():
        return
    here = Office(layout)
    if here.trust != old.trust:
        return
    if _version(here) > _version(old):
        shutil.rmtree(bench / "registry")
    keep_witnesses(bench, layout)


def keep_witnesses(bench: Path, layout: Layout) -> None:
    """No witness goes back, or it would help the log to: of two copies the one that has cosigned more stays."""
    for old in (bench / "witnesses").glob("*/witness.sqlite"):
        here = layout.witness(Country(old.parent.name)) / old.name
        if here.exists() and _cosigned(here) >= _cosigned(old):
            shutil.rmtree(old.parent)


def _cosigned(path: Path) -> int:
    with Database(path).reading() as db:
        return read_last(db).size


def _version(office: Office) -> int:
    current: Registry = office.current
    return current.version


def _copy_files(source: Path, target: Path) -> None:
    for path in source.rglob("*"):
        if not path.is_file() or path.name.endswith(LEFT_OUT):
            continue
        copy = target / path.relative_to(source)
        if path.suffix == SQLITE:
            copy_sqlite(path, copy)
        else:
            copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.copy2(path, copy)


def _put_files(source: Path, target: Path) -> None:
    for path in source.rglob("*"):
        if not path.is_file():
            continue
        place = target / path.relative_to(source)
        if path.suffix == SQLITE:
            put_sqlite(path, place)
        else:
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.copy2(path, place)


@contextmanager
def _workbench(folder: Path) -> Iterator[Path]:
    """A private folder on the same disk as the result."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".backup-") as bench:
        yield Path(bench)


@contextmanager
def _postgres(options: UpSettings, layout: Layout) -> Iterator[Postgres]:
    """The server: the running platform's, or one of our own if nothing runs."""
    with ExitStack() as stack:
        try:
            stack.enter_context(owned(layout.data))
        except RefusedError:
            yield make_postgres(options, layout)
        else:
            yield stack.enter_context(own_postgres(options, layout))


@contextmanager
def own_postgres(options: UpSettings, layout: Layout) -> Iterator[Postgres]:
    """A server of our own for the block; `tamani up` must not run.

    Raises:
        OutageError: `failed.start`.
    """
    postgres = make_postgres(options, layout)
    child = Child(postgres.prepare())
    try:
        deadline = time.monotonic() + options.start_seconds
        while not postgres.answers():
            if time.monotonic() > deadline or child.poll() is not None:
                raise OutageError("failed.start", str(postgres.log))
            time.sleep(0.05)
        ensure_databases(postgres, layout)
        yield postgres
    finally:
        child.stop_now()


def database_owner(postgres: Postgres, layout: Layout, name: str) -> str:
    """How a database's owner connects to it."""
    return postgres.dsn(name, name, layout.secrets.password(f"postgres.{name}"))
