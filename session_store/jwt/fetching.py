"""Fetches a small JSON document from an address that the application has named. Nothing about the answer is trusted."""

from __future__ import annotations

import json
import time
from http import HTTPStatus
from http.client import HTTPException
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.error import HTTPError
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

from session_store.jwt.errors import KeysUnavailableError

if TYPE_CHECKING:
    from http.client import HTTPResponse

_TIMEOUT: Final = 1.0  # seconds without a byte
_DEADLINE: Final = 3.0  # seconds for the whole body
_MAX_BYTES: Final = 64 * 1024  # some thirty keys
_PART: Final = 8 * 1024
_HEADERS: Final = {"Accept": "application/json", "User-Agent": "session-store"}


def _opener() -> OpenerDirector:
    """For HTTP alone. It follows no redirect, because another address is not the one that the application has named."""
    opener = OpenerDirector()
    for kind in (ProxyHandler, HTTPHandler, HTTPSHandler, HTTPErrorProcessor, HTTPDefaultErrorHandler):
        opener.add_handler(kind())
    return opener


_OPENER: Final = _opener()


def fetch_json(url: str) -> dict[str, Any]:
    """A JSON object of at most 64 KB, at once and without redirects.

    Raises:
        KeysUnavailableError: there was no such answer within 3 seconds.
    """
    try:
        value = json.loads(_fetch(url))
    except HTTPError as error:
        error.close()
        cause = f"the answer was {error.code}"
    except (OSError, HTTPException) as error:  # URLError and TimeoutError are of the first kind
        cause = f"there was no answer ({type(error).__name__})"
    except (ValueError, RecursionError):
        cause = "the answer was not JSON"
    else:
        if isinstance(value, dict):
            return value
        cause = "the answer was not a JSON object"
    raise KeysUnavailableError(cause)


def _fetch(url: str) -> bytes:
    last_moment = time.monotonic() + _DEADLINE
    request = Request(url, headers=_HEADERS)  # noqa: S310 - the caller has checked the scheme
    with cast("HTTPResponse", _OPENER.open(request, timeout=_TIMEOUT)) as answer:
        if answer.status != HTTPStatus.OK:
            raise KeysUnavailableError(f"the answer was {answer.status}")
        body = b""
        while part := answer.read1(_PART):
            body += part
            if len(body) > _MAX_BYTES:
                raise KeysUnavailableError(f"the answer was larger than {_MAX_BYTES} bytes")
            if time.monotonic() > last_moment:
                raise KeysUnavailableError(f"the answer took longer than {_DEADLINE:g} seconds")
        if answer.length:  # what is left of Content-Length
            raise KeysUnavailableError("the answer was cut off")
        return body
