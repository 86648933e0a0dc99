"""On the embedded AWS, with IAM enforced: take any one action away from any one role, and calls fail."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from session_store.http.routes import Function, permissions_of
from tests.least_privilege.on_the_embedded_aws import DeployedPolicy, EmbeddedSystem, deployed_policies
from tests.least_privilege.tour import TOURS, FunctionFailedError, Guide

if TYPE_CHECKING:
    from collections.abc import Mapping

    from session_store.access_patterns import Resource
    from tests.support.figures import Count
    from tests.support.protected_api import ProtectedApi


class Permission(NamedTuple):
    """An action that a function's role allows."""

    function: Function
    action: str
    resource: Resource


PERMISSIONS = [
    pytest.param(Permission(function, action, resource), id=f"{function.value}-{action}-{resource.value}")
    for function in Function
    for action, resource in sorted(permissions_of(function))
]


@pytest.fixture(scope="module")
def guide(protected_api: ProtectedApi) -> Guide:
    return Guide(EmbeddedSystem(protected_api))


@pytest.fixture(scope="module")
def policies(protected_api: ProtectedApi) -> Mapping[Function, DeployedPolicy]:
    return deployed_policies(protected_api)


@pytest.mark.parametrize("function", Function)
def test_with_its_own_role_a_function_does_all_that_it_is_for(guide: Guide, function: Function) -> None:
    TOURS[function](guide)


@pytest.mark.parametrize("permission", PERMISSIONS)
def test_without_one_action_a_function_fails(
    guide: Guide, policies: Mapping[Function, DeployedPolicy], permission: Permission, count: Count
) -> None:
    function, action, resource = permission
    with policies[function].without(action, resource), pytest.raises(FunctionFailedError):
        TOURS[function](guide)
    count("least privilege, actions taken away and missed", 1)
