"""A Lambda function on the table's stream: takes a batch of changes, and says from where on it has to come again."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from session_store.adapters.aws_lambda import environment
from session_store.catalog.metrics import Metric
from session_store.errors import InvalidInputError, SessionStoreError, StoreConfigurationError
from session_store.log import place_of
from session_store.time_left import LambdaCall

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from session_store.events.records import StreamRecord

    Work = Callable[[Sequence[StreamRecord], Callable[[], float]], "Outcome"]


class Outcome(NamedTuple):
    """The outcome of a batch.

    Attributes:
        done: so many changes from the beginning on are done with. The others come again.
        metrics: what is counted of it.
        fields: what else its line has.
    """

    done: int
    metrics: Mapping[str, int]
    fields: Mapping[str, object]


def batch_handler(work: Work) -> Callable[[dict[str, Any], object], dict[str, Any]]:
    """The handler of a function on the table's stream.

    Args:
        work: gets the records of a batch, and what tells how many seconds the call has left.
    """

    def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
        records = _records_of(event)
        try:
            with LambdaCall(context) as call:
                outcome = work(records, call.seconds_left)
            _write_line(len(records), outcome)
        except SessionStoreError:
            raise
        except Exception as error:  # noqa: BLE001 - raised again below
            said = f"{type(error).__name__} at {place_of(error)}"
        else:
            undone = records[outcome.done : outcome.done + 1]
            return {"batchItemFailures": [{"itemIdentifier": _sequence_number(each)} for each in undone]}
        # Lambda logs the error that gets out; of any but our own it is not known what its message quotes.
        raise RuntimeError(said)

    return handler


def read_variable(variables: Mapping[str, str], variable: str) -> str:
    """The value of an environment variable that a function cannot do without.

    Raises:
        StoreConfigurationError: it is missing.
    """
    if value := variables.get(variable):
        return value
    raise StoreConfigurationError(f"set the environment variable {variable}")


def _write_line(records: int, outcome: Outcome) -> None:
    """Write the batch's line. What is done stands by itself: no fault of the line makes it come again."""
    metrics = {**outcome.metrics, Metric.CHANGES_UNDONE: records - outcome.done}
    with suppress(OSError, ValueError):
        counted: dict[str, float] = {name: number for name, number in metrics.items() if number}
        environment.lines().write(None, counted, {"changes": records, **outcome.fields})


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
