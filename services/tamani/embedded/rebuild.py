"""An archive made again: where its sources are, on a machine of `tamani up` or spread over a real region."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg

from tamani.archive.main import MIGRATIONS
from tamani.archive.rebuild.contents import Contents, open_contents
from tamani.archive.rebuild.rebuild import Mirror, Progress, Rebuilt, rebuild
from tamani.archive.settings import ArchiveSettings
from tamani.core.errors import DefectError, OutageError
from tamani.core.log.policy import Policy, parse_policy
from tamani.core.log.tiles import Tile, unbundle
from tamani.core.registry import Registry
from tamani.desk.mirrored import erased, mirrored
from tamani.embedded.attest import Attestation
from tamani.embedded.backup import database_owner, own_postgres
from tamani.embedded.enrol import Office
from tamani.embedded.environments import Environments
from tamani.embedded.instance import owned
from tamani.embedded.layout import Layout
from tamani.embedded.platform import DATABASES
from tamani.embedded.settings import UpSettings
from tamani.node.said import ordered, said
from tamani.runtime.migrate import upgrade
from tamani.runtime.registry import RegistryHolder
from tamani.witness.database import Database
from tamani.witness.served import Served
from tamani.witness.source import Source

TIMEOUT = 30.0


@dataclass(frozen=True, slots=True)
class Found:
    """Whom to believe, and where everything is: the copies, the outboxes, the desks' databases."""

    policy: Policy
    registry: Registry
    mirrors: Sequence[Mirror]
    outboxes: Sequence[Path]
    desks: Sequence[str]


class FileMirror:
    """A witness's own file, while the witness does not run."""

    def __init__(self, path: Path) -> None:
        self._served = Served(Database(path))

    def checkpoint(self) -> bytes:
        """The checkpoint that it cosigned last."""
        return self._served.checkpoint()

    def entries(self, tile: Tile) -> list[bytes]:
        """The entries of a bundle."""
        return unbundle(self._served.tile(tile.path))


def rebuild_here(options: UpSettings, progress: Progress) -> Rebuilt:
    """All from one data folder; `tamani up` must be stopped.

    Raises:
        RefusedError: `failed.instance`; what `rebuild` raises.
    """
    layout = Layout(options.data.resolve())
    if not layout.registry.exists():
        raise DefectError("failed.settings", str(layout.data))
    with owned(layout.data), own_postgres(options, layout) as postgres:
        office, settings = Office(layout), archive_here(options)
        found = Found(
            parse_policy(Attestation(layout, options).policy.read_bytes()),
            office.current,
            [FileMirror(path) for path in sorted(layout.data.glob("witnesses/*/witness.sqlite"))],
            sorted(layout.data.glob("sites/*/outbox.sqlite")),
            [database_owner(postgres, layout, name) for name in DATABASES if name != "archive"],
        )
        return _rebuild(settings, found, progress)


def archive_here(options: UpSettings) -> ArchiveSettings:
    """The settings that `tamani up` gives to the archive of this data folder; it may be running.

    Raises:
        DefectError: `failed.settings`: the folder is none of `tamani up`.
    """
    layout = Layout(options.data.resolve())
    if not layout.registry.exists():
        raise DefectError("failed.settings", str(layout.data))
    office, prefix = Office(layout), "TAMANI_ARCHIVE_"
    written = Environments(options, layout, office).archive()
    given = {name.removeprefix(prefix).lower(): value for name, value in written.items() if name.startswith(prefix)}
    return ArchiveSettings.model_validate(given | {"registry_trust": office.trust})


def rebuild_from(
    settings: ArchiveSettings,
    witnesses: Sequence[str],
    outboxes: Sequence[Path],
    desks: Sequence[str],
    progress: Progress,
) -> Rebuilt:
    """From witnesses over HTTP, files of outboxes, and databases of desks, for the archive of these settings.

    Raises:
        DefectError: `failed.settings`, no policy or no registry; what `rebuild` raises.
    """
    if settings.log_policy is None:
        raise DefectError("failed.settings", "TAMANI_ARCHIVE_LOG_POLICY")
    policy = parse_policy(settings.log_policy.read_bytes())
    urls = witnesses or [party.url for party in policy.witnesses.values() if party.url]
    registry = RegistryHolder(settings, settings.registry_path).current
    if not registry.version:  # nothing could be read, and everything would be told to be missing
        raise DefectError("failed.settings", str(settings.registry_path))
    with httpx.Client(timeout=TIMEOUT, trust_env=False) as client:
        mirrors = [Source(f"{url.rstrip('/')}/log", client) for url in urls]
        return _rebuild(settings, Found(policy, registry, mirrors, outboxes, desks), progress)


def _rebuild(settings: ArchiveSettings, found: Found, progress: Progress) -> Rebuilt:
    upgrade(settings.conninfo, MIGRATIONS)
    with open_contents(settings.data_dir / "rebuild.sqlite") as contents:
        epoch = 1 + max(_gather(found, contents), default=0)
        return asyncio.run(_run(settings, found, contents, epoch, progress))


def _gather(found: Found, contents: Contents) -> list[int]:
    """Keep every envelope that is to be had; the epochs that nodes and desks have seen."""
    epochs = []
    for path in found.outboxes:
        contents.add_orders(ordered(path), found.registry)
    for conninfo in found.desks:
        contents.add_orders(erased(conninfo), found.registry)
    for path in found.outboxes:
        with said(path) as (values, epoch):
            contents.add(values)
            epochs.append(epoch)
    for conninfo in found.desks:
        with mirrored(conninfo) as (values, epoch):
            contents.add(values)
            epochs.append(epoch)
    return epochs


async def _run(settings: ArchiveSettings, found: Found, contents: Contents, epoch: int, progress: Progress) -> Rebuilt:
    try:
        async with await psycopg.AsyncConnection.connect(settings.conninfo, autocommit=True) as connection:
            return await rebuild(
                connection,
                found.mirrors,
                found.policy,
                contents,
                found.registry,
                memory=settings.log_state_path,
                epoch=epoch,
                progress=progress,
            )
    except psycopg.OperationalError as error:
        raise OutageError("failed.database", str(error)) from error
