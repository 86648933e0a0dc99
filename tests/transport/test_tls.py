"""TLS: a server that is not the right one gets no request, and a slow handshake no more time than an attempt has."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from session_store import SessionStore, StoreConfigurationError, StoreUnavailableError, Transport
from session_store.testing import MovableClock
from session_store.transport.connections import Connections
from session_store.transport.faults import NoReplyError, NotSentError
from session_store.transport.tls import system_context
from tests.support.authority import FAULTS, Authority
from tests.support.servers import http_reply, read_request, server

LATEST = 1.9  # seconds of an attempt, and some
NOTHING = b'{"Items": []}'


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority.new()


@pytest.fixture(autouse=True)
def environment(authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A system that trusts that authority alone."""
    authority.trusted_alone(tmp_path, monkeypatch)
    system_context.cache_clear()
    yield
    system_context.cache_clear()


@contextmanager
def serving(context: ssl.SSLContext, host: str = "localhost") -> Iterator[tuple[SessionStore, list[bytes]]]:
    """A store on a server with TLS, and the requests that have come."""
    requests: list[bytes] = []

    def behave(plain: socket.socket) -> None:
        with suppress(ssl.SSLError), context.wrap_socket(plain, server_side=True) as connection:
            while request := read_request(connection):
                requests.append(request)
                connection.sendall(http_reply(NOTHING))

    with server(behave) as served:
        yield store_at(f"https://{host}:{served.port}"), requests


def store_at(url: str) -> SessionStore:
    return SessionStore("t", region_name="us-east-1", endpoint_url=url, transport=Transport.OWN, clock=MovableClock())


def test_the_right_server_is_asked_on_one_connection(authority: Authority, tmp_path: Path) -> None:
    with serving(authority.context(tmp_path)) as (store, requests):
        for _ in range(3):
            assert store.get_session("any") is None
        assert len(requests) == 3
        assert b"host: localhost:" in requests[0]


def test_the_authorities_are_read_when_the_store_is_made_and_not_in_the_first_request(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To read 128 of them takes a small function long."""
    with serving(authority.context(tmp_path)) as (store, _):
        Authority.new().trusted_alone(tmp_path, monkeypatch)
        assert store.get_session("any") is None


@pytest.mark.parametrize("fault", FAULTS)
def test_a_server_whose_certificate_is_not_good_gets_no_request(
    authority: Authority, tmp_path: Path, fault: str
) -> None:
    with serving(authority.faulty_context(tmp_path, fault)) as (store, requests):
        with pytest.raises(StoreConfigurationError, match=r"the certificate of localhost:\d+ cannot be verified"):
            store.get_session("any")
        assert not requests


def test_a_name_in_the_subject_alone_is_none(authority: Authority, tmp_path: Path) -> None:
    with serving(authority.context(tmp_path, alone=True)) as (store, requests):
        with pytest.raises(StoreConfigurationError, match="cannot be verified"):
            store.get_session("any")
        assert not requests


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
def test_a_server_with_an_outdated_version_of_tls_gets_no_request(authority: Authority, tmp_path: Path) -> None:
    context = authority.context(tmp_path)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with serving(context) as (store, requests):
        with pytest.raises(StoreUnavailableError, match="could not be reached"):
            store.get_session("any")
        assert not requests


def test_a_server_that_reads_slowly_gains_no_time(authority: Authority, tmp_path: Path) -> None:
    context = authority.context(tmp_path)

    def sip(plain: socket.socket) -> None:
        with suppress(ssl.SSLError), context.wrap_socket(plain, server_side=True) as connection:
            while connection.recv(16384):
                time.sleep(0.01)

    with server(sip) as served:
        begun = time.monotonic()
        with pytest.raises(NoReplyError):
            Connections("localhost", served.port, system_context()).exchange(bytes(8_000_000))
        assert time.monotonic() - begun < LATEST


def test_a_handshake_that_never_ends_takes_no_longer_than_an_attempt() -> None:
    done = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.recv(65536)
        for byte in b"\x16\x03\x03\x40\x00" + bytes(1000):
            connection.sendall(bytes([byte]))
            if done.wait(0.05):
                return

    with server(drip) as served:
        begun = time.monotonic()
        with pytest.raises(NotSentError):
            Connections("localhost", served.port, system_context()).exchange(b"any")
        assert time.monotonic() - begun < LATEST
        done.set()
