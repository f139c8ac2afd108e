"""Tests about tests: a file of them, run by a pytest of its own."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run_some(folder: Path, tests: str, *words: str) -> subprocess.CompletedProcess[str]:
    """How they ended and what was printed, with these plugins and options."""
    (folder / "test_some.py").write_text(tests)
    (folder / "pytest.ini").write_text("[pytest]\n")
    argv = (sys.executable, "-m", "pytest", *words, f"--rootdir={folder}", str(folder))
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    return subprocess.run(argv, cwd=folder, env=environment, capture_output=True, text=True, check=False)
