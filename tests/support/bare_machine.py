"""What a fresh Linux machine has: its shell, its small tools and Python; no Java, no PostgreSQL, no Docker."""

import os
import shutil
import sys
from pathlib import Path

SMALL = (
    "bash", "basename", "cat", "chmod", "cp", "cut", "dirname", "env", "grep", "head", "id", "ln", "ls", "mkdir",
    "mktemp", "mv", "readlink", "rm", "sed", "sh", "sleep", "sort", "tail", "tr", "uname", "wc",
)  # fmt: skip
# What would stand in for something that the product must bring along, wherever it was told.
TOLD = ("JAVA", "JDK", "PG", "POSTGRES", "KAFKA", "DOCKER", "VIRTUAL_ENV", "PYTHON", "TAMANI_")


def bare_environment(folder: Path) -> dict[str, str]:
    """This machine's environment with a PATH of these programs alone, which lie as links in the folder."""
    folder.mkdir()
    for name in SMALL:
        found = shutil.which(name)
        assert found is not None, name
        (folder / name).symlink_to(found)
    (folder / "python3").symlink_to(Path(sys.base_prefix) / "bin" / "python3")
    ours = os.environ  # noqa: TID251 - a registry's address may stand there
    kept = {name: value for name, value in ours.items() if not name.startswith(TOLD)}
    return kept | {"PATH": str(folder)}
