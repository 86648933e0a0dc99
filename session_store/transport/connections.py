"""Connections to one server. An attempt has one deadline: to connect, for TLS, and for a server that sends slowly.

Only the look-up of the host's name cannot be cut short. The system's resolver has time limits of its own.
"""

from __future__ import annotations

import io
import os
import select
import socket
import time
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from session_store.transport import CONNECT_TIMEOUT, READ_TIMEOUT
from session_store.transport.faults import NoReplyError, NotSentError, UntrustedError
from session_store.transport.replies import read_reply

if TYPE_CHECKING:
    from collections.abc import Callable
    from ssl import SSLContext

    from session_store.transport.replies import Reply

MAX_IDLE_SECONDS: Final = 60.0
"""By the wall clock, which goes on while Lambda freezes a sandbox. Gateways and load balancers forget connections."""
_KEPT: Final = 10  # as many as botocore keeps, and as the store uses side by side
_BUFFER: Final = 64 * 1024


class Begun(NamedTuple):
    """A request that was sent.

    Attributes:
        read: reads its reply, and raises what `Connections.exchange` does.
        drop: closes the connection without.
    """

    read: Callable[[], Any]
    drop: Callable[[], object]


class Connections:
    """Kept connections to a server. Each is used by one thread at a time. Safe to share between threads.

    Args:
        host: name or IPv4 address.
        port: of the server.
        tls: the settings of TLS, None for connections without it.
        on_connect: called before each new connection. An error of it goes to the caller.
    """

    def __init__(
        self,
        host: str,
        port: int,
        tls: SSLContext | None = None,
        on_connect: Callable[[], object] = lambda: None,
    ) -> None:
        self._host = host
        self._port = port
        self._tls = tls
        self._on_connect = on_connect
        self._idle: list[_Connection] = []
        self._process = os.getpid()

    def exchange(self, request: bytes) -> Reply:
        """Send a request and read its reply.

        Raises:
            NotSentError: there is no connection.
            UntrustedError: the server's certificate is not good.
            NoReplyError: no whole reply came. The other connections are closed, too: their server may be gone as well.
        """
        return self._reply(self._sent(request))

    def begin(self, request: bytes) -> Begun:
        """Send a request. Its reply is read later: meanwhile another one can be sent.

        Raises:
            NotSentError: there is no connection.
            UntrustedError: the server's certificate is not good.
            NoReplyError: it could not be sent as a whole.
        """
        connection = self._sent(request)
        return Begun(partial(self._reply, connection), connection.close)

    def _sent(self, request: bytes) -> _Connection:
        connection = self._take() or self._connect()
        try:
            connection.send(request)
        except BaseException:
            connection.close()
            self.close()
            raise
        return connection

    def _reply(self, connection: _Connection) -> Reply:
        keeps = False
        try:
            reply = connection.reply()
            keeps = reply.keeps and connection.is_clean()
        except NoReplyError:
            self.close()
            raise
        finally:
            if keeps and len(self._idle) < _KEPT:
                self._idle.append(connection)
            else:
                connection.close()
        return reply

    def close(self) -> None:
        """Close the connections that are not in use."""
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                return
            connection.close()

    def __del__(self) -> None:
        self.close()

    def _take(self) -> _Connection | None:
        if self._process != os.getpid():  # the parent goes on using its connections
            self.close()  # first: other threads of this process have to find none of them
            self._process = os.getpid()
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                return None
            if connection.is_usable():
                return connection
            connection.close()

    def _connect(self) -> _Connection:
        self._on_connect()
        deadline = time.monotonic() + CONNECT_TIMEOUT
        opened = _open(self._host, self._port, deadline)
        deadline += READ_TIMEOUT
        return _Connection(_secured(opened, self._host, self._port, self._tls, deadline), deadline)


