"""Prints whether the canary was found anywhere: a pytest plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pytest

_TESTS: Final = "tests/canary/"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print it."""

    def number(outcome: str) -> int:
        reports = terminalreporter.stats.get(outcome, [])
        return sum(
            report.when == "call" or outcome != "passed" for report in reports if report.nodeid.startswith(_TESTS)
        )

    clean, not_clean = number("passed"), number("failed") + number("error")
    if clean or not_clean:
        terminalreporter.section("canary")
        terminalreporter.line(f"canary: {f'found by {not_clean} tests' if not_clean else 'clean'} ({clean} searches)")
