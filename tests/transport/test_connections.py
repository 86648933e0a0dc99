"""Kept connections: one for each thread, none that may be dead, and none shared with a forked process."""

from __future__ import annotations

import gc
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from unittest.mock import Mock

import pytest

from local.paths import ROOT
from local.ports import HOST
from session_store.transport import CONNECT_TIMEOUT
from session_store.transport.client import Client
from session_store.transport.connections import MAX_IDLE_SECONDS, Connections
from session_store.transport.faults import NoReplyError, NotSentError
from tests.support.own_transport import own_client, target_of
from tests.support.servers import Server, http_reply, read_request, server

PROGRAM = """
import sys, time
from tests.support.own_transport import own_client

client, real, later = own_client(sys.argv[1]), time.time, 0.0
time.time = lambda: real() + later
for line in sys.stdin:
    later += float(line)
    print(client.send("GetItem", {}), flush=True)
"""

GIVEN_UP = """
import sys
from session_store.transport.client import Client
from session_store.transport.connections import Connections
from session_store.transport.faults import NoReplyError
from session_store.transport.plain import plain_target

target = plain_target("any", "us-east-1", sys.argv[1], {"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any"})
client = Client(target, Connections(target.host, target.port))
for _ in range(2):
    try:
        client.send("GetItem", {})
    except NoReplyError as error:
        print(error)
"""


def echo(connection: socket.socket) -> None:
    """Answers each request with what it asks for."""
    while request := read_request(connection):
        connection.sendall(_echoed(request))


def steady(connection: socket.socket) -> None:
    """Gives the same reply to all requests, which are small enough to come in one piece."""
    reply = http_reply(b'{"Item": {"number": {"N": "1"}}}')
    while connection.recv(65536):
        connection.sendall(reply)


def once(connection: socket.socket) -> None:
    """Answers one request. Those after it get lost, as where a gateway has forgotten the connection."""
    read_request(connection)
    connection.sendall(http_reply(b"{}"))
    while read_request(connection):
        pass


def erratic(connection: socket.socket) -> None:
    """Echoes, but for some requests: closes, cuts off, or answers later than any caller waits."""
    chosen = random.Random()
    while request := read_request(connection):
        what = chosen.random()
        if what < 0.02:
            return
        if what < 0.04:
            connection.sendall(_echoed(request)[: chosen.randrange(1, 150)])
            return
        if what < 0.041:
            time.sleep(1.2)
        connection.sendall(_echoed(request))
        if what > 0.97:
            return


def _echoed(request: bytes) -> bytes:
    asked = json.loads(request.partition(b"\r\n\r\n")[2])
    return http_reply(json.dumps({"Item": asked, "padding": "x" * random.randrange(5000)}).encode())


def used(served: Server) -> int:
    return len(served.connections)


def test_threads_have_a_connection_each() -> None:
    with server(echo) as served, ThreadPoolExecutor(8) as pool:
        client = own_client(served.url)

        replies = list(pool.map(lambda number: client.send("GetItem", {"number": number}), range(400)))

        assert [reply["Item"]["number"] for reply in replies] == list(range(400))
        assert used(served) <= 8


def test_16_threads_on_an_erratic_server_mix_no_replies_up() -> None:
    with server(erratic) as served, ThreadPoolExecutor(16) as pool:
        client = own_client(served.url)

        def ask(number: int) -> int | None:
            with suppress(NoReplyError, NotSentError):
                return int(client.send("GetItem", {"number": number})["Item"]["number"])
            return None

        answers = list(pool.map(ask, range(3200)))

    assert all(answer in {None, number} for number, answer in enumerate(answers))
    assert answers.count(None) < len(answers) / 5


