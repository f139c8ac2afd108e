"""How the command line speaks: one sentence in two languages, of which one is shown; failures as code and sentence."""

import typer

from tamani.core.codes import Code
from tamani.core.errors import TamaniError


class Say:
    """Picks the language: `say("bonjour", "hello")`."""

    def __init__(self, lang: str) -> None:
        self.lang = lang

    def __call__(self, fr: str, en: str) -> str:
        """The sentence in the chosen language."""
        return en if self.lang == "en" else fr

    def out(self, text: str = "") -> None:
        """A line of the result."""
        typer.echo(text)

    def note(self, fr: str, en: str) -> None:
        """A line about the work, on standard error: results can be piped."""
        typer.echo(self(fr, en), err=True)

    def code(self, code: Code, detail: str = "") -> None:
        """A code and its sentence, on standard error."""
        typer.echo(
            f"{code.name} : {code.sentence(self.lang)}" if self.lang == "fr" else f"{code.name}: {code.en}", err=True
        )
        if detail:
            typer.echo(f"  {detail}", err=True)

    def failed(self, error: TamaniError) -> None:
        """What stopped the command."""
        self.code(error.code, error.detail)
