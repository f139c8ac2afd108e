"""`tamani rebuild`: a desk's projection made anew from the exact bytes of its mirror, with progress."""

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from tamani.cli.say import Say
from tamani.core.errors import DefectError
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
        done = asyncio.run(_rebuild(_settings(country, data), say))
        say.out(f"entries={done.entries} records={done.records} unreadable={done.unreadable}")


def _settings(country: Country | None, data: Path | None) -> "DeskSettings":
    """Those of a desk of `tamani up` if its folder is given, else those of the environment."""
    from tamani.cli.serve import load
    from tamani.desk.settings import DeskSettings

    if data is None:
        return load(DeskSettings, country=country)
    from tamani.embedded.enrol import Office
    from tamani.embedded.environments import Environments
    from tamani.embedded.layout import Layout
    from tamani.embedded.settings import UpSettings

    layout = Layout(data.resolve())
    if not layout.registry.exists():
        raise DefectError("failed.settings", str(data))
    written = Environments(load(UpSettings, data=data), layout, Office(layout)).site(country or Country.RG)
    prefix = "TAMANI_DESK_"
    values: dict[str, Any] = {n.removeprefix(prefix).lower(): v for n, v in written.items() if n.startswith(prefix)}
    return load(DeskSettings, **values | {"registry_trust": json.loads(values["registry_trust"])})


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
