"""A guarded program ends with its holder, however the holder ends."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from local.paths import PYTHON, ROOT
from local.process import guarded
from tests.support.processes import alive, descendants, on_linux

pytestmark = on_linux

# Starts a program of its own and writes a file when both run; the second one does not care about SIGTERM.
PROGRAM = """
import pathlib, signal, subprocess, sys, time
stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"
child = subprocess.Popen([sys.executable, "-c", stubborn], stdout=subprocess.PIPE)
child.stdout.readline()
pathlib.Path(sys.argv[1]).touch()
time.sleep(60)
"""
HOLDER = """
import os, pathlib, sys, time
from local.process import guarded
folder = pathlib.Path(sys.argv[1])
with guarded([sys.executable, "-c", sys.argv[2], folder / "up"], environment=os.environ, log=folder / "log"):
    time.sleep(60)
"""

# Takes part in Ctrl-C like any program, and ends with a status of its own.
WAITER = """
import pathlib, signal, sys, time
assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
up, finish = map(pathlib.Path, sys.argv[1:])
up.touch()
while not finish.exists():
    time.sleep(0.01)
sys.exit(7)
"""


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_leaving_the_block_stops_the_program_and_what_it_started(tmp_path: Path) -> None:
    up = tmp_path / "up"
    with guarded([PYTHON, "-c", PROGRAM, up], environment=os.environ, log=tmp_path / "log") as guard:
        wait_until(up.exists)
        processes = descendants(guard.pid)

    assert len(processes) == 3
    assert alive(processes) == set()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_program_stops_when_its_holder_is_killed(number: signal.Signals, tmp_path: Path) -> None:
    with subprocess.Popen([PYTHON, "-c", HOLDER, tmp_path, PROGRAM], cwd=ROOT) as holder:
        wait_until((tmp_path / "up").exists)
        processes = descendants(holder.pid)

        holder.send_signal(number)

    wait_until(lambda: not alive(processes))
    assert len(processes) == 4


def test_a_signal_to_the_guard_alone_does_not_disturb_the_program(tmp_path: Path) -> None:
    """Ctrl-C reaches every process of the terminal; only the holder decides what it means."""
    up, finish = tmp_path / "up", tmp_path / "finish"
    with guarded([PYTHON, "-c", WAITER, up, finish], environment=os.environ, log=tmp_path / "log") as guard:
        wait_until(up.exists)
        guard.send_signal(signal.SIGINT)
        finish.touch()

        assert guard.wait(20) == 7
