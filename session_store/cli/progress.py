"""How far a long command got: a line on stderr, on a terminal alone."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Draw: TypeAlias = "Callable[[int, float, float], None]"


class Tally:
    """Counts what is done, and draws it.

    Args:
        draw: is given the count, the units read and the units written.

    Attributes:
        count: how many are done.
        rru: request units to read so far.
        wru: request units to write so far.
    """

    def __init__(self, draw: Draw | None = None) -> None:
        self.count = 0
        self.rru = 0.0
        self.wru = 0.0
        self._draw = draw

    def add(self, count: int = 0, *, rru: float = 0, wru: float = 0) -> None:
        """Add to what is done."""
        self.count += count
        self.rru += rru
        self.wru += wru
        if self._draw:
            self._draw(self.count, self.rru, self.wru)


@contextmanager
def progress(title: str, *, unit: str, total: int | None = None) -> Iterator[Tally]:
    """Show progress while the block runs: the count, the rate, the units so far, the time left if the total is known.

    Args:
        title: what is done: `Ending`.
        unit: what is counted: `sessions`.
        total: how many there are, if that is known.
    """
    if not sys.stderr.isatty():
        yield Tally()
        return
    from session_store.cli.progress_line import drawing  # noqa: PLC0415 - it loads rich, which only a terminal needs

    with drawing(title, unit=unit, total=total) as draw:
        yield Tally(draw)
