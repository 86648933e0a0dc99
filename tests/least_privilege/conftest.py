"""The recorded calls, the roles, and what a policy evaluator says about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import tests.support.jsii  # noqa: F401 - before anything imports aws_cdk
from session_store import SessionStore
from session_store.web.decorator import default_store
from tests.least_privilege.in_process import Recorded
from tests.least_privilege.tour import TOURS, Guide
from tests.support.engines import Memory
from tests.support.scene import new_scene

if TYPE_CHECKING:
    from collections.abc import Mapping

    from session_store.access_patterns import Resource
    from tests.least_privilege.roles import Role, Verdicts


@pytest.fixture(scope="session")
def needed() -> Mapping[str, set[tuple[str, Resource]]]:
    """By function, every action and resource that its calls asked for."""
    engine = Memory("memory")
    with engine.running(), new_scene(engine) as scene, pytest.MonkeyPatch.context() as patch:
        patch.setattr(SessionStore, "from_environment", lambda: scene.store)  # the demo has no other way in
        default_store.cache_clear()
        recorded = Recorded(scene)
        for tour in TOURS.values():
            tour(Guide(recorded))
        default_store.cache_clear()
    return recorded.calls


@pytest.fixture(scope="session")
def roles() -> Mapping[str, Role]:
    """The role synthesized for every function."""
    from tests.least_privilege.roles import synthesized_roles  # noqa: PLC0415 - loads aws_cdk

    return synthesized_roles()


@pytest.fixture(scope="session")
def verdicts(roles: Mapping[str, Role]) -> Verdicts:
    """All that the policy evaluator finds allowed."""
    from tests.least_privilege.roles import evaluate  # noqa: PLC0415 - loads aws_cdk

    return evaluate(roles)
