"""The requests of the deployed functions to AWS since it was started."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, filterfalse
from typing import Any, Final, NamedTuple

from session_store.catalog.pattern import Resource
from tests.least_privilege.functions import DeployedFunction, Rules
from tests.least_privilege.system import System
from tests.support.aws_calls import AwsCall, recorded_calls
from tests.support.metering import permissions_of_request

# AWS answers it to every identity, under any policy. A test of the functions' keys asks it (tests/e2e).
_WHO_AM_I: Final = "GetCallerIdentity"


class Recorded(NamedTuple):
    """The calls of one function, allowed or denied."""

    calls: int
    needed: frozenset[tuple[str, Resource]]  # what IAM had to allow for them, transactions as their parts
    elsewhere: tuple[AwsCall, ...]  # calls of other services, or of other tables than the system's


def recorded_by_function(systems: Mapping[Rules, System]) -> dict[DeployedFunction, Recorded]:
    """The requests so far of each function of the systems, which are on one embedded AWS."""
    calls = defaultdict(list)
    for call in recorded_calls(systems[Rules.DEFAULT].aws):
        if call.parameters.get("Action") != _WHO_AM_I:
            calls[call.role].append(call)
    return {
        DeployedFunction(rules, name): _recorded(calls[role], system.table_name)
        for rules, system in systems.items()
        for name, role in system.roles().items()
    }


def _recorded(calls: Sequence[AwsCall], table_name: str) -> Recorded:
    def is_expected(call: AwsCall) -> bool:
        return call.service == "dynamodb.amazonaws.com" and set(_tables(call.parameters)) == {table_name}

    needed = (permissions_of_request(call.operation, call.parameters) for call in calls if is_expected(call))
    return Recorded(len(calls), frozenset(chain.from_iterable(needed)), tuple(filterfalse(is_expected, calls)))


def _tables(parameters: Mapping[str, Any]) -> Iterator[str]:
    """The tables that a request of DynamoDB names."""
    if "TableName" in parameters:
        yield parameters["TableName"]
    yield from parameters.get("RequestItems", ())
    for part in parameters.get("TransactItems", ()):
        yield from (operand["TableName"] for operand in part.values())
