"""What the deployed functions have asked of AWS since it was started."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from operator import not_
from typing import Any, Final

from session_store.catalog.pattern import Resource
from tests.least_privilege.functions import DeployedFunction, Rules
from tests.least_privilege.system import System
from tests.support.aws_calls import AwsCall, recorded_calls
from tests.support.metering import permissions_of_request

_DYNAMODB: Final = "dynamodb.amazonaws.com"


@dataclass(frozen=True)
class Recorded:
    """The calls of one function, allowed or denied.

    Attributes:
        calls: how many.
        needed: actions that IAM had to allow for them, transactions as their parts, each on table or index.
        elsewhere: calls of other services, or of other tables than the system's.
    """

    calls: int
    needed: frozenset[tuple[str, Resource]]
    elsewhere: tuple[AwsCall, ...]


def recorded_by_function(systems: Mapping[Rules, System]) -> dict[DeployedFunction, Recorded]:
    """What each function of the systems, which are on one embedded AWS, has asked of AWS so far."""
    calls = defaultdict(list)
    for call in recorded_calls(systems[Rules.DEFAULT].aws):
        calls[call.role].append(call)
    return {
        DeployedFunction(rules, name): _recorded(calls[role], system.table_name)
        for rules, system in systems.items()
        for name, role in system.roles().items()
    }


def _recorded(calls: Sequence[AwsCall], table_name: str) -> Recorded:
    expected = [call.service == _DYNAMODB and set(_tables(call.parameters)) == {table_name} for call in calls]
    return Recorded(
        calls=len(calls),
        needed=frozenset[tuple[str, "Resource"]]().union(
            *(permissions_of_request(call.operation, call.parameters) for call in compress(calls, expected))
        ),
        elsewhere=tuple(compress(calls, map(not_, expected))),
    )


def _tables(parameters: Mapping[str, Any]) -> Iterator[str]:
    """The tables that a request of DynamoDB names."""
    if "TableName" in parameters:
        yield parameters["TableName"]
    yield from parameters.get("RequestItems", ())
    for part in parameters.get("TransactItems", ()):
        yield from (operand["TableName"] for operand in part.values())
