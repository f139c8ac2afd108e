"""Where the command line finds a site's files: the layout of `tamani up`, each part of which an option can replace."""

from pathlib import Path

from tamani.core.errors import RefusedError
from tamani.core.names import Country, country_of


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