class _Connection(io.RawIOBase):
    """One connection, which reads as a file does, until a deadline.

    Args:
        connected: the socket.
        deadline: of the first attempt, in which it was connected.
    """

    def __init__(self, connected: socket.socket, deadline: float) -> None:
        super().__init__()
        self._socket = connected
        self._latest = deadline
        self._deadline = deadline
        self._reader = _Reader(self, _BUFFER)
        self._last_used = time.time()
        self._poll = select.poll()  # takes descriptors of any number
        self._poll.register(connected, select.POLLIN)

    def send(self, request: bytes) -> None:
        """Send a request.

        Raises:
            NoReplyError: it broke off.
        """
        self._deadline = min(self._latest, time.monotonic() + READ_TIMEOUT)
        self._latest = float("inf")
        try:
            _limit(self._socket, self._deadline)
            self._socket.sendall(request)
        except OSError as error:
            raise NoReplyError("it broke off") from error

    def reply(self) -> Reply:
        """Read the reply.

        Raises:
            NoReplyError: no whole one came.
        """
        reply = read_reply(self)
        self._last_used = time.time()
        return reply

    def is_clean(self) -> bool:
        """Whether nothing came behind the last reply, as far as it was read along with it."""
        self._deadline = 0.0
        try:
            return not self._reader.peek(1)
        except TimeoutError:  # TLS may have decrypted more than was asked for
            return not getattr(self._socket, "pending", int)()

    def is_usable(self) -> bool:
        """Whether it can be used again: open, silent, and not idle for long. The clock may have been set back."""
        return 0 <= time.time() - self._last_used <= MAX_IDLE_SECONDS and not self._poll.poll(0)

    def makefile(self, _mode: str) -> io.BufferedReader:
        """The same reader for each reply, so that nothing behind one is lost."""
        return self._reader

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - the buffer protocol has no type before Python 3.12
        """Read what has come, or wait for it until the deadline.

        Raises:
            OSError: nothing came in time, or the server has closed the connection. Each reply says how long it is.
        """
        _limit(self._socket, self._deadline)
        if received := self._socket.recv_into(buffer):
            return received
        raise ConnectionError

    def close(self) -> None:
        if not self.closed:
            self._socket.close()
        super().close()


class _Reader(io.BufferedReader):
    """A reader that `http.client` does not close with a reply."""

    def close(self) -> None:
        """It ends with its connection."""

    flush = close  # Python 3.13 complains where a reply is given up after its connection was closed


def _open(host: str, port: int, deadline: float) -> socket.socket:
    cause: OSError | None = None
    try:
        addresses = socket.getaddrinfo(host.encode(), port, type=socket.SOCK_STREAM)  # as a text it loads a codec
    except OSError as error:
        addresses, cause = [], error
    for family, kind, protocol, _, address in addresses:
        try:
            return _connected(socket.socket(family, kind, protocol), address, deadline)
        except OSError as error:
            cause = error
    raise NotSentError(f"{host}:{port}") from cause


def _connected(opened: socket.socket, address: Any, deadline: float) -> socket.socket:  # noqa: ANN401 - of its family
    try:
        _limit(opened, deadline)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        opened.connect(address)
    except OSError:
        opened.close()
        raise
    return opened


def _secured(opened: socket.socket, host: str, port: int, tls: SSLContext | None, deadline: float) -> socket.socket:
    if tls is None:
        return opened
    from ssl import SSLCertVerificationError  # noqa: PLC0415 - a plain connection does without

    try:
        _limit(opened, deadline)
        return tls.wrap_socket(opened, server_hostname=host)
    except SSLCertVerificationError as error:
        opened.close()
        raise UntrustedError(f"{host}:{port}") from error
    except OSError as error:
        opened.close()
        raise NotSentError(f"{host}:{port}") from error


def _limit(limited: socket.socket, deadline: float) -> None:
    """Let the next step end by the deadline.

    Raises:
        TimeoutError: it has passed.
    """
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("the attempt took too long")
    limited.settimeout(left)
