"""`tamani post FILE`: say a notice at a node. Status 0 only when the node has it.

A connection that breaks leaves it unknown whether the node has the notice; asking again with the same id is safe, so
that is what it does.
"""

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from tamani.cli.http import bearer, failure
from tamani.cli.say import Say
from tamani.core.errors import OutageError, RefusedError

if TYPE_CHECKING:
    import httpx

FIRST_WAIT, LONGEST_WAIT = 0.5, 15.0


def add(root: typer.Typer, say: Say) -> None:
    """Add the noun."""

    @root.command(help=say("Publier un avis (JSON ; « - » : entrée).", "Post a notice (JSON; '-': stdin)."))
    def post(
        file: str = typer.Argument(help=say("Avis, ou enveloppe scellée.", "Notice, or a sealed envelope.")),
        url: str = typer.Option("http://127.0.0.1:8400", help=say("Adresse du site.", "Address of the site.")),
        token_file: Path = typer.Option(help=say("Fichier du jeton.", "File of the token.")),
        ident: str | None = typer.Option(None, "--id", help=say("Identifiant (UUIDv7).", "Id (UUIDv7).")),
        patience: float = typer.Option(300.0, help=say("Secondes d'essais.", "Seconds to keep trying.")),
    ) -> None:
        path, body = _request(_read(file), ident)
        answer = insist(say, url.rstrip("/") + path, body, bearer(token_file), patience)
        say.out(json.dumps(answer, ensure_ascii=False))


def _read(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise RefusedError("refused.request", f"{file}: {error.strerror}") from error


def _request(raw: bytes, ident: str | None) -> tuple[str, bytes]:
    """Where to post it and what: an envelope as it is, a notice with an id that stays the same through all attempts."""
    from uuid_utils import uuid7

    from tamani.core.strict_json import BadJson, loads

    try:
        body: Any = loads(raw)
    except BadJson as error:
        raise RefusedError(error.code, error.detail) from error
    if not isinstance(body, dict):
        raise RefusedError("refused.request", "JSON object")
    if "payloadType" in body:
        return "/v1/envelopes", raw
    body["id"] = ident or body.get("id") or str(uuid7())
    return "/v1/messages", json.dumps(body, ensure_ascii=False).encode()


def insist(say: Say, url: str, body: bytes, headers: dict[str, str], patience: float) -> dict[str, Any]:
    """Ask until the node answers.

    Raises:
        RefusedError: it refuses. OutageError: it could not be reached, or was not ready, for all our patience.
    """
    import httpx

    until, wait = time.monotonic() + patience, FIRST_WAIT
    with httpx.Client(timeout=60) as client:
        while True:
            try:
                return _ask(client, url, body, headers)
            except (OutageError, httpx.TransportError) as error:
                outage = error if isinstance(error, OutageError) else OutageError("failed.node", f"{url}: {error}")
            if time.monotonic() + wait > until:
                raise outage
            say.code(outage.code, outage.detail)
            time.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT)


def _ask(client: "httpx.Client", url: str, body: bytes, headers: dict[str, str]) -> dict[str, Any]:
    answer = client.post(url, content=body, headers=headers | {"Content-Type": "application/json"})
    if answer.status_code != 202:
        raise failure(answer)
    found: dict[str, Any] = answer.json()
    return found
