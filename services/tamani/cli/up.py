"""`tamani up`: the whole platform on this machine."""

from pathlib import Path
from typing import Any

import typer

from tamani.cli.say import Say
from tamani.cli.serve import load
from tamani.core.names import Country


def add(root: typer.Typer, say: Say) -> None:
    """Add the command."""
    data = typer.Option(None, help=say("Dossier de la plateforme (.tamani).", "Folder of the platform (.tamani)."))
    demo = typer.Option(
        default=False,
        help=say("Organismes et avis inventés, bandeau DÉMO.", "Invented bodies and notices, DEMO banner."),
    )
    host = typer.Option(
        None, help=say("Adresse des sites et de l'archive (127.0.0.1).", "Address of sites and archive (127.0.0.1).")
    )

    @root.command(help=say("Démarrer toute la plateforme sur cette machine.", "Start the whole platform here."))
    def up(
        *,
        data: Path | None = data,
        demo: bool = demo,
        host: str | None = host,
        port_rg: int | None = _port("site rg", 8400),
        port_bf: int | None = _port("site bf", 8401),
        port_ml: int | None = _port("site ml", 8402),
        port_ne: int | None = _port("site ne", 8403),
        port_archive: int | None = _port("archive", 8410),
        port_router: int | None = _port("router", 8411),
        port_witness_bf: int | None = _port("witness bf", 8421),
        port_witness_ml: int | None = _port("witness ml", 8422),
        port_witness_ne: int | None = _port("witness ne", 8423),
        port_kafka: int | None = _port("Kafka", 19092),
        port_kafka_controller: int | None = _port("Kafka (controller)", 19093),
        port_postgres: int | None = _port("PostgreSQL", 15432),
    ) -> None:
        import asyncio

        from tamani.embedded.settings import SITE_PORTS, WITNESS_PORTS, UpSettings
        from tamani.embedded.up import up as run

        given: dict[str, Any] = {"data": data, "demo": demo or None, "host": host, "archive_port": port_archive}
        given |= {"router_port": port_router, "kafka_port": port_kafka, "postgres_port": port_postgres}
        given |= {"kafka_controller_port": port_kafka_controller}
        ports = {Country.RG: port_rg, Country.BF: port_bf, Country.ML: port_ml, Country.NE: port_ne}
        witnesses = {Country.BF: port_witness_bf, Country.ML: port_witness_ml, Country.NE: port_witness_ne}
        options = load(UpSettings, **given)
        if chosen := _chosen(ports):
            options = options.model_copy(update={"site_ports": SITE_PORTS | options.site_ports | chosen})
        if chosen := _chosen(witnesses):
            options = options.model_copy(update={"witness_ports": WITNESS_PORTS | options.witness_ports | chosen})
        raise typer.Exit(asyncio.run(run(options)))


def _chosen(ports: dict[Country, int | None]) -> dict[Country, int]:
    return {country: port for country, port in ports.items() if port is not None}


def _port(what: str, default: int) -> Any:
    return typer.Option(None, help=f"{what} ({default})", min=1, max=65535)
