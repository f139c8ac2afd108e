"""`tamani token new`: a token that stands for a body at a site, shown once."""

from pathlib import Path

import typer

from tamani.cli.places import country_of_body, site_folder
from tamani.cli.say import Say


def add(root: typer.Typer, say: Say) -> None:
    """Add the noun."""
    token = typer.Typer(no_args_is_help=True, help=say("Jetons d'accès.", "Access tokens."))
    root.add_typer(token, name="token")

    @token.callback()
    def several() -> None:
        """Keeps the verb visible while there is only one."""

    @token.command(help=say("Faire un jeton ; il n'est montré qu'une fois.", "Make a token; it is shown only once."))
    def new(
        body: str = typer.Argument(help="/ml/commission-defense"),
        *,
        role: str = typer.Option(
            "poster", help=say("poster, validated, reader ou confirmer.", "poster, validated, reader or confirmer.")
        ),
        label: str = typer.Option("", help=say("À qui il est remis.", "To whom it is given.")),
        data: Path = typer.Option(Path(".tamani"), help=say("Dossier de la plateforme.", "Folder of the platform.")),
        tokens: Path | None = typer.Option(None, help=say("Fichier des jetons du site.", "The site's file of tokens.")),
        node: str | None = typer.Option(None, help=say("Second nœud du pays.", "Further node of the country.")),
    ) -> None:
        from tamani.runtime.tokens import TokenStore

        store = TokenStore(tokens or site_folder(data, country_of_body(body), node) / "tokens.sqlite")
        say.out(store.issue(body, role, label))
        say.note("Gardez-le : il ne peut pas être relu.", "Keep it: it cannot be read again.")
