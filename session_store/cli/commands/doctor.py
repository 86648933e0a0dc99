"""`session-store doctor`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from session_store.catalog.operator_policies import POLICIES
from session_store.cli import diagnosing, options
from session_store.cli.command import operator_command

if TYPE_CHECKING:
    from session_store.cli.connect import Connection
    from session_store.cli.exits import Exit
    from session_store.cli.output import Printer


@operator_command(
    "doctor",
    examples="""
        session-store doctor
        # Before a night on call: may I list and end?
        session-store doctor --env prod --can list --can end
        # Many accounts and regions, with a role of that name in each:
        session-store doctor --account 111122223333,444455556666 --role Ops --regions eu-west-1,us-east-1
    """,
)
@click.option(
    "--can",
    "commands",
    metavar="COMMAND",
    multiple=True,
    type=click.Choice(list(POLICIES)),
    help="Also find out whether this command is permitted. Give it as often as you like.",
)
@click.option("--regions", metavar="A,B", help="Look into several regions.")
@partial(options.connected, diagnosing=True)
@options.printing
def command(*, connection: Connection, printer: Printer, commands: tuple[str, ...], regions: str | None) -> Exit:
    """Find out why AWS or the table does not answer as it should, and what to do.

    It looks at the credentials and where they come from, the region, the clock, the way to AWS and who you are. If a
    table is named, it also looks at that, at the limits of account, functions and APIs, and says which of them is met
    first. It changes nothing. --account takes several ids with commas between them. The exit status is 4 when it found
    an error.

    With large data in S3 (SESSION_LARGE_DATA_BUCKET, or the stack's output) it looks at the bucket, with
    SESSION_ENCRYPTION_KEYS at these keys, and with SESSION_VALIDATION_CACHE_HOST whether the cache answers.
    """
    return diagnosing.diagnose(connection, printer, commands, regions.split(",") if regions else [])
