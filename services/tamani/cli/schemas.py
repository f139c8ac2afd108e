"""`tamani schemas emit DIR`: the JSON Schemas of what crosses the bus, written from the models."""

from pathlib import Path

import typer

from tamani.cli.say import Say


def add(root: typer.Typer, say: Say) -> None:
    """Add the noun."""
    schemas = typer.Typer(no_args_is_help=True, help=say("Schémas JSON du bus.", "JSON Schemas of the bus."))
    root.add_typer(schemas, name="schemas")

    @schemas.callback()
    def noun() -> None:
        """Keep the verb: a noun with one command would swallow it."""

    @schemas.command(help=say("Écrire les schémas dans un dossier.", "Write the schemas into a folder."))
    def emit(folder: Path = typer.Argument(help=say("Dossier.", "Folder."))) -> None:
        from tamani.core.schemas import documents

        for name, text in documents().items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            say.out(str(path))
