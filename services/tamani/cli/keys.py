"""`tamani keys new|show`: the signing keys of the bodies that post at a site, encrypted at rest."""

from pathlib import Path

import typer

from tamani.cli.places import country_of_body, passphrase_file, site_folder
from tamani.cli.say import Say
from tamani.core.names import Country


def add(root: typer.Typer, say: Say) -> None:
    """Add the noun."""
    keys = typer.Typer(no_args_is_help=True, help=say("Clés de signature.", "Signing keys."))
    root.add_typer(keys, name="keys")
    data = typer.Option(Path(".tamani"), help=say("Dossier de la plateforme.", "Folder of the platform."))
    folder = typer.Option(None, "--keys", help=say("Dossier des clés.", "Folder of keys."))
    secret = typer.Option(None, help=say("Fichier de la phrase secrète.", "File of the passphrase."))
    node = typer.Option(None, help=say("Second nœud du pays (osc).", "Further node of the country (osc)."))

    @keys.command(help=say("Faire une clé pour un organisme.", "Make a key for a body."))
    def new(
        body: str = typer.Argument(help="/ml/commission-defense"),
        data: Path = data,
        keys_folder: Path | None = folder,
        passphrase: Path | None = secret,
        node: str | None = node,
    ) -> None:
        from tamani.core.signing import SigningKey
        from tamani.node.keystore import read_passphrase, save_key

        country = country_of_body(body)
        secret = read_passphrase(passphrase or passphrase_file(data, country))
        made = save_key(keys_folder or site_folder(data, country, node) / "keys", body, SigningKey.generate(), secret)
        say.out(f"body: {made.body}\nkeyid: {made.keyid}\npublic: {made.public.hex()}\nfile: {made.path}")
        say.note(
            "Faites inscrire « public » et « keyid » au registre, puis relancez le site.",
            "Have 'public' and 'keyid' enrolled in the registry, then restart the site.",
        )

    @keys.command(help=say("Montrer la partie publique des clés.", "Show the public part of keys."))
    def show(
        country: Country = typer.Option(Country.RG, help=say("Origine du site.", "Origin of the site.")),
        data: Path = data,
        keys_folder: Path | None = folder,
        node: str | None = node,
    ) -> None:
        from tamani.node.keystore import list_keys

        found = list_keys(keys_folder or site_folder(data, country, node) / "keys")
        for key in found:
            say.out(f"{key.body} {key.keyid} {key.public.hex()}")
        if not found:
            say.note("Aucune clé ici.", "No key here.")
