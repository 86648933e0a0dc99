"""The functions on the table of a connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from session_store.aws.functions import find_functions
from session_store.cli.exits import say

if TYPE_CHECKING:
    from session_store.aws.functions import Function
    from session_store.cli.connect import Connection


def functions_on(connection: Connection) -> list[Function]:
    """The functions on the table. Those of which that cannot be told are named on stderr."""
    found = find_functions(connection.aws.client("lambda"), connection.table_name)
    if found.unreadable:
        names = ", ".join(function.name for function in found.unreadable)
        say(f"Left out, because kms:Decrypt of their variables is not allowed: {names}.")
    return found.on_table
