"""A measured figure beside its baseline and its goal, and how they are printed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_HEADINGS: Final = ("", "measured", "baseline", "ratio", "goal", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the report.

    Attributes:
        name: what was measured.
        measured: ours, with its unit.
        baseline: what it is compared with, measured in the same run, empty when there is nothing.
        ratio: measured / baseline, None without a baseline.
        goal: what was promised.
        met: whether it was kept.
    """

    name: str
    measured: str
    baseline: str = ""
    ratio: float | None = None
    goal: str
    met: bool

    @property
    def cells(self) -> tuple[str, ...]:
        """The line's cells as texts. The ratio is empty without a baseline."""
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        return (self.name, self.measured, self.baseline, ratio, self.goal, "ok" if self.met else "MISSED")


def ratio_figure(name: str, *, measured: float, baseline: float, unit: str, limit: float) -> Figure:
    """The figure of a comparison whose goal is an upper limit of the ratio.

    Args:
        name: what was measured.
        measured: ours, in `unit`.
        baseline: the other's, in `unit`.
        unit: for instance "ms".
        limit: the largest ratio that meets the goal.
    """
    ratio = measured / baseline
    return Figure(
        name=name,
        measured=f"{measured:.2f} {unit}",
        baseline=f"{baseline:.2f} {unit}",
        ratio=ratio,
        goal=f"<= {limit:g}x",
        met=ratio <= limit,
    )


def table(figures: Sequence[Figure]) -> str:
    """The figures as a table in plain text."""
    return aligned([_HEADINGS, *(figure.cells for figure in figures)])


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Rows of cells in plain text, each column as wide as its widest cell."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
