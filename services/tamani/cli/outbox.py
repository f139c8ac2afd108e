"""`tamani outbox list|resend`: what a node has said and where it stands, and sending it again."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from tamani.cli.places import site_folder
from tamani.cli.say import Say
from tamani.core.errors import DefectError, RefusedError
from tamani.core.names import Country

if TYPE_CHECKING:
    from sqlalchemy import Engine


def add(root: typer.Typer, say: Say) -> None:
    """Add the noun."""
    outbox = typer.Typer(no_args_is_help=True, help=say("Boîte d'envoi d'un site.", "Outbox of a site."))
    root.add_typer(outbox, name="outbox")
    _add_list(outbox, say)
    _add_resend(outbox, say)


def _place(say: Say) -> tuple[Any, Any, Any, Any]:
    """The options that say whose outbox is meant: folder, file, origin, node."""
    data = typer.Option(Path(".tamani"), help=say("Dossier de la plateforme.", "Folder of the platform."))
    path = typer.Option(None, "--file", help=say("Fichier de la boîte d'envoi.", "The outbox's file."))
    country = typer.Option(Country.RG, help=say("Origine du site.", "Origin of the site."))
    return data, path, country, typer.Option(None, help=say("Second nœud du pays.", "Further node of the country."))


def _add_list(outbox: typer.Typer, say: Say) -> None:
    data, path, country, node = _place(say)

    @outbox.command("list", help=say("Montrer les avis et leur état.", "Show notices and where they stand."))
    def list_(
        *,
        data: Path = data,
        file: Path | None = path,
        country: Country = country,
        node: str | None = node,
        state: str | None = typer.Option(None, help="to-validate, sent-back, waiting, sent, archived, refused, open"),
        limit: int = typer.Option(50, min=1, max=10_000),
    ) -> None:
        from tamani.node.listing import newest, unsealed

        with _opened(file or site_folder(data, country, node) / "outbox.sqlite").connect() as connection:
            for row in [*unsealed(connection, state, limit), *newest(connection, state, limit)]:
                at = datetime.fromtimestamp(row.created_at / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
                say.out(f"{row.id} {at} {row.state:<11} {row.code or '-':<24} {row.source} {row.subject}")


def _add_resend(outbox: typer.Typer, say: Say) -> None:
    data, path, country, node = _place(say)

    @outbox.command(help=say("Envoyer de nouveau (aussi ce qui est clos).", "Send again (closed ones too)."))
    def resend(
        ids: list[str] = typer.Argument(None, help=say("Identifiants.", "Ids.")),
        *,
        data: Path = data,
        file: Path | None = path,
        country: Country = country,
        node: str | None = node,
        every_open: bool = typer.Option(False, "--open", help=say("Tout ce qui est ouvert.", "All that is open.")),
        since: datetime | None = typer.Option(None, help=say("Tout depuis cette date (UTC).", "All since (UTC).")),
    ) -> None:
        from tamani.node.listing import wanted
        from tamani.node.rows import queue_again

        if not (ids or every_open or since):
            raise typer.BadParameter(say("donnez des identifiants, --open ou --since", "give ids, --open or --since"))
        moment = int(since.replace(tzinfo=UTC).timestamp() * 1000) if since else None
        engine = _opened(file or site_folder(data, country, node) / "outbox.sqlite")
        with engine.connect().execution_options(writing=True) as connection, connection.begin():
            rows = wanted(connection, ids or [], every_open, moment)
            if missing := set(ids or []) - {row.id for row in rows}:
                raise RefusedError("refused.request.notice", ", ".join(sorted(missing)))
            count = queue_again(connection, [row.row_no for row in rows])
        say.out(str(count))
        say.note(f"{count} avis partent de nouveau.", f"{count} notices go again.")


def _opened(path: Path) -> "Engine":
    from tamani.node.database import open_database

    if not path.exists():
        raise DefectError("failed.settings", str(path))
    return open_database(path)