@pytest.mark.parametrize(("seconds", "connections"), [(MAX_IDLE_SECONDS - 1, 1), (MAX_IDLE_SECONDS + 1, 2), (-1, 2)])
def test_a_connection_that_was_idle_for_a_minute_by_any_clock_is_not_used_again(
    seconds: float, connections: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = time.time
    with server(echo) as served:
        client = own_client(served.url)
        client.send("GetItem", {})
        monkeypatch.setattr(time, "time", lambda: real() + seconds)
        client.send("GetItem", {})

        assert used(served) == connections


def test_a_reply_that_does_not_come_ends_all_idle_connections() -> None:
    together = threading.Barrier(2)

    def meet(connection: socket.socket) -> None:
        read_request(connection)
        together.wait()
        connection.sendall(http_reply(b"{}"))
        if read_request(connection):
            connection.close()  # one of the two; the other is idle meanwhile

    with server(meet) as served, ThreadPoolExecutor(2) as pool:
        client = own_client(served.url)
        list(pool.map(lambda _: client.send("GetItem", {}), range(2)))
        with pytest.raises(NoReplyError):
            client.send("GetItem", {})
        list(pool.map(lambda _: client.send("GetItem", {}), range(2)))

        assert used(served) == 4


@pytest.mark.parametrize("step", ["getaddrinfo", "socket"], ids=["no address", "no descriptor left"])
def test_without_a_connection_nothing_is_sent(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with server(echo) as served:
        client = own_client(served.url)
        with monkeypatch.context() as broken:
            broken.setattr(socket, step, Mock(side_effect=OSError))
            with pytest.raises(NotSentError, match=f"no connection to {HOST}:"):
                client.send("GetItem", {})

        assert client.send("GetItem", {"number": 7})["Item"]["number"] == 7
        assert used(served) == 1


@pytest.mark.parametrize("reply", [http_reply(b"", status="301 Moved"), b"HTTP/1.1 200 OK\r\nContent-"])
def test_a_reply_that_is_given_up_leaves_no_complaint_in_the_log(reply: bytes) -> None:
    def answer(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(reply)

    with server(answer) as served:
        command = [sys.executable, "-X", "dev", "-c", GIVEN_UP, served.url]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.stdout.startswith("it")
    assert done.stderr == ""


def test_a_server_that_takes_no_connection_gets_no_more_time_than_connecting_has() -> None:
    with socket.create_server((HOST, 0), backlog=0) as full, ExitStack() as waiting:
        address = full.getsockname()
        for _ in range(3):  # the queue is full: further ones get no answer
            opened = waiting.enter_context(socket.socket())
            opened.setblocking(False)
            opened.connect_ex(address)
        begun = time.monotonic()
        with pytest.raises(NotSentError):
            own_client(f"http://{HOST}:{address[1]}").send("GetItem", {})

        assert CONNECT_TIMEOUT <= time.monotonic() - begun < CONNECT_TIMEOUT + 0.5


def test_a_forked_process_has_connections_of_its_own() -> None:
    with server(echo) as served:
        client = own_client(served.url)
        client.send("GetItem", {})
        child = os.fork()
        if child == 0:
            os._exit(int(client.send("GetItem", {"number": 7})["Item"]["number"]))
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
        assert client.send("GetItem", {"number": 8})["Item"]["number"] == 8

        assert used(served) == 2


def test_no_thread_of_a_forked_process_finds_a_connection_of_its_parent() -> None:
    class Watched(Connections):
        """Another thread asks just when the first one gives the parent's connections up."""

        def close(self) -> None:
            if os.getpid() != parent and not asked:
                asked.append(True)
                with ThreadPoolExecutor(1) as pool:
                    pool.submit(self.exchange, request).result()
            super().close()

    parent, asked = os.getpid(), list[bool]()
    with server(echo) as served:
        target = target_of(served.url)
        watched = Watched(target.host, target.port)
        request = Client(target, watched).request("GetItem", {})
        watched.exchange(request)
        child = os.fork()
        if child == 0:
            try:
                watched.exchange(request)
            finally:
                os._exit(len(asked))
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1

        assert used(served) == 3


@pytest.mark.parametrize("calls", [2_000, pytest.param(50_000, marks=pytest.mark.proof)])
def test_calls_leave_no_memory_and_no_descriptor_behind(calls: int) -> None:
    with server(steady) as served:
        client = own_client(served.url)

        def use(times: int) -> tuple[int, int]:
            for _ in range(times):
                client.send("GetItem", {})
            gc.collect()
            return sys.getallocatedblocks(), len(list(Path("/dev/fd").iterdir()))

        blocks, descriptors = use(500)
        blocks_later, descriptors_later = use(calls)

        assert used(served) == 1
    assert blocks_later < blocks + 200
    assert descriptors_later <= descriptors  # a server of a test before this one may have ended meanwhile


def test_a_process_that_was_frozen_for_two_minutes_connects_anew() -> None:
    with server(once) as served, running(served) as process:
        assert ask(process, 0) == "{}"
        process.send_signal(signal.SIGSTOP)
        process.send_signal(signal.SIGCONT)
        begun = time.monotonic()

        assert ask(process, 120) == "{}"
        assert time.monotonic() - begun < 0.9  # it has not waited in vain for the old connection
        assert used(served) == 2


def running(served: Server) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PROGRAM, served.url]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def ask(process: subprocess.Popen[str], seconds_later: float) -> str:
    assert process.stdin
    assert process.stdout
    print(seconds_later, file=process.stdin, flush=True)
    return process.stdout.readline().strip()
