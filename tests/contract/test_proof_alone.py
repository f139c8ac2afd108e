"""An auditor's laptop: the wheel alone, no network, an empty home, a clock three years ahead."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.notices import COMMISSION_ML, TRUSTED
from tests.support.proofs import Provable

ROOT = Path(__file__).parents[2]
AHEAD = "+1095 days"
# Where the machine has no faketime the clock is moved where Python reads it.
SHIFTED = "import time; _t = time.time; time.time = lambda: _t() + 3 * 365 * 86400\n"
RUN = "import tamani; assert '/wheel' in tamani.__file__, tamani.__file__; from tamani.cli import main; main()"
GOOD = Provable(sources=(COMMISSION_ML,))


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds what the wheel holds, and nothing of the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def audit(wheel: Path, folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run `tamani proof verify` there."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    faketime = shutil.which("faketime")
    clock = [faketime, "-f", AHEAD] if faketime else []
    network = ["unshare", "--net"] if os.geteuid() == 0 else []
    code = ("" if faketime else SHIFTED) + RUN
    return subprocess.run(
        [*network, *clock, sys.executable, "-c", code, "proof", "verify", *arguments],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "HOME": str(home), "PYTHONPATH": str(wheel), "TAMANI_LANG": "fr"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_proof_holds_on_a_laptop_three_years_later(wheel: Path, tmp_path: Path) -> None:
    """With the public fingerprint as it is read aloud (in groups), or with a policy; nothing is left in the home."""
    (tmp_path / "p.json").write_bytes(GOOD.bundle().encode())
    (tmp_path / "policy").write_text(GOOD.policy)
    groups = " ".join(TRUSTED[0][at : at + 4] for at in range(0, 64, 4)).upper()
    (tmp_path / "today").write_bytes(GOOD.registry)
    with_both = ("--policy", "policy", "--root", TRUSTED[0])
    for arguments in (("--root", groups), ("--policy", "policy"), with_both, (*with_both, "--registry", "today")):
        done = audit(wheel, tmp_path, "p.json", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "La preuve tient" in done.stdout
        assert done.stdout.count("✓") == 9
    assert list((tmp_path / "home").iterdir()) == []


def test_a_false_one_does_not(wheel: Path, tmp_path: Path) -> None:
    """Exit status 1, the step that failed with its code and its sentence, in words and for programs."""
    (tmp_path / "p.json").write_bytes(GOOD.bundle("ml").encode())
    done = audit(wheel, tmp_path, "p.json", "--root", TRUSTED[0])
    assert done.returncode == 1
    assert "✗ 6 Trop peu de pays" in done.stdout
    assert "refused.proof.quorum" in done.stdout
    assert "NE TIENT PAS" in done.stdout
    told = audit(wheel, tmp_path, "p.json", "--root", TRUSTED[0], "--json")
    assert (told.returncode, '"holds": false' in told.stdout, '"source"' in told.stdout) == (1, True, False)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("p.json",), "refused.proof.policy"),
        (("p.json", "--root", "abc"), "refused.request"),
        (("nothing.json", "--root", TRUSTED[0]), "refused.request"),
        (("p.json", "--policy", "nothing"), "refused.request"),
        (("p.json", "--policy", "p.json", "--registry", "p.json"), "refused.request"),
        (("p.json", "--root", TRUSTED[0], "--registry", "nothing"), "refused.request"),
    ],
)
def test_what_cannot_be_judged_is_said(wheel: Path, tmp_path: Path, arguments: tuple[str, ...], code: str) -> None:
    """Nothing brought, no fingerprint, no such file."""
    (tmp_path / "p.json").write_bytes(GOOD.bundle().encode())
    done = audit(wheel, tmp_path, *arguments)
    assert done.returncode == 1
    assert code in done.stderr
