"""Servers that misbehave, with both transports: no fault where the SDK has none, and never a wrong value."""

from __future__ import annotations

import gzip
import os
import socket
import struct
import time
import traceback
from collections.abc import Callable, Iterator
from typing import Any, Final

import botocore.session
import pytest

from session_store import StoreUnavailableError
from session_store.aws.connection import Key, connect
from session_store.clock import SystemClock
from session_store.meter import Meter
from session_store.storage.clients import new_client
from session_store.storage.requests import Requests
from session_store.storage.sdk_client import prepare
from session_store.transport.replies import MAX_BYTES
from tests.support.servers import Server, http_reply, read_request, server

BODY: Final = b'{"Item": {"PK": {"S": "x"}, "SK": {"S": "y"}, "b": {"B": "AAEC"}}, "ConsumedCapacity": {}}'
SESSION: Final = botocore.session.Session()
KEY: Final = {"PK": {"S": "x"}, "SK": {"S": "y"}}
VALUE: Final = b"\0\1\2"
ROUNDS: Final = 5
LATEST: Final = 3.5  # seconds of one attempt, on a busy machine


def reply_with(*parts: bytes, then: Callable[[socket.socket], object] = lambda _: None, pause: float = 0) -> Any:
    """Answers each request of a connection with these parts. `then` may end the connection."""

    def behave(connection: socket.socket) -> None:
        while read_request(connection):
            for part in parts:
                connection.sendall(part)
                time.sleep(pause)
            then(connection)

    return behave


def reset(connection: socket.socket) -> None:
    time.sleep(0.01)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def close_later(connection: socket.socket) -> None:
    time.sleep(0.02)
    connection.close()


GOOD: Final = http_reply(BODY)
CHUNKED: Final = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)
HARMLESS: Final = {
    "kept open": reply_with(GOOD),
    "in pieces": reply_with(*(GOOD[at : at + 7] for at in range(0, len(GOOD), 7))),
    "continue first": reply_with(b"HTTP/1.1 100 Continue\r\n\r\n" + GOOD),
    "without a checksum": reply_with(GOOD.replace(b"x-amz-crc32", b"x-other")),
}
CLOSING: Final = {
    "closed after each reply": reply_with(GOOD, then=socket.socket.close),
    "closed a little later": reply_with(GOOD, then=close_later),
    "reset after each reply": reply_with(GOOD, then=reset),
    "closed by announcement": reply_with(http_reply(BODY, "Connection: close"), then=socket.socket.close),
}
# The SDK reads them, and the transport of our own leaves them to it.
UNREAD: Final = {
    "chunked": reply_with(CHUNKED),
    "HTTP/1.0": reply_with(http_reply(BODY, version="1.0"), then=socket.socket.close),
    "without a length": reply_with(b"HTTP/1.1 200 OK\r\n\r\n" + BODY, then=socket.socket.close),
}
NO_REPLIES: Final = {
    "closed before a reply": reply_with(then=socket.socket.close),
    "reset before a reply": reply_with(then=reset),
    "cut off": reply_with(GOOD[:-5], then=socket.socket.close),
    "cut off in its headers": reply_with(GOOD[:40], then=socket.socket.close),
    "more than announced": reply_with(http_reply(BODY, length=len(BODY) - 5)),
    "with two lengths": reply_with(http_reply(BODY, "Content-Length: 3")),
    "another checksum": reply_with(http_reply(BODY, checksum=1)),
    "less than announced": reply_with(http_reply(BODY[:-5], length=len(BODY))),
    "no HTTP": reply_with(b"\x16\x03\x01 what\r\n\r\n"),
    "a list": reply_with(http_reply(b"[]")),
    "no JSON": reply_with(http_reply(b"{not")),
    "500 with HTML": reply_with(http_reply(b"<html>Welcome to this hotel</html>", status="500 Oops")),
    "400 without a code": reply_with(http_reply(b"{}", status="400 Bad")),
    "a redirect": reply_with(http_reply(b"", "Location: http://127.0.0.1:9/", status="301 Moved")),
    "compressed, and not asked to be": reply_with(http_reply(b"\x1f\x8b", "Content-Encoding: gzip")),
    "a row that is a list": reply_with(http_reply(b'{"Item": [], "ConsumedCapacity": {}}')),
    "a row that is a text": reply_with(http_reply(b'{"Item": "", "ConsumedCapacity": {}}')),
    "a row without a key": reply_with(http_reply(b'{"Item": {}, "ConsumedCapacity": {}}')),
    "about another key": reply_with(http_reply(BODY.replace(b'"x"', b'"z"'))),
    "silence": reply_with(),
    "a header without end": reply_with(http_reply(BODY, "X-Long: " + "x" * 70_000)),
    "too many headers": reply_with(http_reply(BODY, *["X-More: yes"] * 101)),
}
# Each would let another program on the way, or the SDK, see another end of the reply than we do.
SMUGGLED: Final = {
    "also chunked": reply_with(http_reply(BODY, "Transfer-Encoding: chunked")),
    "chunked in other words": reply_with(http_reply(BODY, "Transfer-Encoding: identity, chunked")),
    "chunked behind a line that is no header": reply_with(http_reply(BODY, "no header", "Transfer-Encoding: chunked")),
    "with a space in its length's name": reply_with(http_reply(BODY, "Content-Length : 3")),
    "without content": reply_with(http_reply(BODY, status="204 No Content")),
    "hints first": reply_with(http_reply(b"", status="103 Early Hints") + GOOD),
    "another protocol": reply_with(http_reply(b"", status="101 Switching Protocols") + GOOD),
}


