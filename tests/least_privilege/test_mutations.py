"""On the embedded AWS, with IAM enforced: take any one action away from any one role, and calls fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

import pytest

from session_store.catalog.access_patterns import LIMIT_SESSIONS
from session_store.catalog.functions import Function
from session_store.catalog.pattern import Resource
from tests.least_privilege.functions import DEPLOYED_FUNCTIONS, FUNCTIONS, DeployedFunction, Rules, documented
from tests.least_privilege.policies import DeployedPolicy, deployed_policies
from tests.least_privilege.system import System
from tests.least_privilege.tour import FunctionFailedError, Guide, hold_to_the_limit, tour
from tests.support.aws_calls import recorded_calls
from tests.support.figures import Count

Systems = Mapping[Rules, System]
Policies = Mapping[DeployedFunction, DeployedPolicy]


class Permission(NamedTuple):
    """An action that a function's role allows."""

    function: DeployedFunction
    action: str
    resource: Resource

    def __str__(self) -> str:
        return f"{self.function}-{self.action}-{self.resource}"


PERMISSIONS = [
    Permission(function, action, resource)
    for function in (DeployedFunction(Rules.DEFAULT, name) for name in FUNCTIONS)
    for action, resource in sorted(documented(function))
]
LIMITED = DeployedFunction(Rules.STRICT, Function.CREATE)
PERMISSIONS_FOR_THE_LIMIT = [Permission(LIMITED, *permission) for permission in sorted(LIMIT_SESSIONS.permissions())]


@pytest.fixture(scope="module")
def policies(systems: Systems) -> Policies:
    return {
        DeployedFunction(rules, name): policy
        for rules, system in systems.items()
        for name, policy in deployed_policies(system).items()
    }


@pytest.mark.parametrize("function", DEPLOYED_FUNCTIONS, ids=str)
def test_with_its_own_role_a_function_does_all_that_it_is_for(
    complete_tour: Callable[[DeployedFunction], None], function: DeployedFunction
) -> None:
    complete_tour(function)


@pytest.mark.parametrize("permission", [*PERMISSIONS, *PERMISSIONS_FOR_THE_LIMIT], ids=str)
def test_without_one_action_a_function_fails(
    systems: Systems, policies: Policies, count: Count, permission: Permission
) -> None:
    """Under the limit, the sign-in goes on and nobody is held to it."""
    function, action, resource = permission
    needs_it = hold_to_the_limit if function == LIMITED else partial(tour, function=function)

    with policies[function].without(action, resource), pytest.raises(FunctionFailedError):
        needs_it(Guide(systems[function.rules]))

    count("least privilege, actions taken away and missed", 1)


@pytest.mark.parametrize(
    ("name", "action", "resource"),
    [
        (Function.READ, "dynamodb:GetItem", Resource.TABLE),
        (Function.READ, "dynamodb:Query", Resource.INDEX),
        (Function.CREATE_CHILD, "dynamodb:PutItem", Resource.TABLE),  # a part of a transaction
    ],
)
def test_what_iam_denies_is_recorded_as_a_call_like_any_other(
    systems: Systems, policies: Policies, name: Function, action: str, resource: Resource
) -> None:
    function, system = DeployedFunction(Rules.DEFAULT, name), systems[Rules.DEFAULT]
    with policies[function].without(action, resource), pytest.raises(FunctionFailedError):
        tour(Guide(system), function)
    last = next(call for call in recorded_calls(system.aws) if call.role == policies[function].role)
    assert f"dynamodb:{last.operation}" == action
    assert last.parameters["TableName"] == system.table_name
    assert ("IndexName" in last.parameters) is (resource is Resource.INDEX)
