"""A reply as it comes over the network: whole, intact, and in the one form that DynamoDB sends."""

from __future__ import annotations

from binascii import crc32
from http.client import HTTPException, HTTPResponse
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from session_store.transport.faults import NoReplyError, UnreadFormError

if TYPE_CHECKING:
    from email.message import Message

MAX_BYTES: Final = 17 * 1024 * 1024  # a batch is answered with up to 16 MB
_HTTP_1_1: Final = 11
_OK: Final = 200
_ERROR: Final = 400
_LENGTH: Final = "Content-Length"


class Reply(NamedTuple):
    """A whole reply.

    Attributes:
        status: of HTTP.
        body: as sent.
        keeps: whether the server keeps the connection open.
    """

    status: int
    body: bytes
    keeps: bool


def read_reply(connection: Any) -> Reply:  # noqa: ANN401 - a socket, as far as http.client asks for one
    """Read one reply.

    Args:
        connection: something with the `makefile` of a socket.

    Raises:
        NoReplyError: it is not whole, not intact, or too large.
        UnreadFormError: it is in another form than DynamoDB's.
    """
    try:
        response = HTTPResponse(connection, method="POST")
        response.begin()
        _check_form(response)
        body = response.read()
    except OSError as error:
        raise NoReplyError("it broke off") from error
    except (HTTPException, ValueError):
        raise NoReplyError("it is not HTTP") from None
    check_checksum(response.headers, body)
    return Reply(response.status, body, not response.will_close)


def check_checksum(headers: Any, body: bytes) -> None:  # noqa: ANN401 - of the SDK, or of http.client
    """Refuse a body that was damaged on its way. An emulator may send no checksum.

    Raises:
        NoReplyError: it was.
    """
    checksum = headers.get("x-amz-crc32")
    if checksum is not None and checksum != str(crc32(body)):
        raise NoReplyError("another checksum than DynamoDB's")


def _check_form(response: HTTPResponse) -> None:
    headers = response.headers
    if headers.defects:  # http.client stops at a line that is no header, and does not see those behind it
        raise NoReplyError("its headers are not right")
    if response.version != _HTTP_1_1:
        raise UnreadFormError("HTTP/1.0")
    if "Transfer-Encoding" in headers:
        raise UnreadFormError("chunked")
    if headers.get("Content-Encoding", "identity") != "identity":
        raise UnreadFormError("compressed")
    if _length(headers) is None:
        raise UnreadFormError("without a length")
    if response.status != _OK and response.status < _ERROR:
        raise NoReplyError("its status is none of DynamoDB's")  # and perhaps another reply follows it


def _length(headers: Message) -> int | None:
    lengths = headers.get_all(_LENGTH, [])
    if not lengths:
        return None
    text = str(lengths[0]).strip()
    if len(lengths) > 1 or not (text.isascii() and text.isdigit()) or text[20:] or int(text) > MAX_BYTES:
        raise NoReplyError("its length is not right")
    return int(text)
