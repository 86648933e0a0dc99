"""`session-store erase`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from session_store.checks import check_customer_id
from session_store.cli import asking, estimates, options
from session_store.cli.batch import Batch
from session_store.cli.columns import Column
from session_store.cli.command import operator_command
from session_store.cli.ids import each_id
from session_store.cli.progress import progress

if TYPE_CHECKING:
    from collections.abc import Iterator

    from session_store.cli.connect import Connection
    from session_store.cli.exits import Exit
    from session_store.cli.output import Printer

_PAGE: Final = 25
_ERASED: Final = (Column("customer", "customer_id"), Column("rows deleted", "rows_deleted"))
_WOULD_BE_ERASED: Final = (Column("customer", "customer_id"), *estimates.COLUMNS)


@operator_command(
    "erase",
    examples="""
        session-store erase ABC --env prod --dry-run
        session-store erase ABC --env prod
        # Those of a list, one id a line, in a script:
        session-store erase - --yes < customers.txt
    """,
)
@click.argument("customer")
@options.yes
@options.dry_run
@options.cursor
@options.connected
@options.printing
def command(
    *,
    connection: Connection,
    printer: Printer,
    customer: str,
    yes: bool,
    dry_run: bool,
    cursor: str | None,
) -> Exit:
    """Delete every row of a customer: live and ended sessions, children, and the customer's own row.

    CUSTOMER is the customer's id, or - for ids from stdin, one a line. It asks first: type the customer's id. No
    session of the customer is valid from the first moment on. Repeat it a minute later, for a row that was too new to
    be found. Backups keep the rows for up to 35 days. --dry-run counts live sessions. Ended ones and children come on
    top.

    The objects of large data in S3 are deleted, too, before the answer where the bucket is known
    (SESSION_LARGE_DATA_BUCKET, or the stack's output). Otherwise the function on the table's stream deletes them soon.
    Where functions have a cache of validations, set SESSION_VALIDATION_CACHE_HOST as they do, as for `end`.
    """
    store = connection.store_with(large_data=connection.large_data)

    def count(name: str) -> Iterator[dict[str, Any]]:
        number = estimates.live_sessions(connection, name)
        yield {"customer_id": name, "sessions": number, **estimates.units_of(estimates.of_erasing(number))}

    def erase(name: str) -> Iterator[dict[str, Any]]:
        deleted = 0
        with progress("Erasing", unit="rows") as tally:
            while True:
                done = store.erase_customer(name, limit=_PAGE, cursor=batch.cursor)
                deleted += done.count
                batch.cursor = done.cursor
                cost = estimates.of_erasing(done.count)
                tally.add(done.count, rru=cost.rru, wru=cost.wru)
                if done.cursor is None:
                    break
        yield {"customer_id": name, "rows_deleted": deleted}

    with Batch(customer, each_id(customer), cursor=cursor) as batch:
        if dry_run:
            batch.print_results(printer, count, _WOULD_BE_ERASED)
        else:
            if not yes:
                if batch.several:
                    asking.refuse()
                check_customer_id(customer)
                asking.check_terminal()
                asking.ask_to_type(customer, f"All rows of {customer} will be deleted. To delete them type {customer}")
            batch.print_results(printer, erase, _ERASED)
    return batch.status
