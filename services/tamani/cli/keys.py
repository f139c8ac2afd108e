"""`tamani keys new|show`: the signing keys of the bodies that post at a site, and the reading keys of those that read.

Both are encrypted at rest.
"""

from pathlib import Path
from typing import Any

import typer

from tamani.cli.places import country_of_body, passphrase_file, site_folder
from tamani.cli.say import Say
from tamani.core.names import Country


def add(root: typer.Typer, say: Say) -> None:
    """Add the noun."""
    keys = typer.Typer(no_args_is_help=True, help=say("Clés de signature.", "Signing keys."))
    root.add_typer(keys, name="keys")
    _add_new(keys, say)
    _add_show(keys, say)


def _place(say: Say) -> tuple[Any, Any, Any]:
    """The options that say whose keys are meant: folder of the platform, folder of the keys, node."""
    data = typer.Option(Path(".tamani"), help=say("Dossier de la plateforme.", "Folder of the platform."))
    folder = typer.Option(None, "--keys", help=say("Dossier des clés.", "Folder of keys."))
    return (
        data,
        folder,
        typer.Option(None, help=say("Second nœud du pays (osc).", "Further node of the country (osc).")),
    )


def _add_new(keys: typer.Typer, say: Say) -> None:
    data, folder, node = _place(say)
    secret = typer.Option(None, help=say("Fichier de la phrase secrète.", "File of the passphrase."))

    @keys.command(help=say("Faire une clé pour un organisme.", "Make a key for a body."))
    def new(
        body: str = typer.Argument(help="/ml/commission-defense"),
        *,
        data: Path = data,
        keys_folder: Path | None = folder,
        passphrase: Path | None = secret,
        node: str | None = node,
        recipient: bool = typer.Option(
            False, "--recipient", help=say("Une clé de lecture (avis scellés).", "A reading key (sealed notices).")
        ),
    ) -> None:
        from tamani.runtime.sealed_key import read_passphrase

        country = country_of_body(body)
        secret = read_passphrase(passphrase or passphrase_file(data, country))
        make = _new_identity if recipient else _new_key
        make(say, body, keys_folder, site_folder(data, country, node), secret)


def _add_show(keys: typer.Typer, say: Say) -> None:
    data, folder, node = _place(say)

    @keys.command(help=say("Montrer la partie publique des clés.", "Show the public part of keys."))
    def show(
        country: Country = typer.Option(Country.RG, help=say("Origine du site.", "Origin of the site.")),
        data: Path = data,
        keys_folder: Path | None = folder,
        node: str | None = node,
    ) -> None:
        from tamani.desk.identities import list_identities
        from tamani.node.keystore import list_keys

        site = site_folder(data, country, node)
        found = list_keys(keys_folder or site / "keys")
        for key in found:
            say.out(f"{key.body} {key.keyid} {key.public.hex()}")
        reading = list_identities(keys_folder or site / "reading")
        for identity in reading:
            say.out(f"{identity.body} {identity.recipient}")
        if not (found or reading):
            say.note("Aucune clé ici.", "No key here.")


def _new_key(say: Say, body: str, folder: Path | None, site: Path, passphrase: bytes) -> None:
    from tamani.core.signing import SigningKey
    from tamani.node.keystore import save_key

    made = save_key(folder or site / "keys", body, SigningKey.generate(), passphrase)
    say.out(f"body: {made.body}\nkeyid: {made.keyid}\npublic: {made.public.hex()}")
    say.out(f"proof: {made.proof.sig if made.proof else ''}\nfile: {made.path}")
    say.note(
        "Faites inscrire « public » et « proof » au registre ; le site ouvre la clé de lui-même.",
        "Have 'public' and 'proof' enrolled in the registry; the site opens the key by itself.",
    )


def _new_identity(say: Say, body: str, folder: Path | None, site: Path, passphrase: bytes) -> None:
    from tamani.core.recipients import Identity
    from tamani.desk.identities import save_identity

    made = save_identity(folder or site / "reading", body, Identity.generate(), passphrase)
    say.out(f"body: {made.body}\nrecipient: {made.recipient}\nfile: {made.path}")
    say.note(
        "Faites inscrire « recipient » au registre, puis relancez le site.",
        "Have 'recipient' enrolled in the registry, then restart the site.",
    )
