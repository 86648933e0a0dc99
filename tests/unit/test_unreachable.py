"""A client that cannot be made, an endpoint that cannot be reached: the message says what to look at."""

from __future__ import annotations

import traceback
from typing import Any

import pytest

from session_store import SessionStore, StoreConfigurationError, StoreUnavailableError
from session_store.testing import MovableClock

SECRET = "hunter2"


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)


@pytest.mark.parametrize(
    ("arguments", "profile", "said"),
    [
        ({}, None, "set region_name or AWS_DEFAULT_REGION"),
        ({"region_name": "mars 1"}, None, "'mars 1' is no region's name: check region_name"),
        ({"table_name": "arn:aws:dynamodb:mars_1:111111111111:table/t"}, None, "'mars_1' is no region's name"),
        ({"region_name": "us-east-1", "endpoint_url": "localhost"}, None, "check endpoint_url"),
        ({"region_name": "us-east-1"}, "no-such-profile", "no AWS profile 'no-such-profile'"),
    ],
    ids=["no region", "no such region", "no such region in the table's ARN", "no URL", "no such profile"],
)
def test_a_client_that_cannot_be_made_says_what_to_look_at(
    arguments: dict[str, Any], profile: str | None, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if profile:
        monkeypatch.setenv("AWS_PROFILE", profile)
    with pytest.raises(StoreConfigurationError) as error:
        SessionStore(**{"table_name": "sessions"} | arguments)
    assert said in str(error.value)


def test_an_endpoint_where_nothing_listens_is_named_without_the_credentials_in_it() -> None:
    url = f"http://user:{SECRET}@127.0.0.1:9/path"
    store = SessionStore("sessions", region_name="us-east-1", endpoint_url=url, clock=MovableClock())

    with pytest.raises(StoreUnavailableError) as error:
        store.get_session("anything")

    assert str(error.value) == "Query: DynamoDB could not be reached at 127.0.0.1:9; try again"
    assert SECRET not in "".join(traceback.format_exception(error.value))
