"""The functions on a table: those whose environment names it."""

from __future__ import annotations

from typing import Any, NamedTuple

from session_store.catalog.operator_commands import DESCRIBED_AS
from session_store.settings import TABLE_NAME


class Function(NamedTuple):
    """A function.

    Attributes:
        name: its name.
        arn: its ARN.
        log_group: the name of the log group that it writes to.
        serves: what it does for a session service, `create session`. Empty for an application's.
    """

    name: str
    arn: str
    log_group: str
    serves: str

    @property
    def own(self) -> bool:
        """Whether it is a session service's."""
        return bool(self.serves)


class Found(NamedTuple):
    """The functions of an account and region, as far as they matter.

    Attributes:
        on_table: those on the table.
        unreadable: those of a session service whose variables are under a key that the caller may not use.
    """

    on_table: list[Function]
    unreadable: list[Function]


def find_functions(client: Any, table: str) -> Found:  # noqa: ANN401 - made at run time
    """Look for the functions on a table.

    Args:
        client: of Lambda.
        table: the table's name or ARN.

    Raises:
        BotoCoreError, ClientError: as of ListFunctions.
    """
    name = _name_in(table)
    described = [each for page in client.get_paginator("list_functions").paginate() for each in page["Functions"]]
    unreadable = [_function(each) for each in described if "Error" in each.get("Environment", {})]
    on_table = [_function(each) for each in described if _table_of(each) == name]
    return Found(on_table, [function for function in unreadable if function.own])


def _function(described: dict[str, Any]) -> Function:
    name = described["FunctionName"]
    group = described.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{name}"
    description = described.get("Description", "")
    serves = description.removeprefix(DESCRIBED_AS) if description.startswith(DESCRIBED_AS) else ""
    return Function(name, described["FunctionArn"], group, serves)


def _table_of(described: dict[str, Any]) -> str:
    return _name_in(described.get("Environment", {}).get("Variables", {}).get(TABLE_NAME, ""))


def _name_in(table: str) -> str:
    """The name, also of a table's ARN."""
    return table.rpartition("/")[2]
