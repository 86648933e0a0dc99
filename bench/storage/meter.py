"""Adds up the use of AWS's services by calls of a store."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from bench.storage.engines import Engines
from bench.storage.use import Use
from local.console import CommandError
from session_store.catalog.metrics import Metric

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from session_store.observing import Observation
    from session_store.validation_cache.server import Found, Server, Wanted

_TABLE: Final = "table"
_CACHE: Final = "cache"
_CACHE_UNITS: Final = "cache units"
_KB: Final = 1024


class Meter:
    """Counts what passes through engines.

    Args:
        engines: those of a run.

    Attributes:
        engines: the same, counted.
    """

    def __init__(self, engines: Engines) -> None:
        self._counts: Counter[str] = Counter()
        self._observed: list[Observation] = []
        self.engines = Engines(
            _CountedClient(engines.table, self._counts, _TABLE),
            engines.objects and _CountedClient(engines.objects, self._counts),
            engines.cache and _CountedCache(engines.cache, self._counts),
        )

    def observe(self, observation: Observation) -> None:
        """An observer for the store."""
        self._observed.append(observation)

    def of(self, call: Callable[[], object]) -> Use:
        """The use of one call.

        Raises:
            CommandError: the cache did not answer in time.
        """
        self._counts.clear()
        self._observed.clear()
        call()
        if any(each.counts.get(Metric.CACHE_FAULTS) for each in self._observed):
            raise CommandError("the cache did not answer in time: measure on an idle machine")
        return Use(
            table_calls=self._counts[_TABLE],
            rru=sum(each.read_units for each in self._observed),
            wru=sum(each.write_units for each in self._observed),
            object_writes=self._counts["put_object"],
            object_reads=self._counts["get_object"],
            cache_calls=self._counts[_CACHE],
            cache_units=self._counts[_CACHE_UNITS],
        )


class _CountedClient:
    """A client of botocore. Its calls count under one name, or else each under its own."""

    def __init__(self, client: Any, counts: Counter[str], name: str = "") -> None:  # noqa: ANN401 - botocore's have no type
        self._client = client
        self._counts = counts
        self._name = name

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        member = getattr(self._client, name)
        if not callable(member):
            return member

        def counted(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
            self._counts[self._name or name] += 1
            return member(*args, **kwargs)

        return counted


class _CountedCache:
    """A server of the cache. A command takes an ECPU for each KB that it carries, and at least one."""

    def __init__(self, server: Server, counts: Counter[str]) -> None:
        self._server = server
        self._counts = counts

    def read(self, wanted: Sequence[Wanted]) -> list[Found]:
        found = self._server.read(wanted)
        self._count(*(each.value for each in found))
        return found

    def store(self, key: str, field: str, lease: bytes, value: bytes) -> bool:
        self._count(value)
        return self._server.store(key, field, lease, value)

    def delete(self, keys: Sequence[str]) -> None:
        self._count(*(None for _ in keys))
        self._server.delete(keys)

    def _count(self, *values: bytes | None) -> None:
        self._counts[_CACHE] += 1
        self._counts[_CACHE_UNITS] += sum(max(1, math.ceil(len(value or b"") / _KB)) for value in values)
