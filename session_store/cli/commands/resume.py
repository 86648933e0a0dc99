"""`session-store resume`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from session_store.cli import options, stopping
from session_store.cli.command import operator_command

if TYPE_CHECKING:
    from session_store.cli.connect import Connection
    from session_store.cli.exits import Exit
    from session_store.cli.output import Printer


@operator_command("resume", examples="session-store resume --env prod")
@options.connected
@options.printing
def command(*, connection: Connection, printer: Printer) -> Exit:
    """Give the functions that `stop` has stopped the concurrency that they had.

    Others are left alone. After an error it can be repeated.
    """
    return stopping.resume(connection, printer)
