"""What tests tell is seen on a green run, also when they ran in another process."""

from pathlib import Path

import pytest

from tests.support.some_tests import run_some

SOME = """
import pytest

@pytest.fixture
def early(tell):
    tell("said before")

def test_tells(early, tell):
    tell("12 kills\\n 3 repeats")

def test_fails_and_tells(tell):
    tell("said by one that failed")
    assert False

def test_is_silent():
    print("never seen")
"""


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_what_is_told_stands_once_in_the_summary(tmp_path: Path, workers: tuple[str, ...]) -> None:
    """Under the name of its test, passed or failed; who tells nothing is not named."""
    done = run_some(tmp_path, SOME, "-q", "-p", "tests.support.telling", *workers)
    _, found, said = done.stdout.partition("told by the tests")
    assert found, done.stdout + done.stderr
    assert "test_some.py::test_tells\n  said before\n  12 kills\n   3 repeats\n" in said
    assert said.count("said by one that failed") == 1
    assert "silent" not in said
