"""Whether a secret can be read in what a machine shows: in any spelling in which text would hold it."""

import base64
import contextlib
from collections.abc import Iterable
from pathlib import Path

import psutil

from tests.support.searching import spellings


def spelt(secret: bytes) -> set[bytes]:
    """As text, in hexadecimal, in base64 on its own and within another text."""
    forms = {secret, secret.hex().encode(), base64.b64encode(secret), repr(secret)[2:-1].encode()}
    return forms | (spellings(secret.decode()) if secret.isascii() else set())


def shown(texts: dict[str, bytes], secrets: Iterable[bytes]) -> list[str]:
    """Where a secret can be read."""
    return [name for name, text in texts.items() for secret in secrets if any(form in text for form in spelt(secret))]


def of_process(pid: int) -> dict[str, bytes]:
    """What everybody on the machine, or whoever dumps it, reads of a process and its children."""
    found = {}
    for one in (pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))):
        for name in ("cmdline", "environ", "comm"):
            # One that has ended meanwhile (a connection of PostgreSQL's, say) shows nothing any more.
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                found[f"{name} of {one}"] = Path(f"/proc/{one}/{name}").read_bytes()
    return found
