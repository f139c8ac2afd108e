"""`tamani calendar`: the personal calendar addresses of a desk's bodies; the secret is shown once, when it is made."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from tamani.cli.places import country_of_body, desk_settings
from tamani.cli.say import Say
from tamani.core.names import Country

if TYPE_CHECKING:
    from tamani.desk.agenda.addresses import Address, Addresses
    from tamani.desk.settings import DeskSettings

T = TypeVar("T")


def add(root: typer.Typer, say: Say) -> None:
    """Add the noun."""
    noun = typer.Typer(
        no_args_is_help=True, help=say("Adresses personnelles de calendrier.", "Personal calendar addresses.")
    )
    root.add_typer(noun, name="calendar")
    folder = typer.Option(None, help=say("Dossier d'un « tamani up ».", "Folder of a 'tamani up'."))
    _add_new(noun, say, folder)
    _add_kept(noun, say, folder)


def _add_new(noun: typer.Typer, say: Say, folder: Any) -> None:

    @noun.command(help=say("Faire une adresse ; elle n'est montrée qu'une fois.", "Make an address; shown only once."))
    def new(
        body: str = typer.Argument(help="/ml/commission-defense"),
        label: str = typer.Option(..., help=say("Pour qui : une fonction.", "For whom: a function.")),
        url: str | None = typer.Option(None, help=say("Adresse du site.", "Address of the site.")),
        data: Path | None = folder,
    ) -> None:
        settings = desk_settings(country_of_body(body), data)
        _check(settings, body)
        secret = _with(settings, lambda addresses: addresses.make(body, label))
        base = url or settings.public_url or f"http://{settings.host}:{settings.port}"
        say.out(f"{base.rstrip('/')}/agenda/{secret}.ics")
        say.note("Gardez-la : elle ne peut pas être relue.", "Keep it: it cannot be read again.")


def _add_kept(noun: typer.Typer, say: Say, folder: Any) -> None:
    origin = typer.Option(None, help=say("Origine du bureau.", "Origin of the desk."))

    @noun.command("list", help=say("Les adresses, sans leur secret.", "The addresses, without their secret."))
    def list_(
        country: Country | None = origin,
        data: Path | None = folder,
        as_json: bool = typer.Option(False, "--json", help=say("En JSON.", "As JSON.")),
    ) -> None:
        found = [_row(one) for one in _with(desk_settings(country, data), lambda addresses: addresses.all())]
        if as_json:
            say.out(json.dumps(found, ensure_ascii=False, indent=2))
        for row in found if not as_json else ():
            state = say("révoquée", "revoked") if row["revoked"] else say("ouverte", "open")
            read = row["last_read"] or say("jamais lue", "never read")
            say.out(f"{row['number']:>5}  {state:<9}  {read:<11}  {row['body']}  {row['label']}")

    @noun.command(help=say("Fermer une adresse pour toujours.", "Close an address for good."))
    def revoke(
        number: int = typer.Argument(help=say("Numéro, de « list ».", "Number, from 'list'.")),
        country: Country | None = origin,
        data: Path | None = folder,
    ) -> None:
        closed = _with(desk_settings(country, data), lambda addresses: addresses.revoke(number))
        say.out(say(f"révoquée : {closed.body} · {closed.label}", f"revoked: {closed.body} · {closed.label}"))


def _row(one: "Address") -> dict[str, str | int | None]:
    return {
        "number": one.number,
        "body": one.body,
        "label": one.label,
        "created": one.created.isoformat(timespec="seconds"),
        "last_read": one.last_read.isoformat() if one.last_read else None,
        "revoked": one.revoked.isoformat(timespec="seconds") if one.revoked else None,
    }


def _check(settings: "DeskSettings", body: str) -> None:
    """An address of a body that nobody has enrolled would stay empty without a word."""
    from tamani.core.errors import RefusedError
    from tamani.runtime.registry import RegistryHolder

    if RegistryHolder(settings, settings.registry_path).current.body(body) is None:
        raise RefusedError("refused.policy.body", body)


def _with(settings: "DeskSettings", work: "Callable[[Addresses], Awaitable[T]]") -> T:
    from tamani.desk.agenda.addresses import Addresses
    from tamani.desk.database import Database
    from tamani.runtime.clock import system_clock

    async def done() -> T:
        database = Database(settings.conninfo)
        try:
            return await work(Addresses(database, system_clock))
        finally:
            await database.close()

    return asyncio.run(done())
