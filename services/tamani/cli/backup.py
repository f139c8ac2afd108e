"""`tamani backup FILE` and `tamani restore FILE`: a node, an archive, a desk, or a whole `tamani up`."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tamani.cli.say import Say
from tamani.cli.serve import load

if TYPE_CHECKING:
    from tamani.embedded.bundle import Manifest


class Kept(StrEnum):
    """What a backup is of. For one service, its own environment variables say where it is."""

    ALL = "all"
    NODE = "node"
    ARCHIVE = "archive"
    DESK = "desk"


def add(root: typer.Typer, say: Say) -> None:
    """Add both commands."""
    file = typer.Argument(help=say("Le fichier de sauvegarde.", "The backup file."))
    part = typer.Option(
        Kept.ALL,
        help=say(
            "Tout « tamani up », ou un seul service (réglé par ses variables TAMANI_…).",
            "All of 'tamani up', or one service (settled by its TAMANI_… variables).",
        ),
    )
    data = typer.Option(None, help=say("Dossier de la plateforme (.tamani).", "Folder of the platform (.tamani)."))

    port = typer.Option(None, "--port-postgres", help="PostgreSQL (15432)", min=1, max=65535)

    @root.command(help=say("Sauvegarder, en marche ou à l'arrêt.", "Back up, running or not."))
    def backup(
        file: Path = file, *, part: Kept = part, data: Path | None = data, port_postgres: int | None = port
    ) -> None:
        made = _backup(file, part, data, port_postgres)
        say.out(f"{file} · {made.part} · {made.made} · {len(made.files)}")
        say.note(
            "Ce fichier contient des secrets : gardez-le comme une clé.",
            "This file holds secrets: keep it as you would a key.",
        )

    @root.command(help=say("Remettre une sauvegarde, à l'arrêt.", "Put a backup back, while nothing runs."))
    def restore(
        file: Path = file,
        *,
        part: Kept = part,
        data: Path | None = data,
        port_postgres: int | None = port,
        replace: bool = typer.Option(
            default=False, help=say("Remplacer les données présentes.", "Replace the data that are there.")
        ),
    ) -> None:
        found = _restore(file, part, data, port_postgres, replace=replace)
        say.out(f"{file} · {found.part} · {found.made} · {len(found.files)}")


def _backup(file: Path, part: Kept, data: Path | None, port: int | None) -> "Manifest":
    from tamani.embedded import backup as work
    from tamani.embedded.settings import UpSettings

    match part:
        case Kept.ALL:
            return work.backup_all(load(UpSettings, data=data, postgres_port=port), file)
        case Kept.NODE:
            return work.backup_node(_node_folder(data), file)
        case Kept.ARCHIVE | Kept.DESK:
            return work.backup_database(_conninfo(part), part.value, file)


def _restore(file: Path, part: Kept, data: Path | None, port: int | None, *, replace: bool) -> "Manifest":
    from tamani.embedded import backup as work
    from tamani.embedded.settings import UpSettings

    match part:
        case Kept.ALL:
            return work.restore_all(file, load(UpSettings, data=data, postgres_port=port), replace=replace)
        case Kept.NODE:
            return work.restore_node(file, _node_folder(data), replace=replace)
        case Kept.ARCHIVE | Kept.DESK:
            return work.restore_database(file, part.value, _conninfo(part))


def _node_folder(data: Path | None) -> Path:
    from tamani.node.settings import NodeSettings

    return load(NodeSettings, data_dir=data).data_dir


def _conninfo(part: Kept) -> str:
    from tamani.archive.settings import ArchiveSettings
    from tamani.desk.settings import DeskSettings

    return load(ArchiveSettings).conninfo if part is Kept.ARCHIVE else load(DeskSettings).conninfo
