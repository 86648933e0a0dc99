"""The amounts from which S3, and a cache, cost less than the table alone."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bench.storage.traffic import HIT, use_by_catalog, use_of_session
from session_store.cli.cost import sizes
from session_store.cli.cost.question import RANGES
from session_store.cli.cost.units import CHECK

if TYPE_CHECKING:
    from bench.storage.traffic import Measured
    from session_store.cli.cost.prices import Prices

_KB: Final = 1024
_LARGEST_KB: Final = int(RANGES["data_bytes"].most) // _KB
# ElastiCache Serverless bills 100 MB at least: https://aws.amazon.com/elasticache/pricing/, 27 November 2026.
_CACHE_GB: Final = 0.1
_HOURS: Final = 730  # of a month


def kb_for_s3(in_s3: Measured, requests: int, prices: Prices, *, in_row: float = 1) -> int | None:
    """The KB of data from which on a session costs less with its data in S3 than in its row.

    Args:
        in_s3: the form in S3. Its calls are the same with any data.
        requests: of a session.
        prices: of the services.
        in_row: bytes that a byte of data takes in the row.

    Returns:
        KB of data as JSON. None: never, as far as the row takes the data.
    """
    largest = int(_LARGEST_KB / max(in_row, 1))

    def is_cheaper(kb: int) -> bool:
        there = use_of_session(replace(in_s3, object_bytes=kb * _KB), requests)
        return there.dollars(prices) < use_by_catalog(round(kb * _KB * in_row), requests).dollars(prices)

    found = max((kb for kb in range(1, largest + 1) if not is_cheaper(kb)), default=0) + 1
    return found if found <= largest else None


def bytes_in_row(measured: Measured, data_bytes: int) -> float:
    """The bytes that a byte of data takes in the row, in a form that was measured with so much data."""
    return (measured.row_bytes - sizes.row_bytes(0)) / data_bytes


def dollars_of_an_idle_cache(prices: Prices) -> float:
    """Dollars a month for a cache that holds next to nothing."""
    return _CACHE_GB * _HOURS * prices["cache_gb_hours"].tiers[0][1]


def checks_for_cache(plain: Measured, cached: Measured, hit_ratio: float, prices: Prices) -> float:
    """The checks in a month from which on a cache saves what it costs.

    Args:
        plain: the form without a cache.
        cached: the same behind one.
        hit_ratio: share of the checks that the cache answers.
        prices: of the services.

    Returns:
        Checks. Infinite where a check costs more with the cache.
    """
    hit, miss = cached.uses[HIT.name].dollars(prices), cached.uses[CHECK.name].dollars(prices)
    saved = plain.uses[CHECK.name].dollars(prices) - (hit_ratio * hit + (1 - hit_ratio) * miss)
    return dollars_of_an_idle_cache(prices) / saved if saved > 0 else math.inf
