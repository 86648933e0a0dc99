"""The commands that go through a whole table: their common options, the table, progress, and how they go on."""

from __future__ import annotations

import errno
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import click

from session_store.cli.exits import Exit, Failure, say
from session_store.cli.progress import progress
from session_store.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from session_store.cli.connect import Connection
    from session_store.whole_table.progress import Progress
    from session_store.whole_table.table import Table

_CONNECT_SECONDS: Final = 3.0
_READ_SECONDS: Final = 10.0  # for a page of up to 1 MB, on an operator's own line
_CONNECTIONS: Final = 64
_MISTAKES: Final = (InvalidInputError, FileNotFoundError, IsADirectoryError, PermissionError)
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_ABOVE_0: Final = click.FloatRange(min=0, min_open=True)

max_rcu: Final = click.option(
    "--max-rcu",
    metavar="UNITS",
    type=_ABOVE_0,
    default=500,
    show_default=True,
    help="Request units to read a second, at most.",
)
max_wcu: Final = click.option(
    "--max-wcu",
    metavar="UNITS",
    type=_ABOVE_0,
    default=500,
    show_default=True,
    help="Request units to write a second, at most.",
)
segments: Final = click.option(
    "--segments",
    metavar="N",
    type=click.IntRange(1, 64),
    default=4,
    show_default=True,
    help="How many parts of the table are read in parallel.",
)


def table_of(connection: Connection, *, max_rcu: float | None = None, max_wcu: float | None = None) -> Table:
    """The table of a connection, under the rates that were given. It does the retrying, not the SDK.

    Raises:
        Failure: the table cannot be found out.
    """
    from session_store.aws.client_settings import ClientSettings  # noqa: PLC0415 - the help needs no SDK
    from session_store.whole_table.table import DEFAULT_RATE, Table  # noqa: PLC0415

    settings = ClientSettings(
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        pool=_CONNECTIONS,
        max_attempts=1,
        endpoints=connection.aws.settings.endpoints,
    )
    client = connection.aws.client("dynamodb", settings=settings)
    return Table(connection.table_name, client, max_rcu=max_rcu or DEFAULT_RATE, max_wcu=max_wcu or DEFAULT_RATE)


@contextmanager
def watching(title: str, unit: str) -> Iterator[Watch]:
    """Show progress while the block runs.

    Args:
        title: what is done: `Exporting`.
        unit: what is counted: `rows`.
    """
    with progress(title, unit=unit, total=0) as tally:
        yield Watch(tally.reach)


class Watch:
    """Takes the progress of a command, and knows its figures at the end.

    Args:
        show: draws it.
    """

    def __init__(self, show: Callable[..., object]) -> None:
        self._show = show
        self._began = time.monotonic()
        self._first: int | None = None
        self._last: Progress | None = None

    def __call__(self, reached: Progress) -> None:
        """Show how far the command got."""
        self._first = reached.done if self._first is None else self._first
        self._last = reached
        self._show(reached.done, total=reached.total, rru=reached.rru, wru=reached.wru)

    def figures(self, done: int) -> dict[str, Any]:
        """Seconds, rate and request units as a part of the result.

        Args:
            done: what this run did.
        """
        seconds = time.monotonic() - self._began
        rru, wru = (self._last.rru, self._last.wru) if self._last else (0.0, 0.0)
        return {
            "seconds": round(seconds, 1),
            "per_second": round(done / seconds) if seconds else 0,
            "rru": round(rru, 1),
            "wru": round(wru, 1),
        }


@contextmanager
def going_on(how: Callable[[], str | None]) -> Iterator[None]:
    """When the block is left early, say on stderr how to go on. After a mistake the same command would fail again.

    Args:
        how: says it in one line, None where there is nothing to say.
    """
    try:
        yield
    except (BrokenPipeError, *_MISTAKES):
        raise
    except BaseException:
        line = how()
        if line:
            say(line)
        raise


@contextmanager
def files(name: str) -> Iterator[None]:
    """Turn what the system says of a file into the end of the command.

    Args:
        name: of the file, for the message.

    Raises:
        Failure: the file cannot be read or written.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        status = Exit.UNAVAILABLE if error.errno in _FULL else Exit.USAGE
        hints = ["Make room, and give the same command again."] if status is Exit.UNAVAILABLE else []
        raise Failure(f"{name}: {error.strerror or error}", status, *hints) from None
