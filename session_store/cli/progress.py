"""How far a long command got: a line on stderr, on a terminal alone."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


class Tally:
    """Counts what is done. Without a terminal it only counts.

    Attributes:
        count: how many are done.
        rru: request units read so far.
        wru: request units written so far.
    """

    def __init__(self) -> None:
        self.count = 0
        self.rru = 0.0
        self.wru = 0.0

    def add(self, count: int = 0, *, rru: float = 0, wru: float = 0) -> None:
        """Add to what is done."""
        self.count += count
        self.rru += rru
        self.wru += wru
        self._show()

    def _show(self) -> None:
        """Nothing to show it on."""


@contextmanager
def progress(title: str, *, unit: str, total: int | None = None) -> Iterator[Tally]:
    """Show progress while the block runs: the count, the rate, the units so far, the time left when the total is known.

    Args:
        title: what is done: `Ending`.
        unit: what is counted: `sessions`.
        total: how many there are at most, if that is known.
    """
    if not sys.stderr.isatty():
        yield Tally()
        return
    from session_store.cli.progress_line import shown  # noqa: PLC0415 - it loads rich, which only a terminal needs

    with shown(title, unit=unit, total=total) as tally:
        yield tally
