"""The function on the table's stream."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any

from session_store.errors import InvalidInputError, SessionStoreError, StoreConfigurationError
from session_store.events.teller import Teller
from session_store.log import place_of
from session_store.settings import EVENT_BUS, PARKING_QUEUE_URL
from session_store.time_left import LambdaCall

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from session_store.events.records import StreamRecord


def lifecycle_handler(
    environment: Mapping[str, str] = os.environ,
) -> Callable[[dict[str, Any], object], dict[str, Any]]:
    """The handler of the function on the table's stream. Make it at import, so that its parts are built once.

    Args:
        environment: the variables with the event bus and the parking queue.

    Raises:
        StoreConfigurationError: one of them is missing.
    """
    teller = Teller(_read(environment, EVENT_BUS), _read(environment, PARKING_QUEUE_URL), client=_client)

    def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
        records = _records_of(event)
        try:
            with LambdaCall(context) as call:
                told = teller.tell(records, call.seconds_left)
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


def _read(environment: Mapping[str, str], variable: str) -> str:
    if value := environment.get(variable):
        return value
    raise StoreConfigurationError(f"set the environment variable {variable}")


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
