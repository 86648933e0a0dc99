"""DynamoDB's operations as JSON. Binary values are bytes, as in the SDK's parameters and replies."""

from __future__ import annotations

import os
import time
from binascii import a2b_base64, b2a_base64
from json import JSONDecoder, JSONEncoder
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import quote

from session_store.transport.faults import NoReplyError, ReplyError
from session_store.transport.signing import Signer

if TYPE_CHECKING:
    from session_store.transport.plain import Target
    from session_store.transport.replies import Reply

_VERSION: Final = "DynamoDB_20120810"
_FIRST_LINES: Final = "POST / HTTP/1.1\r\nuser-agent: session-store\r\naccept-encoding: identity\r\n"
_OK: Final = 200
_TRACE: Final = "_X_AMZN_TRACE_ID"
_SAFE: Final = "-=;:+&[]{}\"',"  # in a trace's header, as the SDK writes it


class Server(Protocol):
    """The server, as far as the client knows it."""

    def exchange(self, request: bytes) -> Reply:
        """Send a request and read its reply."""


class Client:
    """Sends requests to DynamoDB, one attempt each. Safe to share between threads.

    Args:
        target: where to, and as whom.
        server: the connections.
    """

    def __init__(self, target: Target, server: Server) -> None:
        self._server = server
        self._signer = Signer(target.region, "dynamodb", target.credentials)
        self._headers = {"content-type": "application/x-amz-json-1.0", "host": target.named_host}

    def send(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """Send a request.

        Args:
            operation: the API operation.
            parameters: of the SDK's method.

        Returns:
            The reply, as the SDK's method returns it, without `ResponseMetadata`.

        Raises:
            ReplyError: DynamoDB refuses it.
            NotSentError: there is no connection.
            UntrustedError: the server's certificate is not good.
            NoReplyError: no whole reply came.
        """
        return read(self._server.exchange(self.request(operation, parameters)))

    def request(self, operation: str, parameters: dict[str, Any]) -> bytes:
        """A request as it is sent. Its signature is good for 15 minutes."""
        body = _encode(parameters).encode()
        headers = {**self._headers, "x-amz-target": f"{_VERSION}.{operation}"}
        lines = "".join(f"{name}: {value}\r\n" for name, value in self._signer.sign(headers, body, time.time()).items())
        head = f"{_FIRST_LINES}{lines}{_trace()}content-length: {len(body)}\r\n\r\n"
        return head.encode() + body


def _trace() -> str:
    """The line that lets X-Ray find the function's call again. Lambda sets the variable anew for each."""
    trace = os.environ.get(_TRACE)
    if not trace or "AWS_LAMBDA_FUNCTION_NAME" not in os.environ:
        return ""
    return "x-amzn-trace-id: " + quote(trace, safe=_SAFE, errors="replace") + "\r\n"


def read(reply: Reply) -> dict[str, Any]:
    """What a reply says.

    Raises:
        ReplyError: DynamoDB has refused the request.
        NoReplyError: it is not JSON.
    """
    try:
        body = _decode(reply.body.decode())
    except (ValueError, TypeError, RecursionError):
        if reply.status == _OK:
            raise NoReplyError("it is not JSON") from None
        body = {}
    if type(body) is not dict:
        raise NoReplyError("it is no object")
    if reply.status == _OK:
        return body
    kind = body.get("__type", "")
    # As `com.amazonaws.dynamodb.v20120810#ThrottlingException`, or with a URL behind a colon.
    code = kind.partition(":")[0].rpartition("#")[2] if isinstance(kind, str) else ""
    raise ReplyError(code, reply.status, body)


def _as_text(value: object) -> str:
    if isinstance(value, bytes | bytearray):
        return b2a_base64(value, newline=False).decode()
    raise TypeError(f"{type(value).__name__} is no value of DynamoDB's")


def _with_bytes(value: dict[str, Any]) -> dict[str, Any]:
    """An object, with bytes if it is a binary value. Under the key "B" of a map there is an attribute value, no text.

    Raises:
        ValueError: it is a binary value in another form.
    """
    if len(value) == 1:
        binary = value.get("B")
        if binary is not None and type(binary) is not dict:
            return {"B": a2b_base64(binary)}
        several = value.get("BS")
        if several is not None and type(several) is not dict:
            return {"BS": [a2b_base64(each) for each in several]}
    return value


_encode: Final = JSONEncoder(separators=(",", ":"), default=_as_text).encode
_decode: Final = JSONDecoder(object_hook=_with_bytes).decode
