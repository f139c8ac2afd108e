"""Files that a command reads and writes: what goes wrong with them is said as a refusal, with the file's name."""

from pathlib import Path

from tamani.core.errors import RefusedError


def read_file(file: Path) -> bytes:
    """Its content.

    Raises:
        RefusedError: `refused.request`.
    """
    try:
        return file.read_bytes()
    except OSError as error:
        raise RefusedError("refused.request", f"{file}: {error.strerror}") from error


def write_file(file: Path, content: bytes) -> None:
    """Write it anew.

    Raises:
        RefusedError: `refused.request`.
    """
    try:
        file.write_bytes(content)
    except OSError as error:
        raise RefusedError("refused.request", f"{file}: {error.strerror}") from error
