"""Before anything starts: one instance a folder, free ports, room on the disk."""

import os
import socket
from pathlib import Path

import pytest

from tamani.core.errors import DefectError, OutageError, RefusedError
from tamani.embedded import instance
from tamani.embedded.instance import check_ports, check_room, owned


def test_a_folder_has_one_owner(tmp_path: Path) -> None:
    """The second is told the first one's pid; when the first is gone, it may."""
    with owned(tmp_path / "data"):
        with pytest.raises(RefusedError) as refused, owned(tmp_path / "data"):
            pytest.fail("two owners")
        assert refused.value.code.name == "failed.instance"
        assert str(os.getpid()) in refused.value.detail
    with owned(tmp_path / "data"):
        assert (tmp_path / "data" / "lock").read_text() == str(os.getpid())


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """Below a file there is no folder."""
    (tmp_path / "file").write_text("")
    with pytest.raises(OutageError) as refused, owned(tmp_path / "file" / "data"):
        pytest.fail("owned")
    assert refused.value.code.name == "failed.disk"


def test_a_taken_port_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what wanted it."""
    monkeypatch.setattr(instance, "AFTERMATH", 0.2)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(DefectError) as refused:
            check_ports({"site-ml": ("127.0.0.1", port)})
    assert refused.value.code.name == "failed.port"
    assert f"{port} (site-ml)" in refused.value.detail
    check_ports({"site-ml": ("127.0.0.1", port)})


def test_a_full_disk_is_told_with_its_figures(tmp_path: Path) -> None:
    """What is free and what is needed."""
    check_room(tmp_path, 1)
    with pytest.raises(OutageError) as refused:
        check_room(tmp_path, 1 << 60)
    assert refused.value.code.name == "failed.disk"
    assert str((1 << 60) // (1024 * 1024)) in refused.value.detail
