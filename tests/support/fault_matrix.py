"""Prints the fault matrix at the end of the run, put together from the rows that the tests filled: a pytest plugin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Protocol

import pytest

from tests.faults.kinds import KINDS
from tests.support.methods import METHODS

_PREFIX: Final = "fault matrix: "
_SHORT: Final = {
    "ok": "ok",
    "no such request": "n/a",
    "ThrottledError": "throt",
    "StoreUnavailableError": "unava",
    "StoreConfigurationError": "confi",
    "InvalidTokenError": "token",
    "SessionNotFoundError": "not f",
}
_EMPTY: Final = "-"


class Record(Protocol):
    """Fills one row."""

    def __call__(self, operation: str, cells: Mapping[str, str]) -> None: ...


@pytest.fixture
def record_cells(record_property: Callable[[str, object], None]) -> Record:
    """Fills a row of the fault matrix: what the operation answers to each fault."""

    def record(operation: str, cells: Mapping[str, str]) -> None:
        record_property(f"{_PREFIX}{operation}", dict(cells))

    return record


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print it."""
    rows = {
        name.removeprefix(_PREFIX): cells
        for report in terminalreporter.stats.get("passed", [])
        for name, cells in report.user_properties
        if report.when == "call" and name.startswith(_PREFIX)
    }
    if not rows:
        return
    terminalreporter.section("fault matrix")
    for line in _table(rows):
        terminalreporter.line(line)
    empty = sum(fault not in rows.get(operation, {}) for operation in METHODS for fault in KINDS)
    verdict = f"{empty} cells empty" if empty else "full"
    terminalreporter.line(f"fault matrix: {len(METHODS)} operations x {len(KINDS)} faults, {verdict}")


def _table(rows: Mapping[str, Mapping[str, str]]) -> list[str]:
    lines = [f"{number:2}  {fault}" for number, fault in enumerate(KINDS, 1)]
    lines.append(", ".join(f"{short} = {name}" for name, short in _SHORT.items() if name != short))
    width = max(map(len, METHODS))
    lines.append(" " * width + "".join(f"{number:6}" for number, _ in enumerate(KINDS, 1)))
    for operation in METHODS:
        cells = [rows.get(operation, {}).get(fault, _EMPTY) for fault in KINDS]
        lines.append(f"{operation:{width}}" + "".join(f"{_SHORT.get(cell, cell):>6}" for cell in cells))
    return lines
