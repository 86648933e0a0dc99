"""The demo's stack: where it may be, what it is allowed, what it serves."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aws_cdk import Stack

from app import add_stacks
from demo.app import ROUTES
from session_store.catalog.pattern import Resource
from stacks.demo_stack import ALLOWED_ENVIRONMENTS, DemoStack, demo_files
from stacks.environments import EnvironmentSettingsError
from tests.infra.templates import (
    API,
    CONTEXT,
    ENVIRONMENTS,
    FUNCTION,
    ROUTE,
    STAGE,
    Template,
    deployment,
    logical_id,
    new_app,
    template_of,
)

# Everything that answers without IAM's consent in a deployed environment. A new one has to be named here.
OPEN_ROUTES = {
    "GET /",
    "GET /sign-in",
    "POST /sign-in",
    "POST /sign-out",
    "GET /sessions",
    "POST /sessions/end",
    "POST /sessions/end-others",
    "GET /account",
    "POST /account/password",
    "POST /account/delete",
    "GET /static/{file}",
    "$default",
}
TABLE_ACTIONS = {"GetItem", "PutItem", "UpdateItem", "Query", "BatchGetItem"}


def context_with(name: str, **settings: object) -> dict[str, Any]:
    """The context of cdk.json, one environment's settings changed, that environment chosen."""
    environments = CONTEXT["environments"]
    return CONTEXT | {"env": name, "environments": environments | {name: environments.get(name, {}) | settings}}


def demo_stack(name: str) -> Stack | None:
    app = new_app(CONTEXT | {"env": name})
    add_stacks(app)
    found = app.node.try_find_child(f"SessionStoreDemo-{name}")
    return found if isinstance(found, Stack) else None


@pytest.fixture(scope="module")
def template() -> Template:
    stack = demo_stack("dev")
    assert stack is not None
    return template_of(stack)


def test_only_local_and_dev_have_it() -> None:
    assert {name for name in ENVIRONMENTS if demo_stack(name)} == {"local", "dev"} == set(ALLOWED_ENVIRONMENTS)


@pytest.mark.parametrize("name", ["staging", "prod", "production", "eu-prod"])
def test_no_other_environment_can_have_it(name: str) -> None:
    settings = CONTEXT["environments"].get(name, CONTEXT["environments"]["dev"])
    with pytest.raises(EnvironmentSettingsError, match=rf"'{name}': demo must not be true.*local and dev"):
        add_stacks(new_app(context_with(name, **settings | {"demo": True})))


@pytest.mark.parametrize(
    "setting",
    [
        {"removal_policy": "RETAIN"},
        {"deletion_protection": True},
        {"termination_protection": True},
        {"table_name": "sessions-of-users"},
    ],
    ids=lambda setting: next(iter(setting)),
)
def test_an_environment_that_keeps_its_data_cannot_have_it_whatever_its_name(setting: dict[str, object]) -> None:
    with pytest.raises(EnvironmentSettingsError, match=r"'dev': demo must not be true.*keep no data"):
        add_stacks(new_app(context_with("dev", **setting)))


def test_the_open_routes_are_these_and_no_others(template: Template) -> None:
    routes = template.properties(ROUTE)
    assert {route["RouteKey"] for route in routes} == OPEN_ROUTES == {route.key for route in ROUTES}
    assert {route.get("AuthorizationType", "NONE") for route in routes} == {"NONE"}


def test_its_function_may_do_to_the_table_exactly_what_its_routes_need(template: Template) -> None:
    ((_, function),) = template.resources(FUNCTION).items()
    needed = {
        permission
        for route in ROUTES
        for pattern in route.patterns
        for permission in pattern.permissions(customer_known=True)
    }
    granted = set()
    for action, resource in template.permissions(logical_id(function["Properties"]["Role"])):
        assert "*" not in action
        if action.startswith("dynamodb:"):
            granted.add((action, Resource.INDEX if "/index/GSI1_inverse" in resource else Resource.TABLE))
            assert "Fn::ImportValue" in resource
        else:
            assert action in {"logs:CreateLogStream", "logs:PutLogEvents"}
            assert json.loads(resource)["Fn::GetAtt"][0] == logical_id(
                function["Properties"]["LoggingConfig"]["LogGroup"]
            )
    assert granted == needed
    assert {action for action, _ in granted} == {f"dynamodb:{action}" for action in TABLE_ACTIONS}


def test_its_function_has_the_rules_of_the_service(template: Template) -> None:
    own, services = (each.properties(FUNCTION)[0]["Environment"]["Variables"] for each in (template, deployment("dev")))
    assert own | {"TABLE_NAME": ...} == services | {"TABLE_NAME": ...}


def test_it_is_throttled_like_the_service(template: Template) -> None:
    (stage,) = template.properties(STAGE)
    assert stage["DefaultRouteSettings"] == {"ThrottlingRateLimit": 50, "ThrottlingBurstLimit": 100}


def test_its_url_is_its_only_output_and_pinned_in_the_embedded_aws_alone(template: Template) -> None:
    assert set(template.content["Outputs"]) == {"DemoUrl"}
    (api,) = template.properties(API)
    assert "ms-custom-id" not in api.get("Tags", {})
    local = demo_stack("local")
    assert isinstance(local, DemoStack)
    (api,) = template_of(local).properties(API)
    assert api["Tags"] == {"ms-custom-id": "5e55de30"}
    assert len(template_of(local).resources("AWS::Lambda::Function")) == 1


def test_the_code_is_the_library_and_the_demo_with_its_files() -> None:
    files = demo_files()
    assert {path.partition("/")[0] for path in files} == {"session_store", "demo"}
    assert {"demo/app.py", "demo/static/style.css", "demo/templates/layout.html"} < set(files)
    assert not [path for path in files if "__pycache__" in path or path.startswith("session_store/cdk/")]
