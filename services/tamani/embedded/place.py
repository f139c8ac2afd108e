"""Where PostgreSQL may live: it refuses to run as root, and an unprivileged user must reach its files.

Nobody's permissions are changed for it. When root starts us below a folder that others cannot enter (a home, say),
the database goes to a folder of its own under /var/lib, named after the data folder it belongs to.
"""

import hashlib
import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from tamani.core.errors import DefectError
from tamani.embedded.child import Owner

USERS = ("tamani", "nobody")
SHARED_STATE = Path("/var/lib/tamani")


@dataclass(frozen=True, slots=True)
class Place:
    """A folder and the user that owns it."""

    folder: Path
    owner: Owner

    def make(self, *names: str) -> Path:
        """A sub-folder (or the folder itself) that only the owner enters."""
        path = self.folder.joinpath(*names)
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.owner.uid and path.stat().st_uid != self.owner.uid:
            os.chown(path, self.owner.uid, self.owner.gid)
        return path


def place_for(wanted: Path) -> Place:
    """The folder asked for, or its stand-in where the unprivileged user cannot get there.

    Raises:
        DefectError: we are root and the system has no unprivileged user (`failed.postgres.user`).
    """
    if os.geteuid() != 0:
        return Place(wanted, Owner())
    owner = _unprivileged()
    if others_reach(wanted.parent):
        return Place(wanted, owner)
    SHARED_STATE.mkdir(mode=0o711, parents=True, exist_ok=True)
    name = hashlib.sha256(str(wanted.resolve()).encode()).hexdigest()[:16]
    return Place(SHARED_STATE / name, owner)


def others_reach(folder: Path) -> bool:
    """Whether a user without rights of its own may pass through this folder and all above it."""
    full = folder.resolve()
    return all(step.stat().st_mode & 0o001 for step in (full, *full.parents))


def _unprivileged() -> Owner:
    for name in USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Owner(entry.pw_uid, entry.pw_gid)
    raise DefectError("failed.postgres.user", ", ".join(USERS))
