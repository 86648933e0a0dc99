"""The deployed systems, what their functions have asked of AWS, and the roles that decide about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cache

import pytest

from tests.least_privilege.evaluator import Verdicts, evaluate
from tests.least_privilege.functions import DEPLOYED_FUNCTIONS, DeployedFunction, Rules
from tests.least_privilege.recorded import Recorded, recorded_by_function
from tests.least_privilege.roles import SERVICES, Role, synthesized_roles
from tests.least_privilege.system import FunctionFailedError, System, strict_system
from tests.least_privilege.tour import tour
from tests.support.protected_api import ProtectedApi


@pytest.fixture(scope="package")  # no longer: other tests look at all that the embedded AWS has
def systems(protected_api: ProtectedApi) -> Iterator[Mapping[Rules, System]]:
    """The deployed systems, on one embedded AWS."""
    with strict_system(protected_api.deployed) as strict:
        yield {Rules.DEFAULT: System(protected_api), Rules.STRICT: strict}


@pytest.fixture(scope="package")
def complete_tour(systems: Mapping[Rules, System]) -> Callable[[DeployedFunction], None]:
    """Makes a function do all that it ever does, unless it has done so already."""
    return cache(lambda function: tour(systems[function.rules], function))


@pytest.fixture(scope="package")
def recorded(
    systems: Mapping[Rules, System], complete_tour: Callable[[DeployedFunction], None]
) -> Mapping[DeployedFunction, Recorded]:
    """Each function's requests to AWS, in the tests of the deployed system before these, and on its tour."""
    for function in DEPLOYED_FUNCTIONS:
        with suppress(FunctionFailedError):  # what it was denied is recorded, too; that it fails is seen elsewhere
            complete_tour(function)
    return recorded_by_function(systems)


@pytest.fixture(scope="session")
def roles() -> Mapping[DeployedFunction, Role]:
    """The role synthesized for every function."""
    return synthesized_roles()


@pytest.fixture(scope="session")
def verdicts(roles: Mapping[DeployedFunction, Role]) -> Verdicts[DeployedFunction]:
    """All that the policy evaluator finds allowed, of every action of the services that functions call."""
    asked = {(function, service): role.question(service) for function, role in roles.items() for service in SERVICES}
    known, found = evaluate(asked)
    return Verdicts(known, {function: set().union(*(found[function, each] for each in SERVICES)) for function in roles})
