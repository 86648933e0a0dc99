"""Prints one line for each step of the project's commands, and one line for each failure."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class CommandError(Exception):
    """A failure that its user can act on. The text is one line and says what to do."""


@contextmanager
def step(title: str) -> Iterator[None]:
    """Prints the title of a step and, when it is done, the seconds that it took.

    Args:
        title: The step's work, as in "Installing the Python packages".
    """
    print(f"==> {title} ... ", end="", flush=True)
    started = time.monotonic()
    try:
        yield
    except BaseException:
        print("stopped", flush=True)
        raise
    print(f"{time.monotonic() - started:.1f} s", flush=True)


def fail(message: str) -> int:
    """Prints the one line of a failed command.

    Args:
        message: The failure, and how to solve it.

    Returns:
        The exit status for it, 1.
    """
    print(f"error: {message}", file=sys.stderr, flush=True)
    return 1
