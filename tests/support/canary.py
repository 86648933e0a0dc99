"""Prints whether the canary was found anywhere, and lets the deployed one come last: a pytest plugin."""

from __future__ import annotations

from typing import Final

import pytest

_DEPLOYED: Final = "tests/e2e/test_canary.py"
_TESTS: Final = ("tests/canary/", _DEPLOYED)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run it after the others that use the deployed system: it finds their tokens, too."""
    items.sort(key=lambda item: item.nodeid.startswith(_DEPLOYED))


@pytest.hookimpl(trylast=True)
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
