"""Prints how long each group of tests took, a group being a folder of tests/: a pytest plugin."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import PurePosixPath

import pytest


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print it: seconds of set-up, tests and tear-down together, whichever process spent them."""
    seconds: defaultdict[str, float] = defaultdict(float)
    tests: Counter[str] = Counter()
    for outcome in ("", "passed", "failed", "error"):  # "" has the set-ups and tear-downs
        for report in terminalreporter.stats.get(outcome, []):
            if isinstance(report, pytest.TestReport):
                group = PurePosixPath(report.nodeid.partition("::")[0]).parts[1]
                seconds[group] += report.duration
                tests[group] += report.when == "call"
    if seconds:
        terminalreporter.section("seconds per group")
        for group, spent in sorted(seconds.items(), key=lambda each: -each[1]):
            terminalreporter.line(f"{spent:7.1f}  {group} ({tests[group]:,} tests)")
