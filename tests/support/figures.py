"""Figures that tests print at the end of the whole run, added up over the tests (and processes) that counted them.

A figure is named `SUBJECT, WHAT`; the summary has a line for each subject: `least privilege: 0 excess, 0 missing`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Final, Protocol

import pytest

_PREFIX: Final = "figure: "


class Count(Protocol):
    """Adds to a figure: its name, like `model, steps`, and by how much."""

    def __call__(self, name: str, by: int) -> None: ...


@pytest.fixture
def count(record_property: Callable[[str, object], None]) -> Count:
    """Adds to a figure of the run's summary."""

    def add(name: str, by: int) -> None:
        record_property(f"{_PREFIX}{name}", by)

    return add


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print them."""
    figures: Counter[str] = Counter()
    for report in terminalreporter.stats.get("passed", []) + terminalreporter.stats.get("failed", []):
        if getattr(report, "when", None) == "call":
            for name, value in report.user_properties:
                if name.startswith(_PREFIX):
                    figures[name.removeprefix(_PREFIX)] += value
    if figures:
        terminalreporter.section("figures")
        for line in _lines(figures):
            terminalreporter.line(line)


def _lines(figures: Mapping[str, int]) -> Iterator[str]:
    subjects: defaultdict[str, list[str]] = defaultdict(list)
    for name, value in sorted(figures.items()):
        subject, _, what = name.partition(", ")
        subjects[subject].append(f"{value:,} {what}".rstrip())
    return (f"{subject}: {', '.join(parts)}" for subject, parts in subjects.items())
