"""`tamani feed tail`: what a desk shows, as it comes, one JSON object a line."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tamani.cli.http import bearer, failure
from tamani.cli.say import Say
from tamani.core.errors import OutageError

if TYPE_CHECKING:
    pass

AGAIN_SECONDS = 3.0


def add(root: typer.Typer, say: Say) -> None:
    """Add the noun."""
    feed = typer.Typer(no_args_is_help=True, help=say("Fil d'un bureau.", "Feed of a desk."))
    root.add_typer(feed, name="feed")

    @feed.callback()
    def several() -> None:
        """Keeps the verb visible while there is only one."""

    @feed.command(help=say("Suivre le fil jusqu'à Ctrl-C.", "Follow the feed until Ctrl-C."))
    def tail(
        url: str = typer.Option("http://127.0.0.1:8400", help=say("Adresse du site.", "Address of the site.")),
        token_file: Path | None = typer.Option(None, help=say("Fichier du jeton.", "File of the token.")),
        after: str | None = typer.Option(None, help=say("Reprendre après ce point.", "Go on after this point.")),
        count: int | None = typer.Option(None, help=say("S'arrêter après tant d'avis.", "Stop after so many."), min=1),
    ) -> None:
        lines = _follow(say, url.rstrip("/") + "/v1/stream", bearer(token_file), after)
        for number, line in enumerate(lines, 1):
            say.out(line)
            if number == count:
                return


def _follow(say: Say, url: str, headers: dict[str, str], last: str | None) -> Iterator[str]:
    """The data of each record, through broken connections, each time from the last position heard."""
    import httpx

    place = {"Last-Event-ID": last} if last else {}
    while True:
        try:
            with httpx.stream("GET", url, headers=headers | place, timeout=httpx.Timeout(10, read=60)) as answer:
                if answer.status_code != httpx.codes.OK:
                    answer.read()
                    raise failure(answer)
                for kind, id_, data in events(answer.iter_lines()):
                    place = {"Last-Event-ID": id_} if id_ else place
                    if kind not in {"position", "reset"}:
                        yield data
        except httpx.TransportError as error:
            say.code(OutageError("failed.node").code, str(error))
            time.sleep(AGAIN_SECONDS)


def events(lines: Iterator[str]) -> Iterator[tuple[str, str | None, str]]:
    """Kind, id and data of each server-sent event (HTML standard §9.2.6)."""
    kind, id_ = "message", None
    data: list[str] = []
    for line in lines:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line:
            if data:
                yield kind, id_, "\n".join(data)
            kind, id_, data = "message", None, []
        elif name == "event":
            kind = value
        elif name == "id":
            id_ = value
        elif name == "data":
            data.append(value)
