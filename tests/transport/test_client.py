"""Requests and replies of the transport as they go over the network."""

from __future__ import annotations

from typing import Any

import pytest

from session_store.transport.client import Client
from session_store.transport.faults import NoReplyError, ReplyError
from session_store.transport.replies import Reply
from tests.support.own_transport import target_of

TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"


class Recorder:
    """A server that keeps what it is sent."""

    def __init__(self, body: bytes = b"{}", status: int = 200) -> None:
        self.reply = Reply(status, body, keeps=True)
        self.sent = b""

    def exchange(self, request: bytes) -> Reply:
        self.sent = request
        return self.reply


def send(server: Recorder, **parameters: Any) -> dict[str, Any]:
    return Client(target_of("http://127.0.0.1"), server).send("GetItem", parameters)


@pytest.mark.parametrize("function", ["validate", None])
def test_a_functions_trace_is_passed_on(function: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_LAMBDA_FUNCTION_NAME", raising=False)
    monkeypatch.setenv("_X_AMZN_TRACE_ID", TRACE)
    if function:
        monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", function)
    server = Recorder()
    send(server)

    assert (f"\r\nx-amzn-trace-id: {TRACE}\r\n".encode() in server.sent) is bool(function)
    assert b"x-amzn-trace-id;" not in server.sent  # not signed, because X-Ray may change it


@pytest.mark.parametrize("trace", ["Root=1\r\nhost: example.com\r\n\r\n", "Root=\udcff\u2028", "\x7f\x1b"])
def test_a_trace_adds_no_header(trace: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "validate")
    monkeypatch.setenv("_X_AMZN_TRACE_ID", trace)
    server = Recorder()
    send(server)

    head = server.sent.partition(b"\r\n\r\n")[0].decode("ascii")
    assert head.count("\r\nhost: ") == 1
    assert all(line.isprintable() for line in head.split("\r\n"))


def test_binary_values_are_bytes_in_all_places() -> None:
    server = Recorder(b'{"Item": {"B": {"B": "AAE="}, "m": {"M": {"B": {"S": "x"}, "BS": {"BS": ["AA=="]}}}}}')

    reply = send(server, Key={"B": {"B": b"\0\1"}, "l": {"L": [{"B": bytearray(b"\0")}]}})

    assert reply == {"Item": {"B": {"B": b"\0\1"}, "m": {"M": {"B": {"S": "x"}, "BS": {"BS": [b"\0"]}}}}}
    assert server.sent.endswith(b'{"Key":{"B":{"B":"AAE="},"l":{"L":[{"B":"AA=="}]}}}')


@pytest.mark.parametrize("value", [object(), {1, 2}, b"".join])
def test_a_value_that_is_none_of_dynamodbs_is_not_sent(value: object) -> None:
    server = Recorder()

    with pytest.raises(TypeError, match="is no value of DynamoDB's"):
        send(server, Key=value)
    assert not server.sent


@pytest.mark.parametrize("body", [b'{"Item": {"a": {"B": 7}}}', b'{"Item": {"a": {"BS": "AA=="}}}', b"[" * 100_000])
def test_a_body_in_another_form_is_no_reply(body: bytes) -> None:
    with pytest.raises(NoReplyError):
        send(Recorder(body))


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ('"com.amazonaws.dynamodb.v20120810#ThrottlingException"', "ThrottlingException"),
        ('"ThrottlingException:http://internal.amazon.com/coral/"', "ThrottlingException"),
        ('"ThrottlingException"', "ThrottlingException"),
        ("7", ""),
    ],
)
def test_an_error_has_a_code_and_its_message_quotes_nothing(kind: str, code: str) -> None:
    body = f'{{"__type": {kind}, "message": "secret", "Item": {{"a": {{"B": "AAE="}}}}}}'.encode()

    with pytest.raises(ReplyError) as error:
        send(Recorder(body, 400))

    assert (error.value.code, error.value.status) == (code, 400)
    assert error.value.body["Item"] == {"a": {"B": b"\0\1"}}
    assert "secret" not in str(error.value)
