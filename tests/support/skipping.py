"""`--no-skips`: on a machine that has everything a skipped test fails the run; its reason is in the summary (`-ra`)."""

import pytest

from tests.support.fetching import NOT_FETCHED


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option."""
    parser.addoption("--no-skips", action="store_true", help="fail if any test was skipped")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """What a registry did not hand over is nobody's fault here: it is told, and does not fail the run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or not session.config.getoption("--no-skips"):
        return
    if any(NOT_FETCHED not in str(report.longrepr) for report in reporter.stats.get("skipped", ())):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
