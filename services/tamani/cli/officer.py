"""`tamani officer add|list|reset|close|roles`: officers' accounts, by who has a shell on the site's machine.

The first head of a body is made here; from then on the head manages the accounts in the site's pages.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tamani.cli.places import country_of_body, site_folder
from tamani.cli.say import Say
from tamani.core.names import Country

if TYPE_CHECKING:
    from tamani.runtime.accounts.accounts import Accounts


def add(root: typer.Typer, say: Say) -> None:
    """Add the noun."""
    officer = typer.Typer(no_args_is_help=True, help=say("Comptes des officiers.", "Officers' accounts."))
    root.add_typer(officer, name="officer")
    _add_making(officer, say)
    _add_changing(officer, say)


def _options(say: Say) -> tuple[Path, Path | None, str | None]:
    """Where the accounts are, and at which address the site is met."""
    data: Path = typer.Option(Path(".tamani"), help=say("Dossier de la plateforme.", "Folder of the platform."))
    site: Path | None = typer.Option(None, help=say("Dossier du site, à défaut.", "The site's own folder instead."))
    url: str | None = typer.Option(None, help=say("Adresse publique du site.", "Public address of the site."))
    return data, site, url


def _add_making(officer: typer.Typer, say: Say) -> None:
    data_, site_, url_ = _options(say)

    @officer.command(help=say("Inviter un officier ; montre le lien, une fois.", "Invite one; shows the link, once."))
    def add(
        body: str = typer.Argument(help="/ml/commission-defense"),
        function: str = typer.Argument(help=say("Un titre : « Chef de secrétariat ».", "A title: 'Head clerk'.")),
        login: str = typer.Argument(help=say("Identifiant : chef.secretariat.", "Login: head.clerk.")),
        *,
        role: list[str] = typer.Option(
            ["head"],
            help=say("Répétable : reader, poster, validator.", "Repeat: reader, poster, validator."),
        ),
        data: Path = data_,
        site: Path | None = site_,
        url: str | None = url_,
    ) -> None:
        from tamani.core.roles import read_roles

        country = country_of_body(body)
        accounts = _accounts(data, site, country)
        _made, link = accounts.officers.invite(None, body, function, login, read_roles(role))
        _hand(say, country, url, link)

    @officer.command("list", help=say("Les comptes d'un site.", "The accounts of a site."))
    def list_(
        country: Country = typer.Argument(help="bf, ml, ne, rg"), data: Path = data_, site: Path | None = site_
    ) -> None:
        for one in _accounts(data, site, country).officers.of_body(None):
            say.out(f"{one.login}  {one.source}  {one.state}  {','.join(sorted(one.roles))}  {one.function}")


def _add_changing(officer: typer.Typer, say: Say) -> None:
    data_, site_, url_ = _options(say)
    country_ = typer.Argument(help="bf, ml, ne, rg")
    login_ = typer.Argument(help=say("Identifiant.", "Login."))

    @officer.command(help=say("Tout oublier, nouveau lien.", "Forget all, new link."))
    def reset(
        country: Country = country_,
        login: str = login_,
        data: Path = data_,
        site: Path | None = site_,
        url: str | None = url_,
    ) -> None:
        officers = _accounts(data, site, country).officers
        _hand(say, country, url, officers.reset(None, officers.by_login(login).id))

    @officer.command(help=say("Fermer un compte pour toujours.", "Close an account for good."))
    def close(country: Country = country_, login: str = login_, data: Path = data_, site: Path | None = site_) -> None:
        officers = _accounts(data, site, country).officers
        officers.close(None, officers.by_login(login).id)
        say.note("Fermé ; ses sessions sont terminées.", "Closed; its sessions have ended.")

    @officer.command(help=say("Donner d'autres rôles.", "Give other roles."))
    def roles(
        country: Country = country_,
        login: str = login_,
        role: list[str] = typer.Argument(help="reader poster validator head"),
        data: Path = data_,
        site: Path | None = site_,
    ) -> None:
        from tamani.core.roles import read_roles

        officers = _accounts(data, site, country).officers
        officers.set_roles(None, officers.by_login(login).id, read_roles(role))
        say.note("Fait ; l'officier se reconnecte.", "Done; the officer signs in again.")


def _accounts(data: Path, site: Path | None, country: Country) -> "Accounts":
    from tamani.runtime.accounts.accounts import open_accounts
    from tamani.runtime.clock import system_clock

    return open_accounts(site or site_folder(data, country), system_clock)


def _hand(say: Say, country: Country, url: str | None, link: str) -> None:
    from tamani.cli.serve import load
    from tamani.embedded.settings import UpSettings

    base = url or f"http://127.0.0.1:{load(UpSettings).site_ports[country]}"
    say.out(f"{base.rstrip('/')}/invitation/{link}")
    say.note(
        "À remettre par une voie sûre ; sert une fois, dans les 72 heures.",
        "Hand it over by a safe way; it serves once, within 72 hours.",
    )
