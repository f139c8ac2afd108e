"""How the command line asks a site: with a token from a file, and failures as our own errors."""

from pathlib import Path
from typing import TYPE_CHECKING

from tamani.core.codes import code
from tamani.core.errors import OutageError, RefusedError, TamaniError

if TYPE_CHECKING:
    import httpx


def bearer(token_file: Path | None) -> dict[str, str]:
    """The header of a token that a file holds; tokens are never given on the command line, where others see them.

    Raises:
        RefusedError: `refused.auth.token`, the file cannot be read.
    """
    if token_file is None:
        return {}
    try:
        return {"Authorization": f"Bearer {token_file.read_text('ascii').strip()}"}
    except (OSError, UnicodeDecodeError) as error:
        raise RefusedError("refused.auth.token", str(token_file)) from error


def failure(answer: "httpx.Response") -> TamaniError:
    """The error that a problem+json tells."""
    try:
        body = answer.json()
        found, detail = code(str(body["code"])), _detail(body)
    except (ValueError, KeyError, TypeError):
        return OutageError("failed.node", f"HTTP {answer.status_code}")
    return (OutageError if found.retriable else RefusedError)(found.name, detail)


def _detail(body: dict[str, object]) -> str:
    faults = body.get("faults")
    if isinstance(faults, list) and faults:
        return "\n  ".join(f"{fault.get('at')}: {fault.get('fr')} / {fault.get('en')}" for fault in faults)
    return str(body.get("detail", ""))
