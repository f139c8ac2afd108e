"""Bring Kafka's jars to this machine: `python -m tamani.embedded.fetch --into FOLDER [--from FOLDER]`.

jgo downloads, from wherever it is configured to; what came is checked against our lock before it gets its name.
"""

import argparse
import errno
import shutil
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from jgo.config import GlobalSettings
from jgo.maven import MavenContext
from rich.console import Console
from rich.progress import Progress

from tamani.core.errors import DefectError, OutageError, TamaniError
from tamani.embedded.jars import Jar, shipped_lock
from tamani.embedded.settings import default_jars

Get = Callable[[Jar, Path], Path]


def missing(jars: Iterable[Jar], folder: Path) -> list[Jar]:
    """The jars that are not there yet, or not as the lock wants them."""
    found = []
    for jar in jars:
        try:
            jar.check(folder / jar.filename)
        except DefectError:
            found.append(jar)
    return found


def bring(jar: Jar, folder: Path, get: Get) -> None:
    """Get one jar aside, check it, and only then give it its name.

    Raises:
        DefectError: it is not the jar of the lock (`failed.checksum`); it is thrown away.
        OutageError: it could not be got (`failed.network`) or kept (`failed.disk`).
    """
    with tempfile.TemporaryDirectory(dir=folder, prefix="part-") as aside:
        try:
            path = get(jar, Path(aside))
        except RuntimeError as error:
            raise OutageError("failed.network", str(error)) from error
        except OSError as error:
            full = error.errno in {errno.ENOSPC, errno.EDQUOT}
            raise OutageError("failed.disk" if full else "failed.network", str(error)) from error
        jar.check(path)
        path.replace(folder / jar.filename)


def download(jar: Jar, aside: Path) -> Path:
    """From the Maven repositories that jgo knows."""
    repositories = GlobalSettings.load().repositories or None
    context = MavenContext(repo_cache=aside, remote_repos=repositories, timeout=30)
    return Path(context.project(jar.group, jar.artifact).at_version(jar.version).artifact().resolve())


def copy_from(folder: Path) -> Get:
    """From a folder of files, at its top or below `jars/`."""

    def get(jar: Jar, aside: Path) -> Path:
        for candidate in (folder / jar.filename, folder / "jars" / jar.filename):
            if candidate.is_file():
                return Path(shutil.copy(candidate, aside))
        raise DefectError("failed.jars", str(folder / jar.filename))

    return get


def bring_all(folder: Path, get: Get, advance: Callable[[int, int], None]) -> None:
    """Bring every jar that is missing, four at a time, and tell how many of how many are done."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = missing(shipped_lock(), folder)
    with ThreadPoolExecutor(4) as pool:
        for done, _ in enumerate(pool.map(lambda jar: bring(jar, folder, get), wanted), 1):
            advance(done, len(wanted))


def main() -> int:
    """Exit 0 when all jars are there and checked, 1 with the reason in both languages when not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=default_jars())
    parser.add_argument("--from", type=Path, dest="source", default=None)
    options = parser.parse_args()
    console = Console(stderr=True)
    get = copy_from(options.source) if options.source else download
    try:
        with Progress(console=console) as progress:
            task = progress.add_task("Apache Kafka (jars)", total=None)
            bring_all(options.into, get, lambda done, total: progress.update(task, completed=done, total=total))
            progress.update(task, completed=1, total=1)
    except TamaniError as error:
        console.print(f"[red]{error.code.name}[/] {error.code.fr}\n{error.code.en}\n{error.detail}")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