SLOW: Final = {
    "endless promises": reply_with(*[b"HTTP/1.1 100 Continue\r\n\r\n" * 1000] * 100, pause=0.02),
    "a byte at a time": reply_with(*(GOOD[at : at + 1] for at in range(len(GOOD))), pause=0.05),
    "a header at a time": reply_with(b"HTTP/1.1 200 OK\r\n", *[b"X-More: yes\r\n"] * 100, pause=0.05),
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)


@pytest.fixture
def served(request: pytest.FixtureRequest) -> Iterator[Server]:
    with server(request.param) as running:
        yield running


def behaving(behaviours: dict[str, Any]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("served", behaviours.values(), ids=behaviours, indirect=True)


def client_of(served: Server, transport: str = "own") -> Any:
    """A client as a store makes it. Those of the SDK share what they read of the service's model."""
    if transport == "own":
        return new_client("t", region_name="us-east-1", endpoint_url=served.url, transport=transport)
    key = Key("any", "any")
    client = connect("dynamodb", region_name="us-east-1", endpoint_url=served.url, key=key, session=SESSION)
    prepare(client)
    return client


def get(client: Any, *, attempts: int | None = 1, meter: Meter | None = None) -> Any:
    """The binary value of the row."""
    requests = Requests("t", client, SystemClock(), meter)
    return requests.send("GetItem", {"TableName": "t", "Key": KEY}, attempts)["Item"]["b"]["B"]


both = pytest.mark.parametrize("transport", ["botocore", "own"])


@both
@behaving(HARMLESS)
def test_a_server_that_gives_whole_replies_causes_no_fault(served: Server, transport: str) -> None:
    client = client_of(served, transport)

    assert [get(client) for _ in range(ROUNDS)] == [VALUE] * ROUNDS


@both
@behaving(CLOSING)
def test_a_connection_that_the_server_has_closed_is_not_used_again(served: Server, transport: str) -> None:
    client = client_of(served, transport)

    for _ in range(ROUNDS):
        assert get(client) == VALUE
        while served.connections[-1].fileno() >= 0:
            time.sleep(0.001)
    assert len(served.connections) == ROUNDS


@both
@behaving(NO_REPLIES)
def test_what_is_no_whole_reply_is_a_fault(served: Server, transport: str) -> None:
    begun = time.monotonic()

    with pytest.raises(StoreUnavailableError) as error:
        get(client_of(served, transport))

    assert time.monotonic() - begun < LATEST
    assert "hotel" not in "".join(traceback.format_exception(error.value))


def test_a_reply_that_is_cut_off_anywhere_is_none_in_another_form() -> None:
    ends, meter = iter(range(len(GOOD))), Meter()

    def cut_off(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(GOOD[: next(ends)])

    with server(cut_off) as served:
        client = client_of(served)
        for _ in GOOD:
            with pytest.raises(StoreUnavailableError):
                get(client, meter=meter)

    assert not meter.counts


@behaving(SMUGGLED)
def test_a_reply_that_can_be_read_in_two_ways_is_a_fault_and_its_connection_is_closed(served: Server) -> None:
    client = client_of(served)

    for connections in (1, 2):
        with pytest.raises(StoreUnavailableError):
            get(client)
        assert len(served.connections) == connections


@both
@behaving(UNREAD)
def test_a_reply_in_an_unusual_form_is_read_by_the_sdk(
    served: Server, transport: str, caplog: pytest.LogCaptureFixture
) -> None:
    client, meter = client_of(served, transport), Meter()

    assert [get(client, attempts=2, meter=meter) for _ in range(3)] == [VALUE] * 3
    assert meter.counts == ({} if transport == "botocore" else {"TransportLeft": 1})
    assert ("TransportLeft" in caplog.text) is (transport == "own")


def test_a_compressed_reply_is_counted_and_the_next_is_the_sdks(caplog: pytest.LogCaptureFixture) -> None:
    replies = [http_reply(gzip.compress(BODY), "Content-Encoding: gzip"), GOOD, GOOD]
    agents = []

    def answer(connection: socket.socket) -> None:
        while request := read_request(connection):
            agents.append(b"Botocore" in request)
            connection.sendall(replies[len(agents) - 1])

    meter = Meter()
    with server(answer) as served:
        client = client_of(served)
        assert [get(client, attempts=2, meter=meter), get(client)] == [VALUE] * 2

    assert agents == [False, True, True]
    assert meter.counts == {"TransportLeft": 1}
    assert "form=compressed" in caplog.text


@behaving(SLOW)
def test_a_server_that_drips_gains_no_time(served: Server) -> None:
    begun = time.monotonic()

    with pytest.raises(StoreUnavailableError):
        get(client_of(served))

    assert time.monotonic() - begun < LATEST


def test_a_server_that_answers_too_much_loses_its_connection_and_mixes_nothing_up() -> None:
    other = GOOD.replace(b"AAEC", b"////")
    with server(reply_with(GOOD + other)) as served:
        client = client_of(served)

        assert [get(client) for _ in range(ROUNDS)] == [VALUE] * ROUNDS
        assert len(served.connections) == ROUNDS


@pytest.mark.parametrize("length", [f"{MAX_BYTES + 1}", "0" * 20 + "9" * 15], ids=["plain", "behind zeros"])
def test_a_reply_larger_than_any_of_dynamodbs_is_not_read(length: str) -> None:
    reply = http_reply(BODY).replace(b"Content-Length: %d" % len(BODY), b"Content-Length: %b" % length.encode())
    with server(reply_with(reply)) as served:
        begun = time.monotonic()
        with pytest.raises(StoreUnavailableError):
            get(client_of(served))
        assert time.monotonic() - begun < 0.5


@both
@pytest.mark.parametrize(
    "reasons",
    [
        *("null", "[null]", '{"Code": 7}', '[{"Code": []}]'),
        '[{"Code": "ConditionalCheckFailed", "Item": {"PK": null}}]',
    ],
)
def test_a_refusal_in_another_form_than_dynamodbs_is_a_fault(reasons: str, transport: str) -> None:
    body = f'{{"__type": "TransactionCanceledException", "CancellationReasons": {reasons}}}'.encode()
    part = {"TableName": "t", "Key": KEY, "UpdateExpression": "any", "ConditionExpression": "any"}
    with server(reply_with(http_reply(body, status="400 Bad"))) as served:
        requests = Requests("t", client_of(served, transport), SystemClock())

        with pytest.raises(StoreUnavailableError):
            requests.send("TransactWriteItems", {"TransactItems": [{"Update": part}]}, 1)
