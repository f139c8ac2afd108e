"""The locks pin every package by hash and name no index, mirror or machine."""

import re
from pathlib import Path

import pytest

DEPLOY = Path(__file__).parents[3] / "deploy"
LOCKS = ("requirements.lock", "requirements-test.lock")
PIN = re.compile(r"^[A-Za-z0-9._-]+==[^ ]+")


@pytest.mark.parametrize("name", [*LOCKS, "kafka.lock"])
def test_no_address_stands_in_a_lock(name: str) -> None:
    """Where packages come from is the machine's business."""
    text = (DEPLOY / name).read_text("utf-8")
    assert not re.search(r"://|--(?:extra-)?index-url|--find-links|--trusted-host", text)


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_has_a_version_and_hashes(name: str) -> None:
    """pip then refuses whatever does not match."""
    packages = (DEPLOY / name).read_text("utf-8").replace("\\\n", "").splitlines()
    pinned = [line for line in packages if line and not line.lstrip().startswith("#")]
    assert len(pinned) > 50
    assert [line for line in pinned if not PIN.match(line) or "--hash=sha256:" not in line] == []


def test_tests_run_on_the_versions_that_are_deployed() -> None:
    """The tests' lock adds to the other and contradicts it nowhere."""

    def pins(name: str) -> set[str]:
        lines = (DEPLOY / name).read_text("utf-8").splitlines()
        return {found[0] for line in lines if (found := PIN.match(line))}

    assert pins("requirements.lock") < pins("requirements-test.lock")
