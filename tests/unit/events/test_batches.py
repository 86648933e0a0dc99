"""Batches of the stream, well and with faults: nothing is lost, and nothing holds up what can be told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, NoCredentialsError, ReadTimeoutError

from session_store import InvalidInputError, StoreConfigurationError
from session_store.adapters.aws_lambda import environment
from session_store.events.handler import lifecycle_handler
from session_store.events.teller import Teller, Told
from session_store.storage.attribute_values import Item
from session_store.testing import MovableClock
from tests.support.bus_and_queue import Fault, Services, no_answer, of_entries, of_request
from tests.support.stream import TABLE, Record, record_of
from tests.unit.events.conftest import Streamed

URL: Final = "http://127.0.0.1"
SECONDS: Final = 10.0
PASSING: Final[dict[str, Fault]] = {
    "an entry is throttled": of_entries("ThrottlingException", 1),
    "all entries are throttled": of_entries("ThrottlingException"),
    "an entry fails inside": of_entries("InternalFailure", 0),
    "the request is throttled": of_request("ThrottlingException"),
    "the service fails": of_request("", 503),
    "no connection": no_answer(ConnectTimeoutError(endpoint_url=URL)),
    "no reply": no_answer(ReadTimeoutError(endpoint_url=URL)),
    "no such host": no_answer(EndpointConnectionError(endpoint_url=URL)),
}
LASTING: Final[dict[str, Fault]] = {
    "no permission": of_request("AccessDeniedException"),
    "no permission for the source": of_entries("NotAuthorizedForSourceException"),
    "no bus": of_request("ResourceNotFoundException"),
    "no credentials": no_answer(NoCredentialsError()),
    "an error of our own": no_answer(KeyError("x")),
}


@pytest.fixture
def row(streamed: Streamed) -> Item:
    """A live session's row."""
    return streamed.row(streamed.store.create_session("ana").session.session_id)


@pytest.fixture
def services() -> Services:
    return Services()


def tell(services: Services, records: Sequence[Record], seconds: float = SECONDS) -> Told:
    """Hand a batch over."""
    end = services.clock.monotonic() + seconds
    teller = Teller("bus", "https://sqs/parked", client=services.client, clock=services.clock)
    return teller.tell(records, lambda: end - services.clock.monotonic())


def starts(row: Item, number: int) -> list[Record]:
    """So many sessions that start."""
    return [record_of(None, row, position) for position in range(number)]


def poison(row: Item, number: int) -> Record:
    return record_of(None, row | {"version": {"S": "one"}}, number)


def numbers(records: Sequence[Record]) -> list[str]:
    return [record["dynamodb"]["SequenceNumber"] for record in records]


def test_events_go_out_in_order_ten_at_a_time(services: Services, row: Item) -> None:
    records = starts(row, 23)

    told = tell(services, records)

    assert [number for _, number in services.told] == numbers(records)
    assert services.bus.sizes == [10, 10, 3]
    assert (told.done, told.events, told.parked) == (23, {"session.created": 23}, 0)
    assert services.asked_for == ["events"]  # no client is made without need


def test_a_batch_without_an_event_calls_nothing(services: Services, row: Item) -> None:
    assert tell(services, [record_of(row, row)]).done == 1
    assert services.asked_for == []


@pytest.mark.parametrize("fault", PASSING)
def test_what_passes_is_tried_again_and_no_event_is_sent_twice(services: Services, row: Item, fault: str) -> None:
    records = starts(row, 13)
    services.bus.faults.extend([PASSING[fault], PASSING[fault]])

    assert tell(services, records).done == 13
    assert sorted(number for _, number in services.told) == numbers(records)


@pytest.mark.parametrize("fault", sorted({*PASSING, *LASTING} - {"an entry is throttled"}))
def test_what_lasts_is_reported_from_the_first_change_on_that_is_not_done(
    services: Services, row: Item, fault: str
) -> None:
    records = starts(row, 25)
    services.bus.faults.append(None)
    services.bus.always = (PASSING | LASTING)[fault]

    assert tell(services, records).done == 10
    assert [number for _, number in services.told[:10]] == numbers(records[:10])
    assert services.clock.monotonic() <= SECONDS
    assert len(services.bus.sizes) == 2 or fault in PASSING


def test_an_entry_that_is_never_taken_loses_nothing_after_it(services: Services, row: Item) -> None:
    records = starts(row, 10)
    services.bus.always = of_entries("InternalFailure", 0)
    services.bus.faults.append(of_entries("InternalFailure", 4))

    told = tell(services, records)

    assert told.done == 4
    assert {number for _, number in services.told} == set(numbers(records)) - {numbers(records)[4]}


