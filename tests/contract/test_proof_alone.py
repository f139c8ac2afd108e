"""An auditor's laptop: the wheel alone, no network, an empty home, a clock three years ahead."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.notices import COMMISSION_ML, TRUSTED
from tests.support.proofs import Provable
from tests.support.verifiers import AHEAD, FAKETIME, audit, listening, on_laptop

GOOD = Provable(sources=(COMMISSION_ML,))
KNOCK = "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1])), 5)"
CLOCKS = """
import datetime, json, time
from tamani.runtime.clock import system_clock
stamps = [time.time(), *(one.timestamp() for one in (datetime.datetime.now(), system_clock()))]
print(json.dumps([*stamps, datetime.datetime.now(datetime.UTC).year]))
"""


def test_the_laptop_reaches_nobody(wheel: Path, tmp_path: Path) -> None:
    """What anybody else on this machine can knock at, by the very same words, is not there."""
    with listening() as port:
        done = on_laptop(wheel, tmp_path, KNOCK, str(port))
        assert subprocess.run([sys.executable, "-c", KNOCK, str(port)], check=False).returncode == 0
    assert done.returncode == 1
    assert "OSError" in done.stderr


@pytest.mark.parametrize("faketime", [FAKETIME, None], ids=["faketime", "without"])
def test_its_clocks_are_three_years_ahead(wheel: Path, tmp_path: Path, faketime: str | None) -> None:
    """Both that Python programs read, and ours; a proof holds under either way of moving them."""
    done = on_laptop(wheel, tmp_path, CLOCKS, faketime=faketime)
    assert done.returncode == 0, done.stderr
    *stamps, year = json.loads(done.stdout)
    then = datetime.now(UTC) + AHEAD
    assert [abs(stamp - then.timestamp()) < timedelta(hours=1).total_seconds() for stamp in stamps] == [True] * 3
    assert year == then.year
    (tmp_path / "p.json").write_bytes(GOOD.bundle().encode())
    assert audit(wheel, tmp_path, "p.json", "--root", TRUSTED[0], faketime=faketime).returncode == 0


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
