"""The demo's stack: where it may be, what it is allowed, what it serves."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

import pytest

from app import add_stacks
from demo.app import ROUTES
from demo.provider import ORIGIN_VARIABLE
from session_store.catalog.functions import Function
from session_store.cdk.bundle import bundle_files
from stacks.demo_stack import ALLOWED_ENVIRONMENTS, demo_files
from stacks.environments import EnvironmentSettingsError
from tests.infra.templates import (
    API,
    CONTEXT,
    ENVIRONMENTS,
    FUNCTION,
    ROLE,
    ROUTE,
    Template,
    deployment,
    every_stack,
    logical_id,
    new_app,
    open_routes,
)

# Everything that answers without IAM's consent in a deployed environment. A new one has to be named here.
OPEN_ROUTES = {
    *(f"GET /{path}" for path in ("", "sign-in", "sessions", "sessions/end-others", "account", "account/delete")),
    *(f"GET /{path}" for path in ("theft", "second/{kind}", "static/{file}")),
    *(f"POST /{path}" for path in ("count", "sign-in", "sign-out", "sessions/end", "sessions/end-others")),
    *(f"POST /{path}" for path in ("account/password", "account/delete", "theft", "second/{kind}")),
    "$default",
}
PANEL = "demo.development.app.handler"
ENDPOINT = "http://127.0.0.1:4566"
KEEPING = {"removal_policy": "RETAIN", "deletion_protection": True, "termination_protection": True, "table_name": "old"}


def refused(name: str, settings: Mapping[str, object], *, because: str) -> None:
    """Whether an environment is refused, with the settings of `dev` but for those that are given."""
    environments = {name: CONTEXT["environments"].get(name, CONTEXT["environments"]["dev"]) | settings}
    with pytest.raises(EnvironmentSettingsError, match=rf"'{name}': demo must not be true.*{because}"):
        add_stacks(new_app(CONTEXT | {"env": name, "environments": environments}))


@pytest.fixture(scope="module")
def with_cognito() -> dict[str, Template]:
    """The stacks of `make run OIDC=cognito`."""
    app = new_app(CONTEXT | {"env": "local", "oidc": "cognito", "endpoint": ENDPOINT})
    add_stacks(app)
    return {artifact.stack_name: Template(artifact.template) for artifact in app.synth().stacks}


@pytest.fixture(scope="module")
def template() -> Template:
    return every_stack("dev")["SessionStoreDemo-dev"]


def test_only_local_and_dev_have_it() -> None:
    having = {name for name in ENVIRONMENTS if f"SessionStoreDemo-{name}" in every_stack(name)}
    assert having == {"local", "dev"} == set(ALLOWED_ENVIRONMENTS)


def test_the_panel_for_developers_is_in_no_code_and_no_permission_of_staging_and_prod() -> None:
    for name in ENVIRONMENTS:
        functions = [each for template in every_stack(name).values() for each in template.properties(FUNCTION)]
        having = [each["Handler"] for each in functions if each["Handler"].startswith("demo.")]
        assert having == ([PANEL] if name in ALLOWED_ENVIRONMENTS else [])
    files = (each for function in Function for each in bundle_files(function).items())
    assert not [path for path, content in files if "demo" in path or b"demo.development" in content]


def test_the_panel_reads_the_rows_with_what_the_pages_may_do_and_no_more(template: Template) -> None:
    patterns = {pattern for route in ROUTES for pattern in route.patterns}
    needed = {action for each in patterns for action, _ in each.permissions(customer_known=True)}
    granted = {action for action, _ in template.permissions(template.only(ROLE)[0]) if "dynamodb" in action}

    assert {"dynamodb:Query", "dynamodb:GetItem"} < needed
    assert granted == needed


@pytest.mark.parametrize("name", ["staging", "prod", "production", "eu-prod"])
def test_no_other_environment_can_have_it(name: str) -> None:
    refused(name, {"demo": True}, because="local and dev")


@pytest.mark.parametrize(("setting", "value"), KEEPING.items(), ids=KEEPING)
def test_an_environment_that_keeps_its_data_cannot_have_it_under_any_name(setting: str, value: object) -> None:
    refused("dev", {setting: value}, because="keep no data")


def test_the_open_routes_are_these_and_no_others(template: Template) -> None:
    routes = template.properties(ROUTE)
    assert {route["RouteKey"] for route in routes} == OPEN_ROUTES == {route.key for route in ROUTES}
    assert {route.get("AuthorizationType", "NONE") for route in routes} == {"NONE"}


def test_its_function_has_the_rules_of_the_service(template: Template) -> None:
    own, services = (each.properties(FUNCTION)[0]["Environment"]["Variables"] for each in (template, deployment("dev")))
    assert own | {"TABLE_NAME": ...} == services | {"TABLE_NAME": ..., "SESSION_REQUEST_LINES": "true"}


def test_its_url_is_its_only_output_and_pinned_in_the_embedded_aws_alone(template: Template) -> None:
    assert set(template.content["Outputs"]) == {"DemoUrl"}
    assert "ms-custom-id" not in template.only(API)[1]["Properties"].get("Tags", {})
    local = every_stack("local")["SessionStoreDemo-local"]
    assert local.only(API)[1]["Properties"]["Tags"] == {"ms-custom-id": "5e55de30"}


def test_with_lifecycle_events_it_sends_mails_about_sign_ins_to_a_log() -> None:
    local = every_stack("local")["SessionStoreDemo-local"]
    (mails,) = (each for each in local.properties(FUNCTION) if each["Handler"] == "new_sign_in.handler")

    assert set(local.content["Outputs"]) == {"DemoUrl", "MailsLog"}
    assert "MAIL_FROM" not in mails["Environment"]["Variables"]


def test_the_code_is_the_library_and_the_demo_with_its_files() -> None:
    files = demo_files()
    assert {path.partition("/")[0] for path in files} == {"session_store", "demo"}
    assert {"demo/app.py", "demo/static/style.css", "demo/templates/layout.html"} < set(files)
    assert not [path for path in files if "__pycache__" in path or path.startswith("session_store/cdk/")]


# With an identity provider


def test_without_an_identity_provider_nothing_of_one_is_there(with_cognito: dict[str, Template]) -> None:
    local = every_stack("local")

    assert local["SessionStore-local"].content == with_cognito["SessionStore-local"].content
    assert not re.search("cognito|oidc|provider", json.dumps(local["SessionStoreDemo-local"].content), re.IGNORECASE)


def test_with_cognito_no_route_takes_a_name_and_no_page_may_sign_in(with_cognito: dict[str, Template]) -> None:
    demo = with_cognito["SessionStoreDemo-local"]
    routes = {"GET /auth/login", "GET /auth/callback", "POST /auth/logout"}
    assert open_routes(demo) == OPEN_ROUTES - {"POST /sign-in", "POST /sign-out"} | routes

    (pages,) = (each for each in demo.properties(FUNCTION) if each["Handler"] == PANEL)
    assert pages["Environment"]["Variables"][ORIGIN_VARIABLE] == ENDPOINT
    patterns = {pattern for route in ROUTES for pattern in route.patterns if not route.without_provider}
    needed = {action for each in patterns for action, _ in each.permissions(customer_known=True)}
    granted = {action for action, _ in demo.permissions(logical_id(pages["Role"])) if "dynamodb" in action}
    assert granted == needed


def test_with_cognito_the_browser_is_sent_to_addresses_of_the_embedded_aws(with_cognito: dict[str, Template]) -> None:
    demo = with_cognito["SessionStoreDemo-local"]
    own = ["", ["http://", {"Ref": demo.only(API)[0]}, ".execute-api.localhost:4566/auth/callback"]]

    client = demo.only("AWS::Cognito::UserPoolClient")[1]["Properties"]
    assert client["CallbackURLs"] == [{"Fn::Join": own}]
    assert set(demo.content["Outputs"]) == {"DemoUrl", "MailsLog", "UserPoolId"}


@pytest.mark.parametrize(
    ("context", "problem"),
    [
        ({"oidc": "okta"}, "oidc must be cognito, got 'okta'"),
        ({"oidc": ""}, "oidc must be cognito, got ''"),
        ({"env": "dev"}, "oidc is for the environment 'local', not for 'dev'"),
        ({"env": "prod"}, "oidc is for the environment 'local', not for 'prod'"),
        ({"endpoint": None}, "endpoint must be http://127.0.0.1:PORT beside oidc, got None"),
        ({"endpoint": "http://evil.example"}, "endpoint must be http://127.0.0.1:PORT beside oidc"),
    ],
    ids=str,
)
def test_an_identity_provider_is_for_the_embedded_aws_alone(context: dict[str, str], problem: str) -> None:
    given = {"env": "local", "oidc": "cognito", "endpoint": ENDPOINT} | context
    with pytest.raises(EnvironmentSettingsError, match=problem):
        add_stacks(new_app(CONTEXT | {name: value for name, value in given.items() if value is not None}))
