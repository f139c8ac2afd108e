"""`tamani rebuild`: a desk's projection made anew from the exact bytes of its mirror, with progress."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tamani.cli.places import desk_settings
from tamani.cli.say import Say
from tamani.core.names import Country

if TYPE_CHECKING:
    from tamani.desk.rebuild import Rebuilt
    from tamani.desk.settings import DeskSettings


def add(root: typer.Typer, say: Say) -> None:
    """Add the noun."""

    @root.command(
        help=say(
            "Refaire la projection d'un bureau (réglages TAMANI_DESK_…, ou --data).",
            "Make a desk's projection anew (settings TAMANI_DESK_…, or --data).",
        )
    )
    def rebuild(
        country: Country | None = typer.Option(None, help=say("Origine du bureau.", "Origin of the desk.")),
        data: Path | None = typer.Option(None, help=say("Dossier d'un « tamani up ».", "Folder of a 'tamani up'.")),
    ) -> None:
        done = asyncio.run(_rebuild(desk_settings(country, data), say))
        say.out(f"entries={done.entries} records={done.records} unreadable={done.unreadable}")


async def _rebuild(settings: "DeskSettings", say: Say) -> "Rebuilt":
    from tamani.desk.database import Database
    from tamani.desk.rebuild import rebuild
    from tamani.runtime.registry import RegistryHolder

    database = Database(settings.conninfo)
    registry = RegistryHolder(settings, settings.registry_path).current
    try:
        return await rebuild(database, registry, lambda done, total: say.note(f"{done} / {total}", f"{done} / {total}"))
    finally:
        await database.close()
