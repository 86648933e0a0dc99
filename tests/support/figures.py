"""A pytest plugin that prints figures at the end of a run, also if the tests ran in several processes.

A figure is named `SUBJECT, WHAT` and added up over the tests that counted it; the summary has a line for each subject:
`least privilege: 0 excess, 0 missing`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any, Final, TypeAlias

import pytest

from tests.faults.kinds import KINDS
from tests.support.methods import METHODS

ROW: Final = "fault matrix: "  # with an operation's name: what it answers to each fault
_FIGURE: Final = "figure: "
_NOTE: Final = "note"
_SHORT: Final = {
    "ok": "ok",
    "no such request": "n/a",
    "ThrottledError": "throt",
    "StoreUnavailableError": "unava",
    "StoreConfigurationError": "confi",
    "InvalidTokenError": "token",
    "SessionNotFoundError": "not f",
}
_DEPLOYED_CANARY: Final = "tests/e2e/test_canary.py"

Count: TypeAlias = Callable[[str, int], None]
"""Adds to a figure: its name, like `model, steps`, and by how much."""


@pytest.fixture
def count(record_property: Callable[[str, object], None]) -> Count:
    """Adds to a figure of the run's summary."""
    return lambda name, by: record_property(f"{_FIGURE}{name}", by)


@pytest.fixture
def note(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Adds a line to the run's summary."""
    return lambda line: record_property(_NOTE, line)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run it after the others that use the deployed system: it finds their tokens, too."""
    items.sort(key=lambda item: item.nodeid.startswith(_DEPLOYED_CANARY))


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print it."""
    # The outcome "" has the set-ups and tear-downs.
    reports = {outcome: terminalreporter.stats.get(outcome, []) for outcome in ("", "passed", "failed", "error")}
    tests = [report for some in reports.values() for report in some if isinstance(report, pytest.TestReport)]
    noted: list[tuple[str, Any]] = [
        each for report in tests if report.when == "call" for each in report.user_properties
    ]
    sections = {
        "fault matrix": _matrix({name.removeprefix(ROW): cells for name, cells in noted if name.startswith(ROW)}),
        "seconds per group": _seconds(tests),
        "canary": _canary({outcome: sum(map(_is_search, some)) for outcome, some in reports.items()}),
        "notes": (value for name, value in noted if name == _NOTE),
        "figures": _figures(noted),
    }
    for title, lines in sections.items():
        for number, line in enumerate(lines):
            if number == 0:
                terminalreporter.section(title)
            terminalreporter.line(line)


def _matrix(rows: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    if not rows:
        return
    yield from (f"{number:2}  {fault}" for number, fault in enumerate(KINDS, 1))
    yield ", ".join(f"{short} = {name}" for name, short in _SHORT.items() if name != short)
    width = max(map(len, METHODS))
    yield " " * width + "".join(f"{number:6}" for number, _ in enumerate(KINDS, 1))
    for operation in METHODS:
        cells = [rows.get(operation, {}).get(fault, "-") for fault in KINDS]
        yield f"{operation:{width}}" + "".join(f"{_SHORT.get(cell, cell):>6}" for cell in cells)
    empty = sum(fault not in rows.get(operation, {}) for operation in METHODS for fault in KINDS)
    verdict = f"{empty} cells empty" if empty else "full"
    yield f"fault matrix: {len(METHODS)} operations x {len(KINDS)} faults, {verdict}"


def _seconds(reports: list[pytest.TestReport]) -> Iterator[str]:
    """Of set-up, tests and tear-down together; a group is a folder of tests/."""
    seconds: defaultdict[str, float] = defaultdict(float)
    tests: Counter[str] = Counter()
    for report in reports:
        group = PurePosixPath(report.nodeid.partition("::")[0]).parts[1]
        seconds[group] += report.duration
        tests[group] += report.when == "call"
    for group, spent in sorted(seconds.items(), key=lambda each: -each[1]):
        yield f"{spent:7.1f}  {group} ({tests[group]:,} tests)"


def _is_search(report: Any) -> bool:
    return bool(report.nodeid.startswith(("tests/canary/", _DEPLOYED_CANARY)))


def _canary(searches: Mapping[str, int]) -> Iterator[str]:
    """Whether it was found anywhere."""
    clean, not_clean = searches["passed"], searches["failed"] + searches["error"]
    if clean or not_clean:
        yield f"canary: {f'found by {not_clean} tests' if not_clean else 'clean'} ({clean} searches)"


def _figures(noted: list[tuple[str, Any]]) -> Iterator[str]:
    figures: Counter[str] = Counter()
    for name, value in noted:
        if name.startswith(_FIGURE):
            figures[name.removeprefix(_FIGURE)] += value
    subjects: defaultdict[str, list[str]] = defaultdict(list)
    for name, value in sorted(figures.items()):
        subject, _, what = name.partition(", ")
        subjects[subject].append(f"{value:,} {what}".rstrip())
    return (f"{subject}: {', '.join(parts)}" for subject, parts in subjects.items())
