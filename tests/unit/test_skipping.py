"""On a machine that has everything, a run with a skipped test is no green run."""

from pathlib import Path

import pytest

from tests.support.fetching import NOT_FETCHED
from tests.support.some_tests import run_some

PASSES = "def test_passes(): pass\n"
SKIPS = "import pytest\n\ndef test_is_skipped(): pytest.skip({why!r})\n\n" + PASSES
ABSENT = "no browser here"


@pytest.mark.parametrize(
    ("tests", "options", "status"),
    [
        (PASSES, ("--no-skips",), 0),
        (SKIPS.format(why=ABSENT), ("--no-skips",), 1),
        (SKIPS.format(why=ABSENT), (), 0),
        (SKIPS.format(why=f"the tool {NOT_FETCHED}: 503"), ("--no-skips",), 0),
        (
            SKIPS.format(why=f"the tool {NOT_FETCHED}") + f"\n\ndef test_too(): pytest.skip({ABSENT!r})",
            ("--no-skips",),
            1,
        ),
        (f"import pytest\n\npytest.skip({ABSENT!r}, allow_module_level=True)\n", ("--no-skips",), 1),
    ],
    ids=["none", "forbidden", "allowed", "not handed over", "one of two", "a whole file"],
)
def test_a_skipped_test_fails_the_run(
    pytester: pytest.Pytester, tests: str, options: tuple[str, ...], status: int
) -> None:
    """And its reason is printed."""
    pytester.makepyfile(tests)
    done = pytester.runpytest_inprocess("-ra", "-p", "no:asyncio", "-p", "tests.support.skipping", *options)
    assert (done.ret, ABSENT in done.stdout.str()) == (status, ABSENT in tests)


def test_what_two_lines_of_files_skip_is_counted(tmp_path: Path) -> None:
    """As the whole set runs."""
    done = run_some(tmp_path, SKIPS.format(why=ABSENT), "-p", "tests.support.skipping", "--no-skips", "-n", "2")
    assert done.returncode == 1, done.stdout
