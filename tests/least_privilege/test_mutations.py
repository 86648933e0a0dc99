"""On the embedded AWS, with IAM enforced: take any one action away from any one role, and calls fail."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.least_privilege.functions import FUNCTIONS, documented
from tests.least_privilege.on_the_embedded_aws import DeployedPolicy, EmbeddedSystem, deployed_policies
from tests.least_privilege.tour import TOURS, FunctionFailedError, Guide

if TYPE_CHECKING:
    from collections.abc import Mapping

    from session_store.access_patterns import Resource
    from tests.support.figures import Count
    from tests.support.protected_api import ProtectedApi


class Permission(NamedTuple):
    """An action that a function's role allows."""

    function: str
    action: str
    resource: Resource


PERMISSIONS = [
    pytest.param(Permission(function, action, resource), id=f"{function}-{action}-{resource.value}")
    for function in FUNCTIONS
    for action, resource in sorted(documented(function))
]


@pytest.fixture(scope="module")
def guide(protected_api: ProtectedApi) -> Guide:
    return Guide(EmbeddedSystem(protected_api))


@pytest.fixture(scope="module")
def policies(protected_api: ProtectedApi) -> Mapping[str, DeployedPolicy]:
    return deployed_policies(protected_api)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_with_its_own_role_a_function_does_all_that_it_is_for(guide: Guide, function: str) -> None:
    TOURS[function](guide)


@pytest.mark.parametrize("permission", PERMISSIONS)
def test_without_one_action_a_function_fails(
    guide: Guide, policies: Mapping[str, DeployedPolicy], permission: Permission, count: Count
) -> None:
    function, action, resource = permission
    with policies[function].without(action, resource), pytest.raises(FunctionFailedError):
        TOURS[function](guide)
    count("least privilege, actions taken away and missed", 1)
