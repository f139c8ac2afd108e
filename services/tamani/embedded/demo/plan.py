"""What the demo has decided and done, in one file: the instant of the first start, the ids, the steps that are over.

A restart resolves the same dates, uses the same ids and repeats no step; a crash between two steps repeats one of
them, which the bus tells apart by itself (same id, same content).
"""

import json
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from uuid_utils import uuid7

from tamani.core.event import format_time, parse_time
from tamani.runtime.clock import Clock


class Plan:
    """The file `plan.json` of a demo."""

    def __init__(self, path: Path, started: datetime, ids: dict[str, str], done: Iterable[str]) -> None:
        self._path = path
        self.started = started
        self._ids = ids
        self._done = list(done)

    def id_of(self, key: str) -> str:
        """The id that was chosen for this notice.

        Raises:
            KeyError: no notice of this name.
        """
        return self._ids[key]

    def is_done(self, step: str) -> bool:
        """Whether the step is over."""
        return step in self._done

    def mark_done(self, step: str) -> None:
        """Note a step that is over; it is on the disk when this returns."""
        if not self.is_done(step):
            self._done.append(step)
            self.save()

    def save(self) -> None:
        """Write aside, then rename: a crash leaves the old file or the new one."""
        body = {"started": format_time(self.started), "ids": self._ids, "done": self._done}
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self._path.with_suffix(".new")
        with draft.open("w", encoding="utf-8") as file:
            json.dump(body, file, indent=1, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)


def open_plan(path: Path, keys: Iterable[str], clock: Clock) -> Plan:
    """The plan as it stands, or a new one; notices that a later release added get their ids now."""
    if path.exists():
        body = json.loads(path.read_text("utf-8"))
        plan = Plan(path, parse_time(body["started"]), body["ids"], body["done"])
    else:
        plan = Plan(path, clock().replace(microsecond=0), {}, ())
    missing = [key for key in keys if key not in plan._ids]
    plan._ids.update((key, str(uuid7())) for key in missing)
    if missing:
        plan.save()
    return plan
