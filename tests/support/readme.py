"""What `README.md` tells its reader to type, cut out of it and typed as it stands."""

import json
import re
import shlex
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from tests.support.cluster import wait_until

README = Path(__file__).resolve().parents[2] / "README.md"
WITH_CURL = "## Post, follow, read, with curl alone"


def commands(heading: str) -> list[str]:
    """The commands of the first block under a heading; a command ends where its quotes do."""
    _, _, part = README.read_text("utf-8").partition(heading)
    block = re.search(r"```sh\n(.*?)```", part, re.DOTALL)
    assert block is not None, heading
    found, begun = [], ""
    for line in block[1].splitlines():
        begun += line + "\n"
        if _is_whole(begun):
            found.append(begun.strip())
            begun = ""
    assert not begun, begun
    return found


def _is_whole(command: str) -> bool:
    try:
        return bool(shlex.split(command, comments=True))
    except ValueError:  # a quote is open
        return False


@dataclass(frozen=True, slots=True)
class Curl:
    """The five commands under `WITH_CURL`, typed in a folder; `adapted` puts other ports and another folder in them."""

    folder: Path
    adapted: Callable[[str], str] = str

    def post_and_read(self) -> str:
        """Type all of them: a notice is posted, archived, read at another site and heard live there; its id."""
        token, post, state, read, live = (self.adapted(command) for command in commands(WITH_CURL))
        with self._listening(live) as stream:
            id_ = self._says(f"{token}\n{post}")["id"]
            follow = f"{token}\n{state.replace('<id>', id_)}"
            wait_until(lambda: self._says(follow)["state"] == "archived", "the state is archived", 60)
            wait_until(lambda: id_ in self._ids(read), "it is read at the other site", 60)
            for line in stream:
                if id_ in line:
                    return str(id_)
        raise AssertionError("the live stream ended without it")

    def _ids(self, read: str) -> list[str]:
        return [record["event"]["id"] for record in self._says(read)["records"]]

    def _says(self, command: str) -> Any:
        done = subprocess.run(
            ["bash", "-euc", command], cwd=self.folder, capture_output=True, text=True, timeout=30, check=False
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    @contextmanager
    def _listening(self, command: str) -> Iterator[IO[str]]:
        """Its output, once the stream has said from where on it tells; it would go on for ever."""
        bounded = ["timeout", "120", "bash", "-c", f"exec {command}"]
        with subprocess.Popen(bounded, cwd=self.folder, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            try:
                assert any("complete_through" in line for line in process.stdout), "no stream"
                yield process.stdout
            finally:
                process.terminate()
