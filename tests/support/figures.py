"""Figures that tests print at the end of the whole run, added up over the tests (and processes) that counted them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, Protocol

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

_PREFIX: Final = "figure: "


class Count(Protocol):
    """Adds to a figure."""

    def __call__(self, name: str, by: int) -> None: ...


@pytest.fixture
def count(record_property: Callable[[str, object], None]) -> Count:
    """Adds to a figure of the run's summary."""

    def add(name: str, by: int) -> None:
        record_property(f"{_PREFIX}{name}", by)

    return add


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
        for name, value in sorted(figures.items()):
            terminalreporter.line(f"{name}: {value:,}")
