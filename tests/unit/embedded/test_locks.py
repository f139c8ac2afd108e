"""The locks pin every package by hash and name no index, mirror or machine."""

import ast
import re
import sys
from importlib.metadata import packages_distributions
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


@pytest.mark.parametrize(("folder", "name"), [("services", LOCKS[0]), ("tests", LOCKS[1])])
def test_whatever_is_imported_is_in_the_lock(folder: str, name: str) -> None:
    """A package that happens to be on the developer's machine would be missing from a fresh one."""
    lines = (DEPLOY / name).read_text("utf-8").splitlines()
    pinned = {_canonical(found[0].partition("==")[0]) for line in lines if (found := PIN.match(line))}
    homes = packages_distributions()
    imported = {top for path in (DEPLOY.parent / folder).rglob("*.py") for top in _imports(path)}
    foreign = imported - set(sys.stdlib_module_names) - {"tamani", "tests"}
    assert len(foreign) > 10
    assert [top for top in sorted(foreign) if not pinned & {_canonical(home) for home in homes.get(top, [])}] == []


def _imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
