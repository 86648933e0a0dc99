"""The requests of the deployed functions to AWS since it was started."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Final, NamedTuple

from session_store.catalog.access_tokens import BY_KEY
from session_store.catalog.lifecycle import BY_ITS_CODE, EVENT_BUS, PARKING_QUEUE
from session_store.catalog.pattern import Resource
from session_store.catalog.sign_in import BY_SECRET
from tests.least_privilege.functions import CLIENT_SECRET, SIGNING_KEY, DeployedFunction, Rules
from tests.least_privilege.system import System
from tests.support.aws_calls import AwsCall, recorded_calls
from tests.support.metering import permissions_of_request

_DYNAMODB: Final = "dynamodb.amazonaws.com"
# AWS answers it to every identity, under any policy. A test of the functions' keys asks it (tests/e2e).
_WHO_AM_I: Final = "GetCallerIdentity"


class Recorded(NamedTuple):
    """The calls of one function, allowed or denied."""

    calls: int
    needed: frozenset[tuple[str, Resource]]  # what IAM had to allow for them, transactions as their parts
    elsewhere: tuple[AwsCall, ...]  # calls of other services, or of other tables than the system's
    agents: frozenset[str]  # programs, as those that asked DynamoDB called themselves


def recorded_by_function(systems: Mapping[Rules, System]) -> dict[DeployedFunction, Recorded]:
    """The requests so far of each function of the systems, which are on one embedded AWS."""
    calls = defaultdict(list)
    for call in recorded_calls(systems[Rules.DEFAULT].aws):
        if call.parameters.get("Action") != _WHO_AM_I:
            calls[call.role].append(call)
    return {
        DeployedFunction(rules, name): _recorded(calls[role], system)
        for rules, system in systems.items()
        for name, role in system.roles().items()
    }


def _recorded(calls: Sequence[AwsCall], system: System) -> Recorded:
    lifecycle = system.lifecycle
    places = {EVENT_BUS: lifecycle.event_bus, PARKING_QUEUE: lifecycle.queue_url}

    def needed(call: AwsCall) -> set[tuple[str, Resource]]:
        """The permissions for a call, none if it is about something else than the system's."""
        if call.service == _DYNAMODB:
            is_ours = set(_tables(call.parameters)) == {system.table_name}
            return permissions_of_request(call.operation, call.parameters) if is_ours else set()
        if (action := f"{call.service.partition('.')[0]}:{call.operation}") in BY_KEY.values():
            return {(action, SIGNING_KEY)}
        if action in BY_SECRET.values():
            return {(action, CLIENT_SECRET)}
        return {
            (action, resource)
            for action, resource in BY_ITS_CODE
            if action == f"{call.service.partition('.')[0]}:{call.operation.removesuffix('Batch')}"
            and {_name(each) for each in _named(call.parameters)} == {_name(places[resource])}
        }

    found = [(call, needed(call)) for call in calls]
    every = frozenset(chain.from_iterable(permissions for _, permissions in found))
    elsewhere = tuple(call for call, permissions in found if not permissions)
    agents = frozenset(call.agent for call in calls if call.service == _DYNAMODB and call.agent)
    return Recorded(len(calls), every, elsewhere, agents)


def _named(parameters: Mapping[str, Any]) -> Iterator[str]:
    """The bus or the queue that a request names. Of one that IAM denied there is the ARN alone."""
    yield from (parameters[name] for name in ("QueueUrl", "ResourceArn") if name in parameters)
    yield from (entry["EventBusName"] for entry in parameters.get("Entries", ()) if "EventBusName" in entry)


def _name(place: str) -> str:
    """The end of an ARN or URL."""
    return re.split("[:/]", place)[-1]


def _tables(parameters: Mapping[str, Any]) -> Iterator[str]:
    """The tables that a request of DynamoDB names."""
    if "TableName" in parameters:
        yield parameters["TableName"]
    yield from parameters.get("RequestItems", ())
    for part in parameters.get("TransactItems", ()):
        yield from (operand["TableName"] for operand in part.values())
