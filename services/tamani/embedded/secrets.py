"""Passwords of the embedded default: made at the first start, one file each that only their owner reads."""

import os
import secrets
from pathlib import Path

ALPHABET = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789"
LENGTH = 40  # more than 220 bits


class Secrets:
    """The folder of password files, `<name>.password`, mode 0600."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, name: str) -> Path:
        """Where the password of this name is; it is made if it is not there yet."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / f"{name}.password"
        if not path.exists():
            write_private(path, f"{_new_password()}\n".encode("ascii"))
        return path

    def password(self, name: str) -> str:
        """The password itself: letters and digits alone, so that no configuration format needs escapes."""
        return self.path(name).read_text("ascii").strip()


def write_private(path: Path, data: bytes) -> None:
    """Write a file that only its owner reads: aside and renamed, so that a crash leaves the old one or a whole one."""
    draft = path.with_name(path.name + ".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _new_password() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
