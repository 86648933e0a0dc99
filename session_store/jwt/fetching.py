"""Asks an address that the application has named for a small JSON object. Nothing about the answer is trusted."""

from __future__ import annotations

import io
import json
import time
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast
from urllib.request import HTTPHandler, HTTPSHandler, OpenerDirector, ProxyHandler, Request

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping

_TIMEOUT: Final = 1.0  # seconds without a byte
_DEADLINE: Final = 3.0  # seconds for the whole answer, its headers included
_MAX_BYTES: Final = 64 * 1024  # some thirty keys
_PART: Final = 8 * 1024
_HEADERS: Final = {"Accept": "application/json", "User-Agent": "session-store"}


class NoAnswerError(Exception):
    """There was no answer that can be read. The cause has nothing of the request or the answer."""

    def __init__(self, cause: str) -> None:
        self.cause = cause
        super().__init__(cause)


class JsonAnswer(NamedTuple):
    """An answer: its status, and the JSON object in its body."""

    status: int
    fields: dict[str, Any]


class _Timed(io.RawIOBase):
    """The bytes of an answer. The socket's timeout begins anew with each byte, the deadline does not."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._bytes = sock.makefile("rb", buffering=0)
        self._last_moment = time.monotonic() + _DEADLINE

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:  # noqa: ANN401 - as the base class has it
        left = self._last_moment - time.monotonic()
        if left > 0:
            self._socket.settimeout(min(left, _TIMEOUT))
            try:
                return self._bytes.readinto(buffer)
            except TimeoutError:
                if left > _TIMEOUT:
                    raise
        raise NoAnswerError(f"the answer took longer than {_DEADLINE:g} seconds")

    def close(self) -> None:
        self._bytes.close()
        super().close()


class _TimedResponse(HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - the base class's
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.fp = io.BufferedReader(_Timed(sock))


class _TimedConnection(HTTPConnection):
    response_class = _TimedResponse


class _TimedTlsConnection(HTTPSConnection):
    response_class = _TimedResponse


class _Http(HTTPHandler):
    def http_open(self, request: Request) -> HTTPResponse:
        return self.do_open(_TimedConnection, request)


class _Https(HTTPSHandler):
    def https_open(self, request: Request) -> HTTPResponse:
        return self.do_open(_TimedTlsConnection, request)


def _opener() -> OpenerDirector:
    """For HTTP alone. It follows no redirect, because another address is not the one that the application has named."""
    opener = OpenerDirector()
    for kind in (ProxyHandler, _Http, _Https):
        opener.add_handler(kind())
    return opener


_OPENER: Final = _opener()


def fetch_json(url: str) -> dict[str, Any]:
    """A document: a JSON object of at most 64 KB, at once and without redirects.

    Raises:
        NoAnswerError: there was no such answer within 3 seconds.
    """
    return ask(url, statuses=(HTTPStatus.OK,)).fields


def ask(
    url: str, *, statuses: tuple[int, ...], form: bytes | None = None, headers: Mapping[str, str] | None = None
) -> JsonAnswer:
    """Send one request.

    Args:
        url: where to.
        statuses: the answers with one of these are read.
        form: the body of a POST. A GET has none.
        headers: of the request, beside the ones that each has.

    Raises:
        NoAnswerError: there was no such answer with a JSON object of at most 64 KB within 3 seconds.
    """
    status, body = _answer(url, statuses, form, headers)
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        cause = "the answer was not JSON"
    else:
        if isinstance(value, dict):
            return JsonAnswer(status, value)
        cause = "the answer was not a JSON object"
    raise NoAnswerError(cause)  # out here: as its context it would carry an error that quotes the answer


def status_of(
    url: str, *, statuses: tuple[int, ...], form: bytes | None = None, headers: Mapping[str, str] | None = None
) -> int:
    """Send one request, and leave the body of its answer alone. Arguments and error are those of `ask`."""
    return _answer(url, statuses, form, headers)[0]


def _answer(
    url: str, statuses: tuple[int, ...], form: bytes | None, headers: Mapping[str, str] | None
) -> tuple[int, bytes]:
    try:
        return _exchange(Request(url, form, {**_HEADERS, **(headers or {})}), statuses)  # noqa: S310 - checked by callers
    except (OSError, HTTPException) as error:  # URLError and TimeoutError are of the first kind
        cause = f"there was no answer ({type(error).__name__})"
    raise NoAnswerError(cause)


def _exchange(request: Request, statuses: tuple[int, ...]) -> tuple[int, bytes]:
    with cast("HTTPResponse", _OPENER.open(request, timeout=_TIMEOUT)) as answer:
        if answer.status not in statuses:
            raise NoAnswerError(f"the answer was {answer.status}")
        body = b""
        while part := answer.read1(_PART):
            body += part
            if len(body) > _MAX_BYTES:
                raise NoAnswerError(f"the answer was larger than {_MAX_BYTES} bytes")
        if answer.length:  # what is left of Content-Length
            raise NoAnswerError("the answer was cut off")
        return answer.status, body
