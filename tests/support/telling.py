"""Figures that a green run must show: how often was killed, what was denied, who did how much.

What a test prints is seen only if it fails, and from a worker of xdist never. What it tells lies in its report, which
reaches the one that writes the summary.
"""

from collections.abc import Callable, Iterator

import pytest

Tell = Callable[[str], None]
TOLD = "told"


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Tell:
    """Say something (a line or several) that stands in the summary of every run of this test."""
    properties: list[tuple[str, object]] = request.node.user_properties
    return lambda text: properties.append((TOLD, text))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Everything told, under the names of the tests that told it."""
    told = list(_told(terminalreporter))
    if not told:
        return
    terminalreporter.section("told by the tests")
    for nodeid, texts in told:
        terminalreporter.write_line(nodeid, bold=True)
        for line in (line for text in texts for line in text.splitlines()):
            terminalreporter.write_line(f"  {line}")


def _told(reporter: pytest.TerminalReporter) -> Iterator[tuple[str, list[str]]]:
    """A test's last report holds all that it told."""
    reports = (report for found in reporter.stats.values() for report in found)
    for report in reports:
        if isinstance(report, pytest.TestReport) and report.when == "teardown":
            texts = [str(text) for name, text in report.user_properties if name == TOLD]
            if texts:
                yield report.nodeid, texts
