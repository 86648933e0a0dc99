"""A run of the comparison in plain text: calls, dollars, CPU time and latency of each form of each size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bench.hit_ratio import PATTERNS
from bench.report import aligned
from bench.storage.traffic import HIT, PAGES, REQUESTS, dollars_per_million, use_of_session
from session_store.cli.cost.prices import read_prices

if TYPE_CHECKING:
    from bench.storage.run import Entry, Run
    from bench.storage.times import Times
    from bench.storage.use import Use

_HIT_RATIO: Final = PATTERNS[PAGES].expected
_PERCENTILES: Final = "p50 p90 p99"


def use_of(entry: Entry, requests: int) -> Use:
    """The use of a session of one form. Behind a cache, users load pages of six requests."""
    hit_ratio = _HIT_RATIO if HIT.name in entry.measured.uses else 0
    return use_of_session(entry.measured, requests, hit_ratio=hit_ratio)


def dollars_of(entry: Entry, requests: int) -> float:
    """Dollars for a million requests of sessions of one form, without the rent of a cache."""
    return dollars_per_million(use_of(entry, requests), requests, read_prices())


def overview(run: Run) -> str:
    """A line for each form of each size. Calls are those of a request, dollars those of a million, times are in ms."""
    headings = ("data", "form", *(f"calls, dollars of {requests:,}" for requests in REQUESTS))
    times = ("check: CPU", _PERCENTILES, "save: CPU", _PERCENTILES)
    rows = [
        (size, str(form), *(_said(entry, requests) for requests in REQUESTS), *_ms(entry.check), *_ms(entry.save))
        for size, forms in run.items()
        for form, entry in forms.items()
    ]
    return aligned([(*headings, *times), *rows])


def _said(entry: Entry, requests: int) -> str:
    return f"{use_of(entry, requests).calls / requests:.1f} ${dollars_of(entry, requests):,.2f}"


def _ms(times: Times) -> tuple[str, str]:
    return f"{times.cpu:.2f}", f"{times.p50:.1f} {times.p90:.1f} {times.p99:.1f}"
