"""The calls that a grant allows a back end, by a policy evaluator. `*` and `?` in a policy also stand for a `/`."""

from __future__ import annotations

from typing import Final

import pytest

from docgen.http_tables import invoke_resource
from session_store.catalog.route import Route
from session_store.catalog.routes import BACKEND_ROUTES
from tests.infra.api_policies import api_policies
from tests.least_privilege.evaluator import Question, Verdicts, evaluate

INVOKE: Final = "execute-api:Invoke"
API: Final = "arn:aws:execute-api:us-east-1:000000000000:api/$default/"
SESSION: Final = "019a5b1c-7d2e-7f00-8a1b-2c3d4e5f6a7b"
CHILD: Final = "019a5b1c-7d2e-7f01-9a1b-2c3d4e5f6a7b"
# The last two are for the stage: were it a `*`, `POST /sessions` would also be `DELETE /customers/POST/sessions`.
CUSTOMERS: Final = ("ABC", "a@example.com", "~dXJuOmEvYg", "POST", "GET/customers/A")

ROUTES: Final = {route.operation_id: route for route in BACKEND_ROUTES}
# A policy cannot express the end of a customer id: `/customers/*` is also `/customers/ABC/sessions`.
ALSO_ALLOWED: Final = {"eraseCustomer": {"endCustomerSessions"}}
ALL: Final = "all"
SEVERAL: Final = {"getLastLoginTime", "introspectToken"}
GRANTS: Final[dict[str, tuple[Route | str, ...]]] = {
    **{route.operation_id: (route,) for route in BACKEND_ROUTES},
    ALL: (),
    "several": tuple(sorted(SEVERAL)),  # by their operation ids
}


def requests_of(operation_id: str) -> tuple[str, ...]:
    """ARNs of requests to a route, as API Gateway makes them: method and path, ids filled in."""
    route = ROUTES[operation_id]
    path = route.path.replace("{session_id}", SESSION).replace("{child_session_id}", CHILD)
    return tuple(dict.fromkeys(f"{API}{route.method}{path.replace('{customer_id}', name)}" for name in CUSTOMERS))


EVERY_REQUEST: Final = {arn: operation_id for operation_id in ROUTES for arn in requests_of(operation_id)}


@pytest.fixture(scope="module")
def verdicts() -> Verdicts[str]:
    """By grant, what its grantee may call."""
    policies = api_policies(GRANTS, api_id="api")
    return evaluate({name: Question(policy, tuple(EVERY_REQUEST), "execute-api") for name, policy in policies.items()})


def routes_in(verdicts: Verdicts[str], granted: str) -> set[str]:
    return {EVERY_REQUEST[arn] for action, arn in verdicts.allowed[granted] if action == INVOKE}


@pytest.mark.parametrize("operation_id", ROUTES)
def test_every_request_to_a_granted_route_is_allowed(operation_id: str, verdicts: Verdicts[str]) -> None:
    assert {(INVOKE, arn) for arn in requests_of(operation_id)} <= verdicts.allowed[operation_id]


@pytest.mark.parametrize("operation_id", ROUTES)
def test_a_granted_route_allows_no_other_than_is_documented(operation_id: str, verdicts: Verdicts[str]) -> None:
    assert routes_in(verdicts, operation_id) == {operation_id} | ALSO_ALLOWED.get(operation_id, set())


def test_a_grant_of_several_routes_is_one_of_each(verdicts: Verdicts[str]) -> None:
    assert routes_in(verdicts, "several") == SEVERAL


def test_a_grant_without_routes_allows_all_of_them(verdicts: Verdicts[str]) -> None:
    assert routes_in(verdicts, ALL) == set(ROUTES)


def test_a_grant_allows_calls_and_nothing_else_of_the_service(verdicts: Verdicts[str]) -> None:
    assert {action for allowed in verdicts.allowed.values() for action, _ in allowed} == {INVOKE}
    assert verdicts.actions_known["execute-api"] > 1


def test_the_documents_spell_the_resource_of_a_route_as_the_grant_does() -> None:
    granted = api_policies({name: (route,) for name, route in ROUTES.items()}, api_id="api")

    resources = {name: policy["Statement"][0]["Resource"] for name, policy in granted.items()}
    api = API.removesuffix("/$default/")
    assert resources == {name: f"{api}{invoke_resource(route)}" for name, route in ROUTES.items()}
