"""`tamani archive rebuild|evidence`: make a lost archive again; hand out what a body has signed twice under one id."""

from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import typer

from tamani.cli.files import write_file
from tamani.cli.say import Say

if TYPE_CHECKING:
    from tamani.archive.rebuild.rebuild import Rebuilt
    from tamani.archive.settings import ArchiveSettings
    from tamani.embedded.settings import UpSettings

SHOWN = 20


def add(root: typer.Typer, say: Say) -> None:
    """Add the noun."""
    archive = typer.Typer(no_args_is_help=True, help=say("Archive régionale.", "Regional archive."))
    root.add_typer(archive, name="archive")

    _add_evidence(archive, say)

    @archive.command(
        help=say(
            "Refaire une archive perdue : entrées des témoins, avis des boîtes d'envoi et des bureaux.",
            "Make a lost archive again: entries from witnesses, notices from outboxes and desks.",
        )
    )
    def rebuild(
        data: Path | None = typer.Option(
            None, help=say("Dossier d'un « tamani up » arrêté.", "Folder of a 'tamani up' that is stopped.")
        ),
        port_postgres: int | None = typer.Option(None, "--port-postgres", help="PostgreSQL (15432)"),
        witness: list[str] = typer.Option(None, help=say("Adresse d'un témoin.", "Address of a witness.")),
        outbox: list[Path] = typer.Option(None, help=say("Boîte d'envoi d'un nœud.", "Outbox of a node.")),
        desk: list[str] = typer.Option(
            None, help=say("Base d'un bureau (chaîne libpq).", "Database of a desk (libpq string).")
        ),
    ) -> None:
        from tamani.embedded import rebuild as work

        def progress(what: str, done: int, total: int) -> None:
            words = {"proof": ("preuve", "proof"), "entries": ("entrées", "entries")}[what]
            say.note(*(f"{word} {done} / {total}" for word in words))

        if data is not None:
            _report(say, work.rebuild_here(_up(data, port_postgres), progress))
        else:
            _report(say, work.rebuild_from(_settings(), witness or [], outbox or [], desk or [], progress))


def _add_evidence(archive: typer.Typer, say: Say) -> None:
    @archive.command(
        help=say(
            "Écrire la preuve de chaque contenu qu'un organisme a signé sous un même identifiant.",
            "Write the proof of each content that a body has signed under one id.",
        )
    )
    def evidence(
        source: str = typer.Argument(help=say("Organisme (/ml/…).", "Body (/ml/…).")),
        id_: UUID = typer.Argument(metavar="ID", help=say("Identifiant de l'avis.", "Id of the notice.")),
        output: Path = typer.Option(Path(), "--output", "-o", help=say("Dossier.", "Folder.")),
        data: Path | None = typer.Option(None, help=say("Dossier d'un « tamani up ».", "Folder of a 'tamani up'.")),
        port_postgres: int | None = typer.Option(None, "--port-postgres", help="PostgreSQL (15432)"),
    ) -> None:
        from tamani.archive.evidence import evidence_of
        from tamani.core.bundle import ENDING
        from tamani.embedded.rebuild import archive_here

        settings = _settings() if data is None else archive_here(_up(data, port_postgres))
        for number, proof in enumerate(evidence_of(settings, source, id_), 1):
            file = output / f"{id_}{f'.{number}' if number > 1 else ''}{ENDING}"
            if proof is None:
                say.note(f"Contenu {number} : effacé sur ordre.", f"Content {number}: erased by order.")
                continue
            write_file(file, proof)
            say.out(str(file))
        say.note(
            "Ces fichiers contiennent les textes entiers : ne les donnez qu'à qui a le droit de lire chacun.",
            "These files hold the whole texts: give each only to those who may read it.",
        )


def _up(data: Path, port: int | None) -> "UpSettings":
    from tamani.cli.serve import load
    from tamani.embedded.settings import UpSettings

    return load(UpSettings, data=data, postgres_port=port)


def _settings() -> "ArchiveSettings":
    from tamani.archive.settings import ArchiveSettings
    from tamani.cli.serve import load

    return load(ArchiveSettings)


def _report(say: Say, found: "Rebuilt") -> None:
    say.out(
        f"size={found.size} root={found.root.hex()} witnesses={','.join(found.witnesses)} missing={len(found.missing)}"
    )
    for lost in found.missing[:SHOWN]:
        say.out(f"  {lost.leaf_index} {lost.leaf.rt} {lost.leaf.kind} {lost.leaf.env.hex()}")
    if len(found.missing) > SHOWN:
        say.note(f"… et {len(found.missing) - SHOWN} autres", f"… and {len(found.missing) - SHOWN} more")
    if found.missing:
        say.note(
            "Ces avis manquent : leur place au journal reste, prouvable. Demandez à leurs organismes de republier.",
            "These notices are missing: their place in the log stays, provable. Ask their bodies to publish again.",
        )
    if found.given_up:
        say.note(
            f"Le journal avait signé {found.given_up} entrées de plus, que personne n'a co-signées : abandonnées.",
            f"The log had signed {found.given_up} more entries, which nobody has cosigned: given up.",
        )
    say.note("L'archive peut redémarrer : elle signe la suite.", "The archive can be started: it signs from here on.")
