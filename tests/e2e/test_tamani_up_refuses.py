"""What `tamani up` cannot begin with, it says: a full disk, data that are another's, a port that is taken."""

import os
import socket
from pathlib import Path

import pytest

from tamani.embedded.instance import owned
from tamani.embedded.place import place_for
from tests.support.up_run import fails, free_up_ports, run_tamani

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


def refused(data: Path, ports: dict[str, int]) -> str:
    """Start it and read why it does not."""
    words = [word for name, port in ports.items() for word in (f"--port-{name}", str(port))]
    done = run_tamani("up", "--data", str(data), *words)
    assert done.returncode == 1, done.stdout
    return done.stdout


@pytest.mark.parametrize("left", [0, 8], ids=["none", "too-little"])
def test_a_full_disk_is_told(folder: Path, left: int) -> None:
    """A disk of 16 MB with nothing left, or too little to begin: the sentence, and nothing is started."""
    if os.geteuid() != 0 or fails("unshare", "--mount", "true"):
        pytest.skip("a disk of one's own needs root and a kernel that allows mount namespaces")
    disk = folder / "disk"
    disk.mkdir()
    other = f"(head -c {16 - left}m /dev/zero > {disk}/other || true)"
    fill = f'mount -t tmpfs -o size=16m none {disk} && {other} && exec "$@"'
    words = ("--data", str(disk / "data"))
    said = run_tamani("up", *words, before=("unshare", "--mount", "sh", "-c", fill, "sh"))
    assert said.returncode == 1, said.stdout
    assert "failed.disk" in said.stdout, said.stderr
    assert "Disque plein : libérez de la place" in said.stdout
    assert "Disk full: free some space" in said.stdout
    assert "démarre" not in said.stdout


def test_a_second_instance_on_the_same_data_is_refused(folder: Path) -> None:
    """With the code, a sentence in each language, and the pid of the first."""
    with owned(folder / "data"):
        said = refused(folder / "data", free_up_ports())
    assert "failed.instance" in said
    assert "Une autre instance utilise déjà ces données." in said
    assert "Another instance already uses this data." in said
    assert str(os.getpid()) in said


def test_a_taken_port_is_refused_by_name(folder: Path) -> None:
    """Nothing was started; the sentence says which part wanted it."""
    ports = free_up_ports()
    with socket.socket() as other:
        other.bind(("127.0.0.1", ports["ml"]))
        other.listen()
        said = refused(folder / "data", ports)
    assert "failed.port" in said
    assert f"{ports['ml']} (site-ml)" in said
    assert "Un port est déjà pris." in said
    assert "A port is already taken." in said
    assert not place_for(folder / "data" / "postgres").folder.exists()
