"""How many validations a cache answers, by the pattern of a session's requests: the real cache, at a moved clock."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from bench.report import Figure
from local.console import CommandError
from local.ports import HOST
from local.valkey import valkey_server, why_unavailable
from session_store import SessionSettings, SessionStore
from session_store.catalog.metrics import Metric
from session_store.testing import MovableClock, in_memory_store
from session_store.validation_cache import ValidationCache

if TYPE_CHECKING:
    from collections.abc import Iterator

    from session_store.observing import Observation

_REQUESTS: Final = 3_000
_SETTINGS: Final = SessionSettings(absolute_timeout=timedelta(days=400))  # one session has them all
_NEAR: Final = 0.02
_PAGE: Final = (0.0, 0.2, 0.02, 0.02, 0.02, 0.02)  # the page itself, then what it asks for


class Pattern(NamedTuple):
    """The requests of one session.

    Attributes:
        name: what users do.
        seconds: from one burst of requests to the next, on average. They come at random.
        burst: seconds from one request of a burst to the next.
        expected: the share of hits that the pages tell.
    """

    name: str
    seconds: float
    burst: tuple[float, ...]
    expected: float

    def gaps(self, chance: random.Random) -> Iterator[float]:
        """Seconds before each request, without an end."""
        while True:
            first, *others = self.burst
            yield chance.expovariate(1 / self.seconds) + first
            yield from others


PATTERNS: Final = {
    pattern.name: pattern
    for pattern in (
        Pattern("a request every 2 minutes", 120, (0.0,), 0.03),
        Pattern("a request every 10 seconds", 10, (0.0,), 0.29),
        Pattern("pages of six requests, every 2 minutes", 120, _PAGE, 0.84),
        Pattern("20 requests a second", 0.05, (0.0,), 0.99),
    )
}


def hit_ratio(pattern: Pattern, *, requests: int = _REQUESTS, seed: int = 1) -> float:
    """The share of a session's validations that ask no table.

    Raises:
        CommandError: there is no server to run.
    """
    if reason := why_unavailable():
        raise CommandError(reason)
    hits = 0

    def note(observation: Observation) -> None:
        nonlocal hits
        hits += observation.counts.get(Metric.CACHE_HITS, 0)

    clock = MovableClock()
    with valkey_server() as server, in_memory_store(clock=clock) as memory:
        cache = ValidationCache(HOST, port=server.port, tls=False)
        store = SessionStore(memory.table_name, clock=clock, settings=_SETTINGS, validation_cache=cache, observer=note)
        token = store.create_session("ana").token
        for gap, _ in zip(pattern.gaps(random.Random(seed)), range(requests), strict=False):  # noqa: S311 - no secret
            clock.advance(gap)
            store.validate(token)
    return hits / requests


def hit_ratios() -> list[Figure]:
    """The ratio of each pattern, beside the one that the pages tell."""
    return [_figure(pattern, hit_ratio(pattern)) for pattern in PATTERNS.values()]


def _figure(pattern: Pattern, ratio: float) -> Figure:
    return Figure(
        name=f"hits of the cache of validations, {pattern.name}",
        measured=f"{ratio:.2f}",
        goal=f"{pattern.expected:.2f} +- {_NEAR:.2f}",
        met=abs(ratio - pattern.expected) <= _NEAR,
    )
