"""The size of data, and the time that it may take, of a store with large data."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from session_store import (
    DataTooLargeError,
    InvalidInputError,
    SessionStore,
    StoreConfigurationError,
    StoreUnavailableError,
)
from session_store.data.weights import MAX_LARGE_BYTES
from session_store.large_data import LargeData
from session_store.time_left import LambdaCall
from session_store.web import current_session, session
from tests.support.lambda_events import get
from tests.unit.large_data.conftest import LARGE, Place, Steps

TEXT = "x" * (MAX_LARGE_BYTES - len('{"a":""}'))


def test_a_session_holds_16_mb_and_not_a_byte_more(place: Place) -> None:
    store = place.store()
    full = store.create_session("ana", data={"a": TEXT}).session

    assert place.store().get_session(full.session_id, strict=True) == full
    with pytest.raises(DataTooLargeError) as error:
        store.update_data(full, {"a": TEXT + "x"})
    assert (error.value.limit, store.max_data_bytes) == (MAX_LARGE_BYTES, MAX_LARGE_BYTES)
    with pytest.raises(DataTooLargeError):
        store.increment(full, "b")
    assert place.row(full.session_id)["version"] == {"N": "1"}


def test_a_body_that_takes_too_long_is_given_up_while_the_update_has_time(place: Place) -> None:
    read = place.store().create_session("ana", data=LARGE).session
    began = place.clock.monotonic()

    def slow(_: str, answer: Any, parameters: dict[str, Any]) -> Any:
        place.clock.advance(timedelta(seconds=3))
        return answer(**parameters)

    place.bucket.around = slow
    with pytest.raises(StoreUnavailableError, match="no time was left"):
        place.store().increment(read, "visits")

    assert place.clock.monotonic() - began <= 4
    assert [*place.bucket.objects] == [*place.pointed_to]
    assert place.row(read.session_id)["version"] == {"N": "1"}


def test_an_object_that_takes_too_long_is_no_data(place: Place) -> None:
    read = place.store().create_session("ana", data=LARGE).session

    def slow(_: str, answer: Any, parameters: dict[str, Any]) -> Any:
        reply = answer(**parameters)
        place.clock.advance(timedelta(seconds=5))
        return reply

    place.bucket.around = slow
    with pytest.raises(StoreUnavailableError, match="no time was left"):
        place.store().get_session(read.session_id)


def test_no_put_begins_that_the_lambda_call_has_no_time_for(place: Place) -> None:
    context = SimpleNamespace(get_remaining_time_in_millis=lambda: 1_200)

    with LambdaCall(context), pytest.raises(StoreUnavailableError, match="too little time left"):
        place.store().create_session(data=LARGE)
    assert place.bucket.calls == []


def test_nothing_is_put_for_a_session_that_is_known_to_be_over(place: Place) -> None:
    read = place.store().create_session("ana", data={"small": 1}).session
    place.store().end_session(read)
    steps = Steps(place)

    with pytest.raises(Exception, match="no live session"):
        steps.store().update_data(read.session_id, LARGE)
    assert "put_object" not in steps.calls


@pytest.mark.parametrize(("large", "limit"), [(True, MAX_LARGE_BYTES), (False, 64 * 1024)])
def test_a_decorated_handler_may_put_more_into_a_session_of_such_a_store(
    place: Place, *, large: bool, limit: int
) -> None:
    store = place.store() if large else SessionStore("sessions", dynamodb_client=place.client, clock=place.clock)

    @session(store=store)
    def handler(*_: object) -> str:
        current_session()["a"] = "x" * (limit - len('{"a":""}') + extra)
        return "done"

    extra = 0
    assert handler(get(), None)["statusCode"] == 200
    extra = 1
    assert handler(get(), None)["statusCode"] == 413


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("bucket", {"bucket": "arn:aws:s3:::large"}),
        ("bucket", {"bucket": ""}),
        ("threshold", {"threshold": 1023}),
        ("threshold", {"threshold": 391 * 1024}),
        ("expected_bucket_owner", {"expected_bucket_owner": "me"}),
        ("client", {"client": object()}),
    ],
)
def test_an_argument_that_is_wrong_is_named(field: str, given: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError) as error:
        LargeData(**{"bucket": "large"} | given)
    assert error.value.field == field


def test_a_function_gets_it_from_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    variables = {"TABLE_NAME": "sessions", "SESSION_LARGE_DATA_BUCKET": "large", "SESSION_LARGE_DATA_THRESHOLD": "2048"}

    assert SessionStore.from_environment(variables).max_data_bytes == MAX_LARGE_BYTES
    assert SessionStore.from_environment({"TABLE_NAME": "sessions"}).max_data_bytes == 399 * 1024
    assert LargeData.from_environment(variables).threshold == 2048
    with pytest.raises(StoreConfigurationError, match="SESSION_LARGE_DATA_THRESHOLD"):
        SessionStore.from_environment(variables | {"SESSION_LARGE_DATA_THRESHOLD": "many"})
