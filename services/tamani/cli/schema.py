"""`tamani schema emit [DIR]`: everything in `schemas/` that a machine writes: JSON Schemas, AsyncAPI, OpenAPI."""

from pathlib import Path

import typer

from tamani.cli.say import Say


def add(root: typer.Typer, say: Say) -> None:
    """Add the noun."""
    schema = typer.Typer(no_args_is_help=True, help=say("Schémas du bus.", "Schemas of the bus."))
    root.add_typer(schema, name="schema")

    @schema.callback()
    def noun() -> None:
        """Keep the verb: a noun with one command would swallow it."""

    @schema.command(help=say("Écrire les schémas dans un dossier.", "Write the schemas into a folder."))
    def emit(folder: Path = typer.Argument(Path("schemas"), help=say("Dossier.", "Folder."))) -> None:
        from tamani.cli.openapi import everything

        for name, text in everything().items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            say.out(str(path))
