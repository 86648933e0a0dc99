"""`session-store last-login`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from session_store.cli import options
from session_store.cli.batch import Batch
from session_store.cli.columns import Column, moment
from session_store.cli.command import operator_command
from session_store.cli.ids import each_id
from session_store.kernel.response import time_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from session_store.cli.connect import Connection
    from session_store.cli.exits import Exit
    from session_store.cli.output import Printer

_COLUMNS: Final = (Column("customer", "customer_id"), Column("last login", "last_login_time", moment))


@operator_command("last-login", examples="session-store last-login ABC --env prod")
@click.argument("customer")
@options.connected
@options.printing
def command(*, connection: Connection, printer: Printer, customer: str) -> Exit:
    """Say when a customer last signed in, also if that session has ended since.

    CUSTOMER is the customer's id, or - for ids from stdin, one a line. The time is null when it is not known, or no
    longer: rows of ended sessions are kept for the retention.
    """

    def of_customer(name: str) -> Iterator[dict[str, Any]]:
        yield {"customer_id": name, "last_login_time": time_json(connection.store.get_last_login_time(name))}

    with Batch(customer, each_id(customer)) as batch:
        batch.print_results(printer, of_customer, _COLUMNS)
    return batch.status
