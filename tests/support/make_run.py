"""A running `make run`, without its set-up, as its user sees it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from local.embedded_aws import Credentials
from local.paths import PYTHON, ROOT
from local.ports import free_port
from tests.support.http_client import ApiClient
from tests.support.shell import sourced

READY_SECONDS: Final = 120.0
STOP_SECONDS: Final = 20.0


class MakeRun:
    """The process, with its files in a folder of its own."""

    def __init__(self, folder: Path, port: int, options: Sequence[str] = ()) -> None:
        self.folder = folder
        self.port = port
        self.output = folder / "output.txt"
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [PYTHON, "-m", "local.run", "--port", str(port), "--folder", folder, *options],
                cwd=ROOT,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )

    def wait_for(self, text: str) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while text not in self.output.read_text():
            assert self.process.poll() is None, self.output.read_text()
            assert time.monotonic() < deadline, self.output.read_text()
            time.sleep(0.05)

    @property
    def env(self) -> Path:
        return self.folder / "env"

    @property
    def key(self) -> Credentials:
        variables = sourced(self.env)
        return Credentials(variables["AWS_ACCESS_KEY_ID"], variables["AWS_SECRET_ACCESS_KEY"])

    def api(self, key: Credentials | None = None) -> ApiClient:
        return ApiClient(sourced(self.env)["API"], key or self.key)

    def stop(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(STOP_SECONDS)


@contextmanager
def make_run(folder: Path, port: int = 0, *options: str) -> Iterator[MakeRun]:
    """Start it, on a free port unless told which, and kill it in the end."""
    running = MakeRun(folder, port or free_port(), options)
    try:
        yield running
    finally:
        running.process.kill()
        running.process.wait()
