"""Web servers that answer as a test says: AWS's services, a metadata service, a proxy."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

from local.ports import HOST


class Asked(NamedTuple):
    """A request to such a server. That to a proxy has a whole URL for its path."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: str


class Answer(NamedTuple):
    """A server's answer."""

    status: int = 200
    body: str = ""
    headers: Mapping[str, str] = {}


@contextmanager
def answering(answer: Callable[[Asked], Answer]) -> Iterator[str]:
    """Run a server on 127.0.0.1 while the block runs; gives its URL."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            made = answer(Asked(self.command, self.path, dict(self.headers), body))
            content = made.body.encode()
            self.send_response_only(made.status)
            for name, value in {"Content-Length": str(len(content)), **made.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(ConnectionError):  # the caller has heard enough
                self.wfile.write(content)

        do_GET = do_HEAD = do_PUT = do_POST = _answer  # noqa: N815 - the library's names

        def log_message(self, *_: object) -> None:
            """Tests print nothing."""

    server = ThreadingHTTPServer((HOST, 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
