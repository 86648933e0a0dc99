"""An HTTP server of a test's own, on the loopback interface: a metadata service, or a proxy."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from local.ports import HOST


class Asked(NamedTuple):
    """A request. Its target is a path, or a whole URL when the server is used as a proxy."""

    method: str
    target: str
    headers: Mapping[str, str]


@contextmanager
def serving(answer: Callable[[Asked], str | None]) -> Iterator[str]:
    """Answer requests with the body that a function returns, with a 404 where it returns none. Yields the URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = answer(Asked(self.command, self.path, dict(self.headers)))
            self.send_response(404 if body is None else 200)
            content = (body or "").encode()
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_PUT = do_GET  # noqa: N815 - names of the base class

        def log_message(self, *_: Any) -> None:
            return

    with ThreadingHTTPServer((HOST, 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://{HOST}:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
