"""The function of lifecycle events, on the table's stream."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any

from session_store.catalog.metrics import Metric
from session_store.events.batches import Outcome, batch_handler, read_variable
from session_store.events.teller import Teller
from session_store.settings import EVENT_BUS, PARKING_QUEUE_URL

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from session_store.events.records import StreamRecord


def lifecycle_handler(
    variables: Mapping[str, str] = os.environ,
) -> Callable[[dict[str, Any], object], dict[str, Any]]:
    """The handler of the function of lifecycle events. Make it at import, so that its parts are built once.

    Args:
        variables: of the environment, with the event bus and the parking queue.

    Raises:
        StoreConfigurationError: one of them is missing.
    """
    bus, queue = (read_variable(variables, each) for each in (EVENT_BUS, PARKING_QUEUE_URL))
    teller = Teller(bus, queue, client=_client)

    def tell(records: Sequence[StreamRecord], seconds_left: Callable[[], float]) -> Outcome:
        told = teller.tell(records, seconds_left)
        metrics: dict[str, int] = {Metric.LIFECYCLE_EVENTS: told.events.total(), Metric.CHANGES_PARKED: told.parked}
        return Outcome(told.done, metrics, {name.replace(".", "_"): number for name, number in told.events.items()})

    return batch_handler(tell)


@cache
def _client(service: str) -> Any:  # noqa: ANN401 - made at run time
    from session_store.aws.connection import connect  # noqa: PLC0415 - loads the SDK

    return connect(service)
