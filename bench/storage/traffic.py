"""Sessions of so many requests, and their use by the measured use of each kind of call."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Final

from bench.storage.use import Use
from session_store.cli.cost import sizes
from session_store.cli.cost.dollars import DAYS, TTL_DAYS
from session_store.cli.cost.prices import GB
from session_store.cli.cost.question import Question, Through
from session_store.cli.cost.units import CHECK, calls_of_a_day

if TYPE_CHECKING:
    from collections.abc import Mapping

    from session_store.cli.cost.prices import Prices

REQUESTS: Final = (1, 10, 1000)
"""Of one session. Each checks it and reads its data, a tenth of them change the data."""
PAUSE: Final = 30
"""Seconds between two requests of a session, on average."""
HIT: Final = CHECK._replace(name="check, from the cache")
"""A kind of call beside those that `calls_of_a_day` counts."""
PAGES: Final = "pages of six requests, every 2 minutes"
"""The pattern of the sessions behind a cache, by its name in `bench.hit_ratio`."""
_MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Measured:
    """One form of sessions of one size.

    Attributes:
        uses: of each kind of call, by its name.
        row_bytes: of the session's row.
        object_bytes: of its data in S3.
    """

    uses: Mapping[str, Use]
    row_bytes: int
    object_bytes: int = 0


def question(requests: int, data_bytes: int = 2) -> Question:
    """The traffic of one session a day, of so many requests under `@session`, as `session-store cost` takes it."""
    return Question(
        sessions_per_day=1,
        requests_per_session=requests,
        data_bytes=data_bytes,
        pause=PAUSE,
        through=Through.DECORATOR,
    )


def use_of_session(measured: Measured, requests: int, *, hit_ratio: float = 0) -> Use:
    """The use of a session from its sign-in until its row is gone.

    Args:
        measured: its form.
        requests: so many check it.
        hit_ratio: share of the checks without a write that the cache answers. The first one it never does.
    """
    asked = question(requests)
    counts = {each.kind.name: each.number for each in calls_of_a_day(asked)}
    hits = max(0, counts.get(CHECK.name, 0) - 1) * hit_ratio
    if hits:
        counts |= {CHECK.name: counts[CHECK.name] - hits, HIT.name: hits}
    return reduce(add, (measured.uses[name] * number for name, number in counts.items()), _stored(measured, asked))


def use_by_catalog(data_bytes: int, requests: int) -> Use:
    """The same of plain data, by the catalog's costs alone."""
    asked = question(requests, data_bytes)
    calls = calls_of_a_day(asked)
    paid = Use(
        table_calls=sum(each.number for each in calls),
        rru=sum(each.rru for each in calls),
        wru=sum(each.table_wru + each.index_wru for each in calls),
    )
    return paid + _stored(Measured({}, sizes.row_bytes(data_bytes)), asked)


def dollars_per_million(use: Use, requests: int, prices: Prices) -> float:
    """Dollars for a million requests of such sessions."""
    return use.dollars(prices) * _MILLION / requests


def _stored(measured: Measured, asked: Question) -> Use:
    """Its storage. A session that was left stays for the retention, one that was ended leaves a small row."""
    months = (asked.retention + TTL_DAYS) / DAYS
    left = 1 - asked.signed_out
    rows = left * sizes.billed_bytes(measured.row_bytes) + asked.signed_out * sizes.billed_bytes(
        sizes.tombstone_bytes()
    )
    table = rows * months / GB
    return Use(
        table_gb_months=table, backup_gb_months=table, object_gb_months=left * measured.object_bytes * months / GB
    )
