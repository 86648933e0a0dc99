"""Adds up the use of AWS's services by calls of a store."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from bench.storage.engines import Engines
from bench.storage.use import Use

if TYPE_CHECKING:
    from collections.abc import Callable

    from session_store.observing import Observation

_TABLE: Final = "table"


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
        )

    def observe(self, observation: Observation) -> None:
        """An observer for the store."""
        self._observed.append(observation)

    def of(self, call: Callable[[], object]) -> Use:
        """The use of one call."""
        self._counts.clear()
        self._observed.clear()
        call()
        return Use(
            table_calls=self._counts[_TABLE],
            rru=sum(each.read_units for each in self._observed),
            wru=sum(each.write_units for each in self._observed),
            object_writes=self._counts["put_object"],
            object_reads=self._counts["get_object"],
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
