"""Runs one command and stops all of it when the process that asked for it is gone.

Usage: ``python -m local.guard COMMAND [ARGUMENT ...]`` with a pipe as standard input. The other end of the
pipe is the command's lease. When it closes, because its holder closed it or was killed however hard, the
command's whole process group is told to stop. So nothing that this project starts outlives it.

Standard library only, and few imports. One guard starts for every command.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

GRACE_SECONDS: Final = 15.0
"""How long a command may take to stop by itself (to save its state) before it is killed."""

_LEFT_TO_THE_LEASE: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _signal_group(leader: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)


def _stop_when_the_lease_ends(child: subprocess.Popen[bytes]) -> None:
    os.read(sys.stdin.fileno(), 1)
    _signal_group(child.pid, signal.SIGTERM)
    try:
        child.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        _signal_group(child.pid, signal.SIGKILL)


def _leave_to_the_lease(number: int, frame: FrameType | None) -> None:
    """Does nothing. Unlike SIG_IGN, a handler is not inherited by the command."""


def main(command: Sequence[str]) -> int:
    """Runs the command in a process group of its own.

    Args:
        command: Program and arguments.

    Returns:
        The command's exit status. Negative when a signal ended it.
    """
    for number in _LEFT_TO_THE_LEASE:
        signal.signal(number, _leave_to_the_lease)
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    threading.Thread(target=_stop_when_the_lease_ends, args=(child,), daemon=True).start()
    status = child.wait()
    _signal_group(child.pid, signal.SIGKILL)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
