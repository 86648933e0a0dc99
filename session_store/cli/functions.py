"""The functions on a table: those whose environment names it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from session_store.catalog.operator_commands import DESCRIBED_AS
from session_store.cli.exits import say
from session_store.settings import TABLE_NAME

if TYPE_CHECKING:
    from session_store.cli.connect import Connection


class Function(NamedTuple):
    """A function on the table.

    Attributes:
        name: its name.
        arn: its ARN.
        log_group: the name of the log group that it writes to.
        own: whether it is the service's, not an application's.
    """

    name: str
    arn: str
    log_group: str
    own: bool


def functions_on(connection: Connection) -> list[Function]:
    """The functions on the table of a connection, in its account and region."""
    table = _name_in(connection.table_name)
    pages = connection.aws.client("lambda").get_paginator("list_functions").paginate()
    described = [each for page in pages for each in page["Functions"]]
    _name_unreadable([each for each in described if "Error" in each.get("Environment", {})])
    return [_function(each) for each in described if _table_of(each) == table]


def _name_unreadable(described: list[dict[str, Any]]) -> None:
    """Those of a service whose variables are under a key that the operator may not use."""
    if names := [function.name for function in map(_function, described) if function.own]:
        say(f"Left out, because kms:Decrypt of their variables is not allowed: {', '.join(names)}.")


def _function(described: dict[str, Any]) -> Function:
    name = described["FunctionName"]
    group = described.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{name}"
    own = described.get("Description", "").startswith(DESCRIBED_AS)
    return Function(name, described["FunctionArn"], group, own)


def _table_of(described: dict[str, Any]) -> str:
    return _name_in(described.get("Environment", {}).get("Variables", {}).get(TABLE_NAME, ""))


def _name_in(table: str) -> str:
    """The name, also of a table's ARN."""
    return table.rpartition("/")[2]
