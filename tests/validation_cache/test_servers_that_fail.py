"""Servers that are killed, paused, full or slow, or talk rubbish: no call fails, and an end is an end."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from valkey import Valkey

from local.ports import HOST, free_port
from local.valkey import Running, valkey_server
from tests.support.servers import Server, server
from tests.validation_cache.processes import HIT, MISS, Process, Table

pytestmark = pytest.mark.usefixtures("valkey")


def _with_a_session(table: Table, port: int) -> tuple[Process, Process, str]:
    """Two processes and the token of a session that the cache has."""
    one, other = table.process(port), table.process(port)
    token = one.store.create_session("ana").token
    assert [one.validate(token), other.validate(token)] == [MISS, HIT]
    return one, other, token


def test_without_a_server_the_table_answers_and_an_end_waits(table: Table) -> None:
    process = table.process(free_port())
    created = process.store.create_session("ana")

    assert process.validate(created.token) is MISS
    assert table.seconds_of(lambda: process.store.end_session(created.session)) == 5
    assert process.refuses(created.token)
    assert process.faults > 0


def test_a_save_waits_for_no_server(table: Table) -> None:
    process = table.process(free_port())
    created = process.store.create_session("ana")

    assert table.seconds_of(lambda: process.store.update_data(created.session, {"cart": 1})) == 0
    assert process.store.validate(created.token).data == {"cart": 1}


@pytest.mark.shows("T141")
def test_a_server_that_was_killed_and_comes_back_empty_is_used_again(table: Table) -> None:
    with valkey_server() as running:
        one, other, token = _with_a_session(table, running.port)
        session = one.store.validate(token)
    assert [other.validate(token), one.validate(token)] == [MISS, MISS]
    another = one.store.create_session("ana").token
    assert table.seconds_of(lambda: one.store.end_session(session)) == 5

    with valkey_server(port=running.port):
        table.clock.advance(5)
        assert other.refuses(token)
        assert [one.validate(another), one.validate(another)] == [MISS, HIT]


@contextmanager
def _paused(running: Running) -> Iterator[None]:
    running.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        running.process.send_signal(signal.SIGCONT)


@pytest.mark.shows("T141")
def test_a_paused_server_brings_nothing_back_when_it_goes_on(table: Table) -> None:
    with valkey_server() as running:
        one, other, token = _with_a_session(table, running.port)
        session = one.store.validate(token)
        with _paused(running):
            assert other.validate(token) is MISS
            assert table.seconds_of(lambda: one.store.end_session(session)) == 5

        assert other.refuses(token)
        assert table.process(running.port).refuses(token)


@pytest.mark.shows("T141")
def test_a_full_server_gives_no_hits_and_takes_every_end(table: Table) -> None:
    with valkey_server() as running, Valkey(port=running.port) as admin:
        one, other, token = _with_a_session(table, running.port)
        admin.config_set("maxmemory", 1)
        full = one.store.create_session("ben")

        assert other.validate(token) is HIT
        assert [one.validate(full.token), one.validate(full.token)] == [MISS, MISS]
        session = other.store.validate(token)
        assert table.seconds_of(lambda: one.store.end_session(session)) == 0
        assert other.refuses(token)
        assert one.faults == other.faults == 0


@contextmanager
def _slow(port: int, seconds: float) -> Iterator[Server]:
    """A way to a server on which each answer comes late."""

    def behave(connection: socket.socket) -> None:
        with socket.create_connection((HOST, port)) as behind:
            while received := connection.recv(65536):
                behind.sendall(received)
                answer = behind.recv(65536)
                time.sleep(seconds)
                connection.sendall(answer)

    with server(behave) as running:
        yield running


def test_a_slow_server_is_left_alone_after_three_faults(table: Table) -> None:
    with valkey_server() as running, _slow(running.port, 0.2) as slow:
        process = table.process(slow.port)
        created = process.store.create_session("ana")
        assert [process.validate(created.token) for _ in range(9)] == [MISS] * 9

        assert process.faults == len(slow.connections) == 3
        assert table.seconds_of(lambda: process.store.end_session(created.session)) == 5
        assert len(slow.connections) > 3  # an end tries it all the same


def test_a_server_of_another_kind_is_a_fault_and_no_error(table: Table) -> None:
    with server(lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as other_kind:
        process = table.process(other_kind.port)
        created = process.store.create_session("ana")

        assert process.validate(created.token) is MISS
        assert table.seconds_of(lambda: process.store.end_session(created.session)) == 5


def test_a_server_without_tls_is_not_talked_to_in_the_clear(table: Table) -> None:
    with valkey_server() as running:
        process = table.process(running.port, tls=True)
        created = process.store.create_session("ana")

        assert process.validate(created.token) is MISS
        assert process.faults == 1
        assert table.seconds_of(lambda: process.store.end_session(created.session)) == 5


def test_credentials_that_cannot_be_had_are_a_fault(table: Table) -> None:
    class Nothing:
        def get_credentials(self) -> tuple[str, str]:
            raise LookupError

    process = table.process(free_port(), credentials=Nothing())
    created = process.store.create_session("ana")

    assert process.validate(created.token) is MISS
    assert table.seconds_of(lambda: process.store.end_session(created.session)) == 5
