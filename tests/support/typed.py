"""Commands of `tamani` as somebody types them, run in this process."""

from typer.testing import CliRunner

from tamani.cli.app import build
from tamani.cli.say import Say


def typed(*words: str, lang: str = "fr") -> str:
    """What a command printed, and an end in good order; what it raises is raised."""
    done = CliRunner().invoke(build(Say(lang)), [*words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout
