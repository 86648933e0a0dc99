"""The calls of a request to DynamoDB, with the request units that DynamoDB reports for each."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from session_store.meter import tables_of
from session_store.storage.requests import METHODS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_OPERATIONS: Final = {method: operation for operation, method in METHODS.items()}
_READS: Final = frozenset({"GetItem", "Query", "BatchGetItem"})


@dataclass(frozen=True, slots=True)
class Call:
    """One call.

    Attributes:
        operation: as DynamoDB names it.
        on: `table` or `index`.
        units: request units, None when the answer does not say: the embedded AWS's to a batch, and that to a write
            whose condition failed.
    """

    operation: str
    on: str
    units: float | None

    @property
    def is_read(self) -> bool:
        """Whether it takes units to read. The others take units to write."""
        return self.operation in _READS


@dataclass(frozen=True, slots=True)
class Report:
    """The calls of one request of the browser."""

    method: str
    path: str
    calls: tuple[Call, ...]

    @property
    def rru(self) -> float:
        """Request units to read."""
        return sum(call.units or 0 for call in self.calls if call.is_read)

    @property
    def wru(self) -> float:
        """Request units to write."""
        return sum(call.units or 0 for call in self.calls if not call.is_read)


class RecordingClient:
    """A DynamoDB client that notes the store's calls while it records, and is otherwise the client that it wraps."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401 - botocore makes its clients' classes at run time
        self._client = client
        self._calls: list[Call] | None = None

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        found = getattr(self._client, name)
        return self._noting(_OPERATIONS[name], found) if name in _OPERATIONS else found

    @contextmanager
    def recording(self) -> Iterator[list[Call]]:
        """Notes every call within the block. A function serves one request at a time."""
        calls: list[Call] = []
        self._calls = calls
        try:
            yield calls
        finally:
            self._calls = None

    def _noting(self, operation: str, method: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
        def call(**parameters: Any) -> dict[str, Any]:  # noqa: ANN401
            calls = self._calls
            if calls is None:
                return method(**parameters)
            reply: dict[str, Any] = {}
            try:
                reply = method(**parameters, **({} if _asks(parameters) else {"ReturnConsumedCapacity": "TOTAL"}))
            finally:
                on = "index" if "IndexName" in parameters else "table"
                calls.append(Call(operation, on, _units(reply)))
            return reply

        return call


def _asks(parameters: dict[str, Any]) -> bool:
    return "ReturnConsumedCapacity" in parameters


def _units(reply: dict[str, Any]) -> float | None:
    """The units of a reply. A batch and a transaction report them for each table."""
    reported = [float(table["CapacityUnits"]) for table in tables_of(reply) if "CapacityUnits" in table]
    return sum(reported) if reported else None
