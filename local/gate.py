"""An ASGI filter before the embedded AWS, which lets in requests of this machine's own names and pages.

A page of any other site, opened in a browser on this machine, can send requests to 127.0.0.1. Its `Origin` gives it
away. A name of its own that resolves to 127.0.0.1 (DNS rebinding) is a foreign `Host`.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from http import HTTPStatus
from typing import Any, Final, TypeAlias

READY_PATH: Final = "/_ministack/ready"
"""The one control route that stays open: it says whether the embedded AWS has started, and changes nothing."""

_CONTROL: Final = "/_"
_HOST: Final = re.compile(r"(?:localhost|127\.0\.0\.1|[a-z0-9]+\.execute-api\.localhost)(?P<port>:[0-9]+)?")

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]


def gated(app: App, *, origins: Collection[str] = ()) -> App:
    """Puts the filter in front of an ASGI application.

    A request passes when its host is a loopback name or an API's, its `Origin`, if it has one, is such a name with
    the same port, and its path is no control route of the emulator. Any other is answered 403, and goes no further.

    Args:
        app: The application that answers the requests that pass.
        origins: Further values of `Origin` that pass, such as "https://app.example.com".
    """

    async def gate(scope: Message, receive: Receive, send: Send) -> None:
        reason = None if scope["type"] == "lifespan" else _refusal(scope, origins)
        if reason is None:
            await app(scope, receive, send)
        elif scope["type"] == "http":
            await _answer(send, f"Refused: {reason}.\n".encode())
        else:
            await send({"type": "websocket.close"})  # before it is accepted, that is a 403

    return gate


def _refusal(scope: Message, origins: Collection[str]) -> str | None:
    """Says why a request does not pass. Quotes nothing of it."""
    hosts = _values(scope, b"host")
    host = _HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
    if host is None:
        return "its Host is no name of this machine or of an API on it"
    if any(origin not in origins and not _is_own(origin, host["port"]) for origin in _values(scope, b"origin")):
        return "its Origin is a page of another site"
    if scope["path"].startswith(_CONTROL) and scope["path"] != READY_PATH:
        return "the emulator's control routes are closed"
    return None


def _values(scope: Message, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name]


def _is_own(origin: str, port: str | None) -> bool:
    """Whether a page came from here: another port of this machine is another program's."""
    scheme, _, name = origin.partition("://")
    host = _HOST.fullmatch(name)
    return scheme == "http" and host is not None and host["port"] == port


async def _answer(send: Send, body: bytes) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": HTTPStatus.FORBIDDEN, "headers": headers})
    await send({"type": "http.response.body", "body": body})
