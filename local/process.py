"""Starts the programs that the commands need so that none of them outlives the command."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from local.paths import PYTHON, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path


@contextmanager
def guarded(
    command: Sequence[str | Path], *, environment: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Runs a program while the block runs, and stops it and all that it started afterwards.

    It is told to stop when the block is left in any way, and also when this process is killed (see `local.guard`).

    Args:
        command: Program and arguments. It runs in the checkout.
        environment: All of its environment variables.
        log: File that gets its output. Its earlier content is lost.

    Yields:
        The running guard. Its exit status is the program's.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        guard = subprocess.Popen(
            [PYTHON, "-m", "local.guard", *command],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield guard
    finally:
        _end_lease(guard)


def _end_lease(guard: subprocess.Popen[bytes]) -> None:
    if guard.stdin is not None:
        with suppress(BrokenPipeError):
            guard.stdin.close()
    guard.wait()
