"""A WSGI and an ASGI middleware over the kernel, each with an application whose responses come from one function."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from session_store.errors import SessionStoreError
from session_store.kernel.exchange import Exchange
from session_store.kernel.request import Request
from session_store.kernel.rules import Rules
from session_store.settings import DEFAULT_COOKIE_NAME

Fields = list[tuple[str, str]]
Page = tuple[int, Fields, str]  # status, header fields and body
View = Callable[[], Page]


def wsgi(app: Callable[..., Any], rules: Rules) -> Callable[..., list[bytes]]:
    """Sessions for a WSGI application."""

    def call(environ: dict[str, Any], start_response: Callable[[str, Fields], object]) -> list[bytes]:
        names = [name for name in environ if name.startswith("HTTP_")]
        fields = [(name[5:].replace("_", "-"), environ[name]) for name in names]
        started: list[Any] = []
        with Exchange(rules, Request.of(environ["REQUEST_METHOD"], fields)) as exchange:
            try:
                exchange.admit()
                body = list(app(environ, lambda *args: started.extend(args)))
                status, made = started
                headers = exchange.finish(int(status[:3]))
                start_response(status, made if headers is None else headers.added_to(made))
            except SessionStoreError as error:
                response = exchange.fail(error)
                start_response(f"{response.status} -", list(response.headers))
                body = [(response.body or "").encode()]
        return body

    return call


def asgi(app: Callable[..., Any], rules: Rules) -> Callable[..., Any]:
    """Sessions for an ASGI application. The store blocks: the event loop goes on in the meantime."""

    async def call(scope: dict[str, Any], receive: Any, send: Callable[[dict[str, Any]], Any]) -> None:
        sent: list[dict[str, Any]] = []
        request = Request.of(scope["method"], _decoded(scope["headers"]))
        with Exchange(rules, request) as exchange:
            try:
                await asyncio.to_thread(exchange.admit)
                await app(scope, receive, _appending_to(sent))
                headers = await asyncio.to_thread(exchange.finish, sent[0]["status"])
                if headers is not None:
                    sent[0]["headers"] = _encoded(headers.added_to(_decoded(sent[0]["headers"])))
            except SessionStoreError as error:
                response = exchange.fail(error)
                start = {"type": "http.response.start", "status": response.status}
                body = {"type": "http.response.body", "body": (response.body or "").encode()}
                sent = [start | {"headers": _encoded(response.headers)}, body]
        for message in sent:
            await send(message)

    return call


@dataclass
class Client:
    """A browser in front of an application on WSGI or ASGI."""

    rules: Rules
    is_async: bool
    token: str | None = None

    def send(self, view: View, method: str = "GET", headers: Mapping[str, str] | None = None) -> Page:
        fields = [*(headers or {}).items()]
        if self.token is not None:
            fields.append(("Cookie", f"theme=dark; {DEFAULT_COOKIE_NAME}={self.token}"))
        status, received, body = (self._through_asgi if self.is_async else self._through_wsgi)(view, method, fields)
        for cookie in values(received, "Set-Cookie"):
            if cookie.startswith(f"{DEFAULT_COOKIE_NAME}="):
                self.token = cookie.partition(";")[0].partition("=")[2] or None
        return status, received, body

    def _through_wsgi(self, view: View, method: str, fields: Fields) -> Page:
        def app(environ: object, start_response: Callable[[str, Fields], object]) -> list[bytes]:
            status, made, body = view()
            start_response(f"{status} -", made)
            return [body.encode()]

        started: list[Any] = []
        environ = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in fields}
        call = wsgi(app, self.rules)
        body = b"".join(call({"REQUEST_METHOD": method, **environ}, lambda *args: started.extend(args)))
        return int(started[0][:3]), started[1], body.decode()

    def _through_asgi(self, view: View, method: str, fields: Fields) -> Page:
        async def app(scope: object, receive: object, send: Callable[[dict[str, Any]], Any]) -> None:
            status, made, body = await asyncio.to_thread(view)
            await send({"type": "http.response.start", "status": status, "headers": _encoded(made)})
            await send({"type": "http.response.body", "body": body.encode()})

        received: list[dict[str, Any]] = []
        scope = {"type": "http", "method": method, "headers": _encoded((name.lower(), value) for name, value in fields)}
        asyncio.run(asgi(app, self.rules)(scope, None, _appending_to(received)))
        start, body = received
        return start["status"], _decoded(start["headers"]), body["body"].decode()


def values(fields: Fields, name: str) -> list[str]:
    """All values of a header."""
    return [value for each, value in fields if each.lower() == name.lower()]


def _appending_to(messages: list[dict[str, Any]]) -> Callable[[dict[str, Any]], Any]:
    async def send(message: dict[str, Any]) -> None:
        messages.append(message)

    return send


def _decoded(fields: Iterable[tuple[bytes, bytes]]) -> Fields:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in fields]


def _encoded(fields: Any) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields]
