"""The time budget in full size: every method, real sockets, the real clock, all at the same time."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from functools import partial

import pytest

from local.embedded_aws import REGION
from local.ports import HOST, free_port
from session_store import SessionStore, StoreUnavailableError, Transport
from session_store.storage.deadline import DEADLINE_SECONDS
from session_store.testing import in_memory_store
from tests.support.methods import METHODS
from tests.support.scene import sign_in
from tests.support.servers import server

MARGIN = 1.0  # seconds; the machine may be busy


def silence(connection: socket.socket) -> None:
    """The request arrives, and no reply ever comes."""
    connection.settimeout(3600)
    with suppress(OSError):
        while connection.recv(65536):
            pass


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def garbage(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: 9\r\n\r\n{not JSON"
    )


def half_a_reply(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{")


def store_on(port: int, transport: Transport) -> SessionStore:
    return SessionStore("sessions", region_name=REGION, endpoint_url=f"http://{HOST}:{port}", transport=transport)


def time_of(call: Callable[[], object]) -> float:
    begun = time.monotonic()
    with suppress(StoreUnavailableError):
        call()
        raise AssertionError("a fault was taken for an answer")
    return time.monotonic() - begun


@pytest.mark.shows("T72", "A17")
@pytest.mark.parametrize("transport", [Transport.BOTOCORE, Transport.OWN])
def test_no_method_takes_longer_than_its_budget_on_real_sockets(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "any")
    with in_memory_store() as store:
        signed_in = sign_in(store)
    with ExitStack() as stack:
        servers = [stack.enter_context(server(behave)) for behave in (silence, reset, garbage, half_a_reply)]
        stores = [store_on(port, transport) for port in (*(each.port for each in servers), free_port())]
        calls = [partial(METHODS["validate"], store, signed_in) for store in stores]
        calls += [partial(method, stores[0], signed_in) for method in METHODS.values()]
        pool = stack.enter_context(ThreadPoolExecutor(len(calls)))
        seconds = list(pool.map(time_of, calls))

    assert max(seconds) < DEADLINE_SECONDS + MARGIN, seconds
    assert min(seconds) > DEADLINE_SECONDS / 2, seconds  # they did try again
