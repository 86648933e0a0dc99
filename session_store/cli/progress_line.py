"""The line that shows progress, drawn by rich. Only a terminal loads this module."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.progress import ProgressColumn


@contextmanager
def drawing(title: str, *, unit: str, total: int | None) -> Iterator[Callable[[int, float, float, int | None], None]]:
    """A function that draws the count and the units on stderr. The line is gone afterwards."""
    columns: list[ProgressColumn] = [TextColumn("{task.description}"), TextColumn("{task.fields[said]}")]
    if total is not None:
        columns += [BarColumn(bar_width=16), TimeRemainingColumn()]
    with Progress(*columns, console=Console(stderr=True, highlight=False), transient=True) as line:
        task = line.add_task(title, total=total, said="")

        def draw(count: int, rru: float, wru: float, total: int | None) -> None:
            line.update(task, completed=count, total=total, said=_said(count, unit, line.tasks[0].elapsed, rru, wru))

        yield draw


def _said(count: int, unit: str, seconds: float | None, rru: float, wru: float) -> str:
    parts = [f"{count:,} {unit}"]
    parts += [f"{count / seconds:,.0f}/s"] if seconds else []
    parts += [f"{number:,.0f} {name}" for number, name in ((rru, "RRU"), (wru, "WRU")) if number]
    return ", ".join(parts)
