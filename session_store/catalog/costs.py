"""The costs of calls, as numbers that documents, docstrings, cost tests and the benchmark share.

`session_store.catalog.cost_texts` writes them in words.
"""

from __future__ import annotations

import math
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from session_store.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

# Data of these forms is one value. Plain data, and other keys than the chosen ones, know no such saves.
OVERTAKEN: Final = "of compressed or encrypted data, from a session that was saved meanwhile"
NEW_TO_PROCESS: Final = "of encrypted data, whose key is new to the process"
IN_S3: Final = "of large data in S3"  # whose requests are trips, too
_READ_KB: Final = 4  # what one unit reads of an item, strongly consistent; one unit writes 1 KB


class Per(StrEnum):
    """The unit that a part of a cost is counted by."""

    INDEX = "4 KB of the index"
    COLLECTION = "4 KB of the session and the children on the page"
    SESSION = "session"
    ENDED = "session ended"
    ROW = "row"

    @property
    def is_item(self) -> bool:
        """Whether one may be larger than a unit. The others are what one unit reads."""
        return self not in {Per.INDEX, Per.COLLECTION}


@dataclass(frozen=True, slots=True)
class Amount:
    """The cost of calls, added up.

    Attributes:
        rru: request units to read.
        wru: request units to write, the index included.
        trips: round trips that follow each other.
    """

    rru: float
    wru: float
    trips: int

    def __add__(self, other: Amount) -> Amount:
        """Both together, one after the other."""
        return Amount(self.rru + other.rru, self.wru + other.wru, self.trips + other.trips)


@dataclass(frozen=True, slots=True)
class Share:
    """The part of a cost that is paid once for each of what it is counted by.

    Attributes:
        per: what it is counted by.
        rru: request units to read one of at most 4 KB.
        wru: request units to write one of at most 1 KB.
        trips: round trips more.
    """

    per: Per
    rru: float = 0
    wru: float = 0
    trips: int = 0


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of one kind of call, for items of at most 1 KB.

    Attributes:
        rru: request units to read, however much there is.
        wru: request units to write, the index included.
        trips: round trips that follow each other.
        cache_trips: round trips to the cache of validations besides.
        when: which calls these are, empty for the usual ones.
        shares: the additional cost of each session, row or part of the index.
    """

    rru: float = 0
    wru: float = 0
    trips: int = 1
    when: str = ""
    cache_trips: int = 0
    shares: tuple[Share, ...] = ()

    def amount(self, counts: Mapping[Per, int] | None = None, *, item_kb: int = 1) -> Amount:
        """The cost of a call that finds the given number of each.

        Args:
            counts: how many there are of each unit that the cost is counted by.
            item_kb: the size of each session in KB. Reads are paid by 4 KB, writes by 1 KB.

        Raises:
            KeyError: the cost is counted by something that `counts` lacks.
        """
        total = Amount(self.rru, self.wru, self.trips)
        for share in self.shares:
            number = (counts or {})[share.per]
            kb = item_kb if share.per.is_item else 1
            total += Amount(
                share.rru * number * math.ceil(kb / _READ_KB), share.wru * number * kb, share.trips * number
            )
        return total
