"""dynoxide, a DynamoDB that answers quickly and reports request units: a binary from npm."""

from __future__ import annotations

import gzip
import json
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from local.paths import ROOT
from local.ports import HOST, free_port
from local.process import guarded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_START_SECONDS: Final = 30.0


def why_unavailable() -> str | None:
    """Says why this machine cannot run it, None when it can."""
    return None if _binary() else "no @dynoxide package in node_modules: `make setup` installs it on Linux x64"


@contextmanager
def dynoxide(database: Path | None = None) -> Iterator[str]:
    """Runs it while the block runs. Gives its endpoint's URL.

    Args:
        database: its file. By default it begins empty, in memory.
    """
    port = free_port()
    stored = () if database is None else ("--db-path", str(database))
    command = [_binary() or "", "serve", "--host", HOST, "--port", str(port), *stored]
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        guarded(command, environment={}, log=Path(folder) / "dynoxide.log"),
    ):
        wait_until_it_answers(port)
        yield f"http://{HOST}:{port}"


def fill(database: Path, table: Mapping[str, Any], rows: Iterable[str]) -> None:
    """Makes a database with one table, in seconds where requests would take minutes.

    Args:
        database: the file to make.
        table: the reply of DescribeTable.
        rows: of the table, each `{"Item": ...}` in DynamoDB's JSON.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = folder / "export" / table["Table"]["TableName"] / "data"
        data.mkdir(parents=True)
        with gzip.open(data / "rows.json.gz", "wt", compresslevel=1) as file:
            file.writelines(f"{row}\n" for row in rows)
        schema = folder / "schema.json"
        schema.write_text(json.dumps({"Table": table["Table"]}, default=str))
        source = ("--source", str(folder / "export"), "--schema", str(schema))
        command = [_binary() or "", "import", *source, "--output", str(database)]
        subprocess.run(command, check=True, capture_output=True)


def _binary() -> Path | None:
    return next(ROOT.glob("node_modules/@dynoxide/*/dynoxide"), None)


def wait_until_it_answers(port: int) -> None:
    """Waits until a server on this machine takes connections.

    Raises:
        TimeoutError: it does not.
    """
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        try:
            with socket.create_connection((HOST, port), timeout=1):
                return
        except OSError:
            time.sleep(0.02)
    raise TimeoutError(f"nothing answers on port {port} after {_START_SECONDS:.0f} s")
