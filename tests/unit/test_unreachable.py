"""A client that cannot be made, an endpoint that cannot be reached: the message says what to look at."""

from __future__ import annotations

import traceback

import pytest

from session_store import SessionStore, StoreConfigurationError, StoreUnavailableError
from session_store.testing import MovableClock

SECRET = "hunter2"


def why_not(**arguments: str) -> str:
    with pytest.raises(StoreConfigurationError) as error:
        SessionStore("sessions", **arguments)  # type: ignore[arg-type]
    return str(error.value)


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)


def test_no_region_says_where_to_set_one() -> None:
    assert "set region_name or AWS_DEFAULT_REGION" in why_not()


def test_a_region_that_is_none_is_named() -> None:
    assert "'mars 1' is no region's name: check region_name" in why_not(region_name="mars 1")


def test_an_endpoint_that_is_no_url_says_so() -> None:
    assert "check endpoint_url" in why_not(region_name="us-east-1", endpoint_url="localhost")


def test_a_profile_that_does_not_exist_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")

    assert "no AWS profile 'no-such-profile'" in why_not(region_name="us-east-1")


def test_an_endpoint_where_nothing_listens_is_named_without_the_credentials_in_it() -> None:
    url = f"http://user:{SECRET}@127.0.0.1:9/path"
    store = SessionStore("sessions", region_name="us-east-1", endpoint_url=url, clock=MovableClock())

    with pytest.raises(StoreUnavailableError) as error:
        store.get_session("anything")

    assert str(error.value) == "Query: DynamoDB could not be reached at 127.0.0.1:9; try again"
    assert SECRET not in "".join(traceback.format_exception(error.value))
