"""TLS between a process and the cache: a server that is not the right one is told nothing."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from local.ports import HOST
from local.valkey import Running
from tests.support.authority import FAULTS, Authority
from tests.support.servers import server as serving
from tests.validation_cache.processes import HIT, MISS, Table

BYTES = 65536


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """The one authority that this process trusts."""
    authority = Authority.new()
    authority.trusted_alone(tmp_path, monkeypatch)
    return authority


@contextmanager
def _in_front_of(running: Running, context: ssl.SSLContext) -> Iterator[tuple[int, list[bytes]]]:
    """The port of a server with TLS that passes on to a real one, and what has come through."""
    passed: list[bytes] = []

    def behave(plain: socket.socket) -> None:
        with (
            suppress(ssl.SSLError),
            context.wrap_socket(plain, server_side=True) as connection,
            socket.create_connection((HOST, running.port)) as behind,
        ):
            while received := connection.recv(BYTES):
                passed.append(received)
                behind.sendall(received)
                connection.sendall(behind.recv(BYTES))

    with serving(behave) as front:
        yield front.port, passed


def test_the_right_server_answers_over_tls(server: Running, table: Table, authority: Authority, tmp_path: Path) -> None:
    with _in_front_of(server, authority.context(tmp_path)) as (port, passed):
        process = table.process(port, host="localhost", tls=True)
        created = process.store.create_session("ana")

        assert [process.validate(created.token), process.validate(created.token)] == [MISS, HIT]
        assert table.seconds_of(lambda: process.store.end_session(created.session)) == 0
        assert process.refuses(created.token)
        assert process.faults == 0
        assert passed


@pytest.mark.parametrize("fault", FAULTS)
def test_a_server_whose_certificate_is_not_good_is_told_nothing(
    server: Running, table: Table, authority: Authority, tmp_path: Path, fault: str
) -> None:
    with _in_front_of(server, authority.faulty_context(tmp_path, fault)) as (port, passed):
        process = table.process(port, host="localhost", tls=True)
        created = process.store.create_session("ana")

        assert process.validate(created.token) is MISS
        assert process.faults == 1
        assert table.seconds_of(lambda: process.store.end_session(created.session)) == 5
        assert passed == []
