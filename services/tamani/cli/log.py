"""`tamani log …`: the key of the archive's log, made once for a region."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from tamani.cli.say import Say
from tamani.core.errors import DefectError

if TYPE_CHECKING:
    from tamani.archive.settings import ArchiveSettings


def add(root: typer.Typer, say: Say) -> None:
    """Add the noun."""
    log = typer.Typer(no_args_is_help=True, help=say("Journal de l'archive.", "Log of the archive."))
    root.add_typer(log, name="log")
    key = typer.Option(None, help=say("Fichier de la clé du journal.", "File of the log's key."))

    @log.command(help=say("Faire la clé du journal.", "Make the log's key."))
    def init(
        key: Path | None = key,
        passphrase: Path | None = typer.Option(
            None, help=say("Fichier de la phrase secrète.", "File of the passphrase.")
        ),
        origin: str | None = typer.Option(
            None, help=say("Nom public du journal, pour toujours.", "Public name of the log, for ever.")
        ),
    ) -> None:
        from tamani.core.log.note import Kind
        from tamani.runtime.note_keys import make_note_key
        from tamani.runtime.sealed_key import read_passphrase

        settings = _settings(log_key=key, passphrase_file=passphrase, log_origin=origin)
        if settings.passphrase_file is None:
            raise DefectError("failed.settings", "TAMANI_ARCHIVE_PASSPHRASE_FILE, --passphrase")
        secret = read_passphrase(settings.passphrase_file)
        say.out(f"log {make_note_key(_key(settings), settings.log_origin, Kind.NOTE, secret)}")
        say.note(
            "Donnez cette ligne, suivie de l'adresse de l'archive et de /log, à qui tient le fichier de politique.",
            "Give this line, followed by the archive's address and /log, to whoever keeps the policy file.",
        )

    @log.command(help=say("Montrer la clé publique, pour la politique.", "Show the public key, for the policy."))
    def show(key: Path | None = key) -> None:
        from tamani.runtime.note_keys import read_verifier

        say.out(f"log {read_verifier(_key(_settings(log_key=key)))}")


def _settings(**given: Any) -> "ArchiveSettings":
    from tamani.archive.settings import ArchiveSettings
    from tamani.cli.serve import load

    return load(ArchiveSettings, **given)


def _key(settings: "ArchiveSettings") -> Path:
    if settings.log_key is None:
        raise DefectError("failed.settings", "TAMANI_ARCHIVE_LOG_KEY, --key")
    return settings.log_key
