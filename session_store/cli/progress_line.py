"""The line that shows progress, drawn by rich. Only a terminal loads this module."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from session_store.cli.progress import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator


class _ShownTally(Tally):
    def __init__(self, line: Progress, task: TaskID, unit: str) -> None:
        super().__init__()
        self._line = line
        self._task = task
        self._unit = unit

    def _show(self) -> None:
        elapsed = self._line.tasks[0].elapsed
        rate = f"{self.count / elapsed:,.0f}/s" if elapsed else ""
        units = "  ".join(f"{number:,.0f} {name}" for number, name in ((self.rru, "RRU"), (self.wru, "WRU")) if number)
        said = "  ".join(filter(None, (f"{self.count:,} {self._unit}", rate, units)))
        self._line.update(self._task, completed=self.count, said=said)


@contextmanager
def shown(title: str, *, unit: str, total: int | None) -> Iterator[Tally]:
    """A tally that is drawn on stderr, and gone from it afterwards."""
    columns = [TextColumn("{task.description}"), BarColumn(bar_width=16), TextColumn("{task.fields[said]}")]
    if total is not None:
        columns.append(TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True, highlight=False), transient=True) as line:
        yield _ShownTally(line, line.add_task(title, total=total, said=""), unit)
