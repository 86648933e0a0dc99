"""Servers that behave as they are told, on connections that a test can count."""

from __future__ import annotations

import socket
import threading
from binascii import crc32
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from local.ports import HOST

Behave = Callable[[socket.socket], None]
"""Serves one connection, which is closed afterwards."""


@dataclass
class Server:
    """A running server."""

    port: int
    connections: list[socket.socket] = field(default_factory=list)  # all that there were

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"


@contextmanager
def server(behave: Behave) -> Iterator[Server]:
    """A server that treats every connection alike, in a thread each."""

    def serve(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            behave(connection)

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                running.connections.append(connection)
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

    with socket.create_server((HOST, 0), backlog=128) as listener:
        running = Server(listener.getsockname()[1])
        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield running
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()


def read_request(connection: socket.socket) -> bytes | None:
    """The next whole request, None when the client has closed the connection."""
    received = b""
    while b"\r\n\r\n" not in received:
        more = connection.recv(65536)
        if not more:
            return None
        received += more
    head, _, body = received.partition(b"\r\n\r\n")
    (length,) = (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def http_reply(
    body: bytes,
    *headers: str,
    status: str = "200 OK",
    version: str = "1.1",
    length: int | None = None,
    checksum: int | None = None,
) -> bytes:
    """A reply as DynamoDB sends it, but for what is given."""
    lines = [
        f"HTTP/{version} {status}",
        "Content-Type: application/x-amz-json-1.0",
        f"Content-Length: {len(body) if length is None else length}",
        f"x-amz-crc32: {crc32(body) if checksum is None else checksum}",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body
