"""`tamani quarantine list|retry`: what our software or database failed on, and putting it back on its way."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tamani.cli.say import Say

if TYPE_CHECKING:
    from tamani.runtime.settings import ServiceSettings

OPERATOR = "operator"


def add(root: typer.Typer, say: Say) -> None:
    """Add the noun."""
    quarantine = typer.Typer(no_args_is_help=True, help=say("Avis mis de côté.", "Notices set aside."))
    root.add_typer(quarantine, name="quarantine")
    bus = typer.Option("127.0.0.1:19092", "--kafka", help=say("Adresse du bus.", "Address of the bus."))
    data = typer.Option(Path(".tamani"), help=say("Dossier de la plateforme.", "Folder of the platform."))
    secret = typer.Option(None, help=say("Fichier du mot de passe de l'opérateur.", "File of the operator's password."))

    @quarantine.command("list", help=say("Montrer ce qui est mis de côté.", "Show what is set aside."))
    def list_(kafka: str = bus, data: Path = data, password_file: Path | None = secret) -> None:
        from tamani.runtime.quarantine import read_held

        none = True
        for number, held in read_held(_operator(kafka, data, password_file)):
            none = False
            say.out(
                f"{number} {held.at} {held.code} {held.by} {held.topic}/{held.partition}/{held.offset} {held.detail}"
            )
        if none:
            say.note("Rien n'est mis de côté.", "Nothing is set aside.")

    @quarantine.command(help=say("Remettre un avis sur sa voie.", "Put a notice back on its way."))
    def retry(
        number: int = typer.Argument(help=say("Numéro donné par « list ».", "Number given by 'list'.")),
        kafka: str = bus,
        data: Path = data,
        password_file: Path | None = secret,
    ) -> None:
        asyncio.run(_retry(_operator(kafka, data, password_file), number))
        say.note("L'avis est reparti.", "The notice is on its way again.")


async def _retry(settings: "ServiceSettings", number: int) -> None:
    from tamani.runtime.kafka import KafkaProducer
    from tamani.runtime.quarantine import put_back

    producer = await KafkaProducer(settings).start()
    try:
        await put_back(settings, producer, number)
    finally:
        await producer.stop()


def _operator(kafka: str, data: Path, password_file: Path | None) -> "ServiceSettings":
    from tamani.cli.serve import load
    from tamani.runtime.settings import ServiceSettings

    password = password_file or data / "secrets" / f"{OPERATOR}.password"
    return load(ServiceSettings, kafka_bootstrap=kafka, kafka_username=OPERATOR, kafka_password_file=password)
