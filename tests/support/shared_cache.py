"""A cache in front of a site, shared by its visitors. It keeps all that HTTP (RFC 9111) allows, cookies as well."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Barrier, Thread
from typing import Final, NamedTuple, cast
from urllib.parse import urlsplit

from local.ports import HOST
from tests.support.http_client import send
from tests.support.lambda_events import Handler, behind
from tests.support.reply import Reply
from tests.support.visitor import Send

_FORBIDS: Final = {"no-store", "private", "no-cache"}
_ALLOWS: Final = {"max-age", "s-maxage"}  # not timed: no test takes as long
_PATIENCE_SECONDS: Final = 8
_HOP_BY_HOP: Final = {"connection", "transfer-encoding", "content-length", "set-cookie", "server", "date"}


class Kept(NamedTuple):
    """An answer that the cache has, and the requests that it is for."""

    url: str
    varied: Mapping[str, str | None]  # the request's headers that it depends on
    reply: Reply


class SharedCache(ThreadingHTTPServer):
    """Serves a site under a name and a port of its own. Answers that it had already carry `Age`.

    Args:
        site: its URL, without a slash at the end.
        pages: further pages of the same host, by path: handlers of Lambda functions.

    Attributes:
        url: its own URL, likewise.
        kept: what it has.
        cookies_go_by: answers that set a cookie wait until there are as many as this lets through at once.
    """

    daemon_threads = True

    def __init__(self, site: str, pages: Mapping[str, Handler]) -> None:
        super().__init__((HOST, 0), _Request)
        self.url = f"http://shop.localhost:{self.server_port}"
        self.kept: list[Kept] = []
        self.cookies_go_by = Barrier(1)
        self._site = _sends_to(site)
        self._pages = {path: behind(handler) for path, handler in pages.items()}

    def answer(self, method: str, url: str, headers: Mapping[str, str], body: str) -> Reply:
        """Answer a request.

        Args:
            method: its method.
            url: its path, with the query.
            headers: with names in lower case.
            body: its body.
        """
        for kept in self.kept:
            if (method, url) == ("GET", kept.url) and kept.varied.items() <= _chosen(headers, kept.varied).items():
                return replace(kept.reply, headers={**kept.reply.headers, "age": "0"})
        reply = self._pages.get(url, self._site)(method, url, headers, body)
        if reply.set_cookies:
            self.cookies_go_by.wait(_PATIENCE_SECONDS)
        told = {part.partition("=")[0].strip() for part in reply.headers.get("cache-control", "").split(",")}
        if method == "GET" and told & _ALLOWS and not told & _FORBIDS:
            names = reply.headers.get("vary", "").lower().split(",")
            self.kept.append(Kept(url, _chosen(headers, {name.strip() for name in names}), reply))
        return reply


@contextmanager
def shared_cache(site: str, pages: Mapping[str, Handler]) -> Iterator[SharedCache]:
    """A `SharedCache`, running."""
    with SharedCache(site, pages) as cache:
        Thread(target=cache.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield cache
        cache.shutdown()


class _Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0))).decode()
        reply = cast("SharedCache", self.server).answer(self.command, self.path, headers, body)
        content = reply.text.encode()
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            if name not in _HOP_BY_HOP:
                self.send_header(name, value)
        for cookie in reply.set_cookies:
            self.send_header("set-cookie", cookie)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _sends_to(site: str) -> Send:
    address = urlsplit(site)

    def send_on(method: str, url: str, headers: Mapping[str, str], body: str) -> Reply:
        return send(address.port or 80, method, url, {**headers, "host": address.netloc}, body.encode())

    return send_on


def _chosen(headers: Mapping[str, str], names: Iterable[str]) -> dict[str, str | None]:
    return {name: headers.get(name) for name in names}
