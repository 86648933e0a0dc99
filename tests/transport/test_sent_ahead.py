"""A child and its root are read beside each other without a thread: both requests are sent before a reply is read."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import Mock
from urllib.parse import urlsplit

import pytest

from local.embedded_aws import REGION
from local.ports import HOST, free_port
from session_store import InvalidTokenError, SessionStore, StoreUnavailableError, Transport
from session_store.storage import beside
from tests.support.engines import DYNOXIDE, Engine
from tests.support.scene import Scene, SignedIn, new_scene, sign_in
from tests.support.scenes import running
from tests.support.servers import Server, http_reply, read_request, server

Change = Callable[[bytes], bytes]


class Relay:
    """Passes requests on to an engine, and replies back, but for changed ones."""

    def __init__(self, engine_url: str) -> None:
        self._address = (HOST, urlsplit(engine_url).port)
        self.requests: list[bytes] = []
        self.changes: dict[str, list[Change]] = {}  # by the operation, for its next replies

    def serve(self, connection: socket.socket) -> None:
        with socket.create_connection(self._address) as engine:
            while request := read_request(connection):
                changes = self.changes.get(operation_of(request))
                change = changes.pop(0) if changes else bytes
                self.requests.append(request)
                engine.sendall(request)
                reply = change(read_request(engine) or b"")  # a reply has its length in the same place
                if not reply:
                    return
                connection.sendall(reply)


def operation_of(request: bytes) -> str:
    return request.partition(b"DynamoDB_20120810.")[2].partition(b"\r")[0].decode()


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    yield from running(DYNOXIDE)


@pytest.fixture
def scene(engine: Engine) -> Iterator[Scene]:
    with new_scene(engine) as scene:
        yield scene


@pytest.fixture
def signed_in(scene: Scene) -> SignedIn:
    return sign_in(scene.another_store())


@pytest.fixture
def relay(engine: Engine) -> Relay:
    return Relay(str(engine.endpoint_url))


@pytest.fixture
def served(relay: Relay) -> Iterator[Server]:
    with server(relay.serve) as running:
        yield running


@pytest.fixture
def store(scene: Scene, served: Server) -> SessionStore:
    return own_store(scene, served.url)


def own_store(scene: Scene, url: str) -> SessionStore:
    return SessionStore(
        scene.table_name, region_name=REGION, endpoint_url=url, transport=Transport.OWN, clock=scene.clock
    )


def chunked(reply: bytes) -> bytes:
    body = reply.partition(b"\r\n\r\n")[2]
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)


def throttled(_: bytes) -> bytes:
    return http_reply(b'{"__type": "ThrottlingException"}', status="400 Bad Request")


def test_two_connections_do_in_the_place_of_a_thread(
    store: SessionStore, signed_in: SignedIn, relay: Relay, served: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beside, "Beside", Mock(side_effect=AssertionError))

    for _ in range(3):
        assert store.validate(signed_in.child_token, child=True).session_id == signed_in.id

    assert sorted(map(operation_of, relay.requests)) == ["GetItem"] * 3 + ["Query"] * 3
    assert len(served.connections) == 2


@pytest.mark.parametrize("operation", ["GetItem", "Query"])
@pytest.mark.parametrize("change", [lambda _: b"", throttled, chunked], ids=["no reply", "throttled", "chunked"])
def test_a_fault_of_one_of_them_is_asked_again(
    store: SessionStore, signed_in: SignedIn, relay: Relay, change: Change, operation: str
) -> None:
    relay.changes[operation] = [change]

    assert store.validate(signed_in.child_token, child=True).session_id == signed_in.id

    assert [operation_of(request) for request in relay.requests[2:]] == [operation]
    assert (b"Botocore" in relay.requests[2]) is (change is chunked)
    assert store.validate(signed_in.child_token, child=True).session_id == signed_in.id


@pytest.mark.filterwarnings("error::ResourceWarning")
@pytest.mark.parametrize("operation", ["GetItem", "Query"])
def test_a_fault_that_lasts_is_unavailable(
    store: SessionStore, signed_in: SignedIn, relay: Relay, operation: str
) -> None:
    relay.changes[operation] = [lambda _: b""] * 100

    with pytest.raises(StoreUnavailableError):
        store.validate(signed_in.child_token, child=True)


def test_without_a_server_it_is_unavailable(scene: Scene, signed_in: SignedIn) -> None:
    with pytest.raises(StoreUnavailableError, match="could not be reached"):
        own_store(scene, f"http://{HOST}:{free_port()}").validate(signed_in.child_token, child=True)


def test_a_request_ahead_that_takes_all_the_time_leaves_none_for_another(
    scene: Scene, store: SessionStore, signed_in: SignedIn, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_up = socket.getaddrinfo

    def slowly(*args: Any, **named: Any) -> Any:
        scene.clock.advance(3)
        return look_up(*args, **named)

    monkeypatch.setattr(socket, "getaddrinfo", slowly)
    with pytest.raises(StoreUnavailableError, match="Query: no time was left"):
        store.validate(signed_in.child_token, child=True)

    assert "Query" not in map(operation_of, relay.requests)


def test_a_reply_that_came_meanwhile_counts_however_long_the_other_took(
    scene: Scene, store: SessionStore, signed_in: SignedIn, relay: Relay
) -> None:
    def late(reply: bytes) -> bytes:
        scene.clock.advance(3)
        return reply

    relay.changes["Query"] = [late]

    assert store.validate(signed_in.child_token, child=True).session_id == signed_in.id


def test_a_child_or_a_root_that_is_gone_is_refused(scene: Scene, store: SessionStore, signed_in: SignedIn) -> None:
    scene.delete_session_row(signed_in.id)

    with pytest.raises(InvalidTokenError):
        store.validate(signed_in.child_token, child=True)
