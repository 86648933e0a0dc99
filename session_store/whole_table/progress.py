"""Progress of a command, for those who watch."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias


class Progress(NamedTuple):
    """How far a command got.

    Attributes:
        done: rows or lines so far, those of earlier runs included.
        total: of about how many, 0 when that is not known.
        rru: request units to read so far.
        wru: request units to write so far.
    """

    done: int
    total: int
    rru: float
    wru: float


OnProgress: TypeAlias = Callable[[Progress], object]


def unwatched(_progress: Progress) -> None:
    """Watch nothing."""
