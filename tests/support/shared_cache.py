"""A cache in front of a site, shared by its visitors. It keeps all that HTTP (RFC 9111) allows, cookies as well."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Barrier, Thread
from typing import Final, cast
from urllib.parse import urlsplit

from local.ports import HOST
from tests.support.http_client import send
from tests.support.lambda_events import Handler, behind
from tests.support.reply import Reply

_FORBIDS: Final = {"no-store", "private", "no-cache"}
_ALLOWS: Final = {"max-age", "s-maxage"}  # for longer than any test takes
_WRITTEN_ANEW: Final = {"connection", "transfer-encoding", "content-length", "set-cookie", "server", "date"}
_PATIENCE_SECONDS: Final = 8


class SharedCache(ThreadingHTTPServer):
    """Serves a site under a name and a port of its own. Kept responses are served with `Age`.

    Args:
        site: the site's URL, without a slash at the end.
        pages: further pages of it, by path: handlers of Lambda functions.

    Attributes:
        url: its own URL, likewise.
        kept: the answers that it has, by path and by the request headers that `Vary` names.
        cookies_go_by: answers that set a cookie wait for each other, until as many are there as it takes.
    """

    daemon_threads = True

    def __init__(self, site: str, pages: Mapping[str, Handler]) -> None:
        super().__init__((HOST, 0), _Request)
        self.url = f"http://shop.localhost:{self.server_port}"
        self.kept: dict[tuple[str | None, ...], Reply] = {}
        self.cookies_go_by = Barrier(1)
        self._site = urlsplit(site)
        self._pages = {path: behind(handler) for path, handler in pages.items()}
        self._vary: dict[str, list[str]] = {}

    def answer(self, method: str, url: str, headers: Mapping[str, str], body: str) -> Reply:
        """Answer a request to a path; header names are in lower case."""
        if method == "GET" and (kept := self.kept.get(self._key(url, headers))):
            return replace(kept, headers={**kept.headers, "age": "0"})
        reply = self._pages.get(url, self._send_on)(method, url, headers, body)
        if reply.set_cookies:
            self.cookies_go_by.wait(_PATIENCE_SECONDS)
        told = {part.partition("=")[0].strip() for part in reply.headers.get("cache-control", "").lower().split(",")}
        if method == "GET" and told & _ALLOWS and not told & _FORBIDS:
            self._vary[url] = reply.headers.get("vary", "").lower().replace(" ", "").split(",")
            self.kept[self._key(url, headers)] = reply
        return reply

    def _key(self, url: str, headers: Mapping[str, str]) -> tuple[str | None, ...]:
        return (url, *map(headers.get, self._vary.get(url, [])))

    def _send_on(self, method: str, url: str, headers: Mapping[str, str], body: str) -> Reply:
        own = {"host": self._site.netloc}
        if origin := headers.get("origin"):  # of other sites the embedded AWS of the tests lets this one through
            own["origin"] = self._site.geturl() if origin == self.url else "http://evil.localhost"
        return send(self._site.port or 80, method, url, {**headers, **own}, body.encode())


@contextmanager
def shared_cache(site: str, pages: Mapping[str, Handler]) -> Iterator[SharedCache]:
    """A `SharedCache`, running."""
    with SharedCache(site, pages) as cache:
        Thread(target=cache.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield cache
        finally:
            cache.shutdown()


class _Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0))).decode()
        reply = cast("SharedCache", self.server).answer(self.command, self.path, headers, body)
        content = reply.text.encode()
        fields = [(name, value) for name, value in reply.headers.items() if name not in _WRITTEN_ANEW]
        fields += [("set-cookie", cookie) for cookie in reply.set_cookies]
        self.send_response(reply.status)
        for name, value in [*fields, ("content-length", str(len(content)))]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Say nothing."""
