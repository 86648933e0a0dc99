"""How far a long command got: a line on stderr, on a terminal alone."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Draw: TypeAlias = "Callable[[int, float, float, int | None], None]"


class Tally:
    """Counts what is done, and draws it.

    Args:
        draw: is given the count, the units read, the units written, and the total if it is another by now.

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
            self._draw(self.count, self.rru, self.wru, None)

    def reach(self, count: int, *, total: int, rru: float, wru: float) -> None:
        """Say how far it is in all, of about how many: 0 when that is not known."""
        self.count, self.rru, self.wru = count, rru, wru
        if self._draw:
            self._draw(count, rru, wru, total or None)


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
