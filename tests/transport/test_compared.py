"""The server that holds the transport's requests and replies to the SDK's: it sees what differs."""

from __future__ import annotations

import json
from typing import Any

import botocore.session
import pytest

from session_store.transport import client
from session_store.transport.client import Client
from session_store.transport.replies import Reply
from tests.support.own_transport import Compared, target_of

PARAMETERS = {"TableName": "t", "Key": {"PK": {"S": "x"}}}
BODY = b'{"Item": {"b": {"B": "AAE="}}}'


class Always:
    """A server with one reply."""

    def exchange(self, _request: bytes) -> Reply:
        return Reply(200, BODY, keeps=True)


def ask(parameters: dict[str, Any] = PARAMETERS) -> dict[str, Any]:
    service = botocore.session.get_session().get_service_model("dynamodb")
    compared = Compared(Always(), service.operation_model("GetItem"), parameters)
    return Client(target_of("http://127.0.0.1"), compared).send("GetItem", parameters)


def test_equal_requests_and_replies_are_counted() -> None:
    before = Compared.compared

    assert ask() == {"Item": {"b": {"B": b"\0\1"}}}
    assert Compared.compared == before + 1


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("_encode", lambda _: '{"TableName": "other"}'),
        ("_decode", json.loads),  # without bytes
        ("_VERSION", "DynamoDB_20111205"),
        ("_FIRST_LINES", "GET / HTTP/1.1\r\n"),
    ],
)
def test_a_difference_is_an_error(name: str, other: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, name, other)

    with pytest.raises(AssertionError):
        ask()


def test_a_request_that_the_sdk_would_refuse_is_an_error() -> None:
    with pytest.raises(AssertionError, match="Missing required parameter"):
        ask({"TableName": "t"})
