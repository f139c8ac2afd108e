"""All commands in one tree, and how a failure ends: its code, its sentence, status 1."""

from collections.abc import Sequence

import typer

from tamani.cli import (
    archive,
    backup,
    calendar,
    erase,
    feed,
    keys,
    log,
    message,
    officer,
    outbox,
    post,
    proof,
    quarantine,
    rebuild,
    registry,
    schema,
    serve,
    status,
    table,
    token,
    up,
    witness,
)
from tamani.cli.say import Say
from tamani.cli.settings import OPTION, language
from tamani.core.errors import TamaniError

NOUNS = (
    up,
    serve,
    keys,
    registry,
    token,
    officer,
    post,
    table,
    proof,
    erase,
    message,
    outbox,
    feed,
    status,
    quarantine,
    rebuild,
    calendar,
    backup,
    witness,
    log,
    archive,
    schema,
)


def build(say: Say) -> typer.Typer:
    """The tree, in the language of `say`."""
    root = typer.Typer(
        name="tamani",
        help=say(
            "Tamani : des avis signés entre le Burkina Faso, le Mali et le Niger.",
            "Tamani: signed notices between Burkina Faso, Mali and Niger.",
        ),
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @root.callback()
    def options(
        lang: str = typer.Option(
            say.lang, OPTION, metavar="fr|en", help=say("Langue des messages.", "Language of messages.")
        ),
    ) -> None:
        """Options of every command."""

    for noun in NOUNS:
        noun.add(root, say)
    return root


def run(arguments: Sequence[str]) -> int:
    """Run one command; its exit status."""
    say = Say(language(arguments))
    try:
        build(say)(list(arguments), standalone_mode=True)
    except TamaniError as error:
        say.failed(error)
        return 1
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    return 0
