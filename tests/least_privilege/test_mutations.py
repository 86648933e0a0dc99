"""On the embedded AWS, with IAM enforced: take any one action away from any one role, and calls fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
def policies(systems: Mapping[Rules, System]) -> Mapping[DeployedFunction, DeployedPolicy]:
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


@pytest.fixture
def assert_missed(
    systems: Mapping[Rules, System], policies: Mapping[DeployedFunction, DeployedPolicy], count: Count
) -> Callable[[Permission, Callable[[Guide], None]], None]:
    """Take an action away from a role, and see what needs it fail."""

    def check(permission: Permission, needs_it: Callable[[Guide], None]) -> None:
        function, action, resource = permission
        with policies[function].without(action, resource), pytest.raises(FunctionFailedError):
            needs_it(Guide(systems[function.rules]))
        count("least privilege, actions taken away and missed", 1)

    return check


@pytest.mark.parametrize("permission", PERMISSIONS, ids=str)
def test_without_one_action_a_function_fails(
    assert_missed: Callable[[Permission, Callable[[Guide], None]], None], permission: Permission
) -> None:
    assert_missed(permission, lambda guide: tour(guide, permission.function))


@pytest.mark.parametrize("permission", PERMISSIONS_FOR_THE_LIMIT, ids=str)
def test_without_one_action_nobody_is_held_to_the_limit(
    assert_missed: Callable[[Permission, Callable[[Guide], None]], None], permission: Permission
) -> None:
    assert_missed(permission, hold_to_the_limit)


@pytest.mark.parametrize(
    ("name", "action", "resource"),
    [
        (Function.READ, "dynamodb:GetItem", Resource.TABLE),
        (Function.READ, "dynamodb:Query", Resource.INDEX),
        (Function.CREATE_CHILD, "dynamodb:PutItem", Resource.TABLE),  # a part of a transaction
    ],
)
def test_what_iam_denies_is_recorded_as_a_call_like_any_other(
    systems: Mapping[Rules, System],
    policies: Mapping[DeployedFunction, DeployedPolicy],
    name: Function,
    action: str,
    resource: Resource,
) -> None:
    function, system = DeployedFunction(Rules.DEFAULT, name), systems[Rules.DEFAULT]
    with policies[function].without(action, resource), pytest.raises(FunctionFailedError):
        tour(Guide(system), function)
    last = next(call for call in recorded_calls(system.aws) if call.role == policies[function].role)
    assert f"dynamodb:{last.operation}" == action
    assert last.parameters["TableName"] == system.table_name
    assert ("IndexName" in last.parameters) is (resource is Resource.INDEX)
