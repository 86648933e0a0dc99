"""On the embedded AWS, with IAM enforced: take any one action away from any one role, and calls fail."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

import pytest

from session_store.catalog.access_patterns import LIMIT_SESSIONS
from session_store.catalog.functions import Function
from session_store.catalog.pattern import Resource
from tests.least_privilege.functions import DEPLOYED_FUNCTIONS, FUNCTIONS, DeployedFunction, Rules, documented
from tests.least_privilege.system import FunctionFailedError, System
from tests.least_privilege.tour import hold_to_the_limit, tour
from tests.support.aws_calls import recorded_calls
from tests.support.figures import Count

Systems = Mapping[Rules, System]


class Policy(NamedTuple):
    """The one policy of a deployed function's role."""

    iam: Any
    role: str
    name: str
    document: Mapping[str, Any]

    @contextmanager
    def without(self, action: str, resource: Resource) -> Iterator[None]:
        """Take one action on one resource away while the block runs."""
        statements = [_without(statement, action, resource) for statement in self.document["Statement"]]
        changed = {**self.document, "Statement": [statement for statement in statements if statement["Action"]]}
        assert changed != self.document
        self._put(changed)
        try:
            yield
        finally:
            self._put(self.document)

    def _put(self, document: Mapping[str, Any]) -> None:
        self.iam.put_role_policy(RoleName=self.role, PolicyName=self.name, PolicyDocument=json.dumps(document))


def policy_of(iam: Any, role: str) -> Policy:
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    return Policy(iam, role, name, iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"])


def _without(statement: Mapping[str, Any], action: str, resource: Resource) -> dict[str, Any]:
    is_meant = ("/index/" in json.dumps(statement["Resource"])) is (resource is Resource.INDEX)
    actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
    return {**statement, "Action": [each for each in actions if not (is_meant and each == action)]}


Policies = Mapping[DeployedFunction, Policy]


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
    aws = systems[Rules.DEFAULT].aws  # all systems are on one
    iam = aws.session().client("iam", endpoint_url=aws.endpoint_url)
    return {
        DeployedFunction(rules, name): policy_of(iam, role)
        for rules, system in systems.items()
        for name, role in system.roles().items()
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
    """Under the limit, the sign-in goes on and no session is ended."""
    function, action, resource = permission
    needs_it = hold_to_the_limit if function == LIMITED else partial(tour, function=function)

    with policies[function].without(action, resource), pytest.raises(FunctionFailedError):
        needs_it(systems[function.rules])

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
        tour(system, function)
    last = next(call for call in recorded_calls(system.aws) if call.role == policies[function].role)
    assert f"dynamodb:{last.operation}" == action
    assert last.parameters["TableName"] == system.table_name
    assert ("IndexName" in last.parameters) is (resource is Resource.INDEX)