def test_with_no_time_left_one_request_is_made_all_the_same(services: Services, row: Item) -> None:
    assert tell(services, starts(row, 25), seconds=0.1).done == 10


def test_a_call_answers_before_its_time_is_over(services: Services, row: Item) -> None:
    services.bus.seconds = services.queue.seconds = 1.5
    services.bus.always = services.queue.always = of_request("", 500)

    tell(services, [poison(row, 0), *starts(row, 99)])

    assert services.clock.monotonic() <= SECONDS


REFUSED: Final[dict[str, Fault]] = {
    "an entry is malformed": of_entries("MalformedDetail", 1),
    "an argument of an entry is wrong": of_entries("InvalidArgument", 1),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_an_entry_that_is_refused_for_a_reason_of_its_own_is_parked(services: Services, row: Item, fault: str) -> None:
    records = starts(row, 3)
    services.bus.faults.append(REFUSED[fault])

    told = tell(services, records)

    assert (told.done, told.events["session.created"], told.parked) == (3, 2, 1)
    assert [(each["sequence_number"], each["cause"]) for each in services.parked] == [
        (numbers(records)[1], "RefusedEventError")
    ]


@pytest.mark.parametrize(("code", "status"), [("ValidationException", 400), ("RequestEntityTooLarge", 413)])
def test_a_request_that_is_refused_for_one_of_its_entries_is_sent_one_by_one(
    services: Services, row: Item, code: str, status: int
) -> None:
    records = starts(row, 5)
    refused = of_request(code, status)
    services.bus.faults.extend([refused, None, None, refused])

    assert (tell(services, records).done, services.bus.sizes) == (5, [5, 1, 1, 1, 1, 1])
    assert [each["sequence_number"] for each in services.parked] == [numbers(records)[2]]


def test_entries_are_sent_one_by_one_as_long_as_there_is_time(services: Services, row: Item) -> None:
    services.bus.faults.append(of_request("ValidationException"))
    services.bus.seconds = 1.5

    assert 0 < tell(services, starts(row, 10)).done < 10
    assert services.clock.monotonic() <= SECONDS


def test_an_event_that_no_request_holds_is_parked_without_being_sent(services: Services, row: Item) -> None:
    """The row of another program: our own customer ids are short."""
    large = row | {"customer_id": {"S": "x" * 256 * 1024}}

    told = tell(services, [record_of(None, row, 0), record_of(None, large, 1), record_of(None, row, 2)])

    assert (told.done, services.bus.sizes, told.parked) == (3, [1, 1], 1)


def test_entries_are_divided_by_their_size_too(services: Services, row: Item) -> None:
    wide = row | {"customer_id": {"S": "ü" * 50_000}}

    assert tell(services, [record_of(None, wide, number) for number in range(5)]).done == 5
    assert services.bus.sizes == [2, 2, 1]


@pytest.mark.parametrize("position", [0, 5, 11])
def test_a_poison_record_is_parked_and_holds_up_nothing_else(services: Services, row: Item, position: int) -> None:
    records = starts(row, 12)
    records[position] = poison(row, position)

    told = tell(services, records)

    assert (told.done, told.events["session.created"], told.parked) == (12, 11, 1)
    (message,) = services.parked
    assert message["sequence_number"] == numbers(records)[position]


@pytest.mark.parametrize("record", [{}, {"eventName": "INSERT"}, {"dynamodb": None}, None, [], "x", {"eventName": 1}])
def test_a_record_of_any_form_is_parked(services: Services, row: Item, record: Any) -> None:
    told = tell(services, [record, *starts(row, 1)])

    assert (told.done, told.events["session.created"], told.parked) == (2, 1, 1)


def test_a_whole_batch_of_poison_records_is_parked(services: Services, row: Item) -> None:
    records = [poison(row, number) for number in range(25)]

    assert tell(services, records).parked == 25
    assert [each["sequence_number"] for each in services.parked] == numbers(records)
    assert services.asked_for == ["sqs"]


QUEUE_FAULTS: Final[dict[str, Fault]] = {
    **PASSING,
    **LASTING,
    "an entry is throttled": of_entries("ThrottlingException", 0),
    "the queue throttles": of_request("RequestThrottled"),
    "the queue is full": of_entries("OverLimit"),
    "the queue refuses the message": of_entries("InvalidMessageContents"),
    "there is no such queue": of_request("AWS.SimpleQueueService.NonExistentQueue"),
}


@pytest.mark.parametrize("fault", QUEUE_FAULTS)
def test_a_record_that_the_queue_does_not_take_comes_again_and_the_others_are_told(
    services: Services, row: Item, fault: str
) -> None:
    records = starts(row, 4)
    records[1:3] = [poison(row, 1), poison(row, 2)]
    services.queue.always = QUEUE_FAULTS[fault]

    told = tell(services, records)

    assert (told.done, told.events["session.created"]) == (1, 2)
    assert services.clock.monotonic() <= SECONDS


def test_what_the_queue_takes_at_the_second_attempt_is_parked_once(services: Services, row: Item) -> None:
    services.queue.faults.append(of_request("", 500))

    assert tell(services, [poison(row, 0)]).done == len(services.parked) == 1


def test_what_comes_again_is_not_parked_before(services: Services, row: Item) -> None:
    services.bus.always = of_request("AccessDeniedException")

    assert tell(services, [poison(row, 0), *starts(row, 1), poison(row, 2)]).done == 1
    assert len(services.parked) == 1


def test_a_full_shard_is_told_within_a_call(services: Services, row: Item) -> None:
    """1,000 changes with 10 MB of images: more than Lambda hands over at once."""
    live = row | {"data": {"M": {"text": {"S": "x" * 7_000}}}}
    ended = row | {"session_state": {"S": "ended"}, "end_reason": {"S": "theft"}}
    records = [record_of(live, ended, each) if each % 2 else record_of(None, live, each) for each in range(1_000)]

    told = tell(services, records)

    assert (told.done, told.events) == (1_000, {"session.created": 500, "session.ended": 500})
    assert [number for _, number in services.told] == numbers(records)


@pytest.mark.shows("A30")
def test_the_handler_reports_the_first_change_that_is_not_done(
    services: Services, row: Item, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("session_store.events.handler._client", services.client)
    handler = lifecycle_handler({"SESSION_EVENT_BUS": "bus", "SESSION_PARKING_QUEUE_URL": "https://sqs/parked"})
    records = starts(row, 12)

    assert handler({"Records": records}, None) == {"batchItemFailures": []}
    services.bus.faults.append(None)
    services.bus.always = of_request("AccessDeniedException")
    assert handler({"Records": records}, Context(services.clock)) == {
        "batchItemFailures": [{"itemIdentifier": numbers(records)[10]}]
    }


def test_each_batch_has_a_line_with_its_metrics(
    services: Services, row: Item, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("session_store.events.handler._client", services.client)
    monkeypatch.setenv("TABLE_NAME", TABLE)
    environment.lines.cache_clear()
    handler = lifecycle_handler({"SESSION_EVENT_BUS": "bus", "SESSION_PARKING_QUEUE_URL": "https://sqs/parked"})
    ended = row | {"session_state": {"S": "ended"}}
    services.bus.faults.append(None)
    services.bus.always = of_request("AccessDeniedException")

    handler({"Records": [poison(row, 0), *starts(row, 9), record_of(row, ended, 10), *starts(row, 5)]}, None)
    handler({"Records": [record_of(row, row)]}, None)

    full, empty = map(json.loads, capsys.readouterr().out.splitlines())
    environment.lines.cache_clear()
    (directive,) = full.pop("_aws")["CloudWatchMetrics"]
    assert [each["Name"] for each in directive["Metrics"]] == ["LifecycleEvents", "ChangesParked", "ChangesUndone"]
    assert full == {
        "TableName": TABLE,
        "changes": 16,
        "session_created": 9,
        "session_ended": 1,
        "LifecycleEvents": 10,
        "ChangesParked": 1,
        "ChangesUndone": 5,
    }
    assert empty == {"TableName": TABLE, "changes": 1}


@pytest.mark.parametrize("missing", ["SESSION_EVENT_BUS", "SESSION_PARKING_QUEUE_URL"])
def test_a_variable_that_is_missing_is_named_at_the_start(missing: str) -> None:
    given = {"SESSION_EVENT_BUS": "bus", "SESSION_PARKING_QUEUE_URL": "https://sqs/parked"} | {missing: ""}

    with pytest.raises(StoreConfigurationError, match=f"set the environment variable {missing}"):
        lifecycle_handler(given)


@pytest.mark.parametrize("event", [{}, {"Records": None}, {"Records": {}}])
def test_what_is_no_batch_is_an_error(event: dict[str, Any]) -> None:
    given = {"SESSION_EVENT_BUS": "bus", "SESSION_PARKING_QUEUE_URL": "https://sqs/parked"}

    with pytest.raises(InvalidInputError, match="must be a batch of a table's stream"):
        lifecycle_handler(given)(event, None)


class Context:
    """Lambda's, of a call with a second left."""

    def __init__(self, clock: MovableClock) -> None:
        self._clock = clock

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 1_000
