"""The function on the table's stream."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

from session_store.adapters.aws_lambda import environment
from session_store.catalog.metrics import Metric
from session_store.errors import InvalidInputError, SessionStoreError, StoreConfigurationError
from session_store.events.teller import Teller
from session_store.log import place_of
from session_store.settings import EVENT_BUS, PARKING_QUEUE_URL
from session_store.time_left import LambdaCall

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from session_store.adapters.aws_lambda.request_lines import RequestLines
    from session_store.events.records import StreamRecord
    from session_store.events.teller import Told


def lifecycle_handler(
    variables: Mapping[str, str] = os.environ,
) -> Callable[[dict[str, Any], object], dict[str, Any]]:
    """The handler of the function on the table's stream. Make it at import, so that its parts are built once.

    Args:
        variables: of the environment, with the event bus and the parking queue.

    Raises:
        StoreConfigurationError: one of them is missing.
    """
    teller = Teller(_read(variables, EVENT_BUS), _read(variables, PARKING_QUEUE_URL), client=_client)

    def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
        records = _records_of(event)
        try:
            with LambdaCall(context) as call:
                told = teller.tell(records, call.seconds_left)
            _write_line(environment.lines(), len(records), told)
        except SessionStoreError:
            raise
        except Exception as error:  # noqa: BLE001 - raised again below
            said = f"{type(error).__name__} at {place_of(error)}"
        else:
            undone = records[told.done : told.done + 1]
            return {"batchItemFailures": [{"itemIdentifier": _sequence_number(each)} for each in undone]}
        # Lambda logs the error that gets out; of any but our own it is not known what its message quotes.
        raise RuntimeError(said)

    return handler


@cache
def _client(service: str) -> Any:  # noqa: ANN401 - made at run time
    from session_store.aws.connection import connect  # noqa: PLC0415 - loads the SDK

    return connect(service)


def _read(variables: Mapping[str, str], variable: str) -> str:
    if value := variables.get(variable):
        return value
    raise StoreConfigurationError(f"set the environment variable {variable}")


def _write_line(lines: RequestLines, records: int, told: Told) -> None:
    """Write the batch's line. The events stand by themselves: no fault of it makes them come again."""
    metrics = {
        Metric.LIFECYCLE_EVENTS: told.events.total(),
        Metric.CHANGES_PARKED: told.parked,
        Metric.CHANGES_UNDONE: records - told.done,
    }
    by_type = {name.replace(".", "_"): number for name, number in told.events.items()}
    with suppress(OSError, ValueError):
        lines.write(None, {name: number for name, number in metrics.items() if number}, {"changes": records, **by_type})


def _records_of(event: dict[str, Any]) -> list[StreamRecord]:
    records = event.get("Records")
    if not isinstance(records, list):
        raise InvalidInputError("event", "must be a batch of a table's stream, with Records", confidential=True)
    return records


def _sequence_number(record: StreamRecord) -> str:
    """The change's name in the answer. An empty one makes Lambda repeat all of the batch."""
    try:
        return str(record["dynamodb"]["SequenceNumber"])
    except (LookupError, TypeError):
        return ""
