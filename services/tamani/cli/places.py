"""Where the command line finds a site's files: the layout of `tamani up`, each part of which an option can replace."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tamani.core.errors import DefectError, RefusedError
from tamani.core.names import Country, country_of

if TYPE_CHECKING:
    from tamani.desk.settings import DeskSettings


def site_folder(data: Path, country: Country, node: str | None = None) -> Path:
    """The folder of a site (or of a further node of its country)."""
    return data / "sites" / (f"{country}-{node}" if node else country.value)


def country_of_body(body: str) -> Country:
    """The origin of a body given on the command line.

    Raises:
        RefusedError: `refused.request`: it does not read `/<cc>/<body>`.
    """
    try:
        return country_of(body)
    except ValueError as error:
        raise RefusedError("refused.request", f"{body}: /<cc>/<body>") from error


def passphrase_file(data: Path, country: Country) -> Path:
    """Where `tamani up` keeps the passphrase of a site's keys."""
    return data / "secrets" / f"keystore.{country}.password"


def desk_settings(country: Country | None, data: Path | None) -> "DeskSettings":
    """Settings of a desk of `tamani up` if its folder is given, else those of the environment.

    Raises:
        DefectError: `failed.settings`: no platform in this folder, or the environment is wrong.
    """
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
