"""dynoxide, a DynamoDB that answers quickly and reports request units: a binary from npm."""

from __future__ import annotations

import socket
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from local.paths import ROOT
from local.ports import HOST, free_port
from local.process import guarded

if TYPE_CHECKING:
    from collections.abc import Iterator

_START_SECONDS: Final = 30.0


def why_unavailable() -> str | None:
    """Says why this machine cannot run it, None when it can."""
    return None if _binary() else "no @dynoxide package in node_modules: `make setup` installs it on Linux x64"


@contextmanager
def dynoxide() -> Iterator[str]:
    """Runs it, empty, while the block runs. Gives its endpoint's URL."""
    port = free_port()
    command = [_binary() or "", "serve", "--host", HOST, "--port", str(port)]
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        guarded(command, environment={}, log=Path(folder) / "dynoxide.log"),
    ):
        _wait_until_it_answers(port)
        yield f"http://{HOST}:{port}"


def _binary() -> Path | None:
    return next(ROOT.glob("node_modules/@dynoxide/*/dynoxide"), None)


def _wait_until_it_answers(port: int) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        try:
            with socket.create_connection((HOST, port), timeout=1):
                return
        except OSError:
            time.sleep(0.02)
    raise TimeoutError(f"nothing answers on port {port} after {_START_SECONDS:.0f} s")
