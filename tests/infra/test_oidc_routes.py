"""The routes of a sign-in with a provider: its functions, its secrets, and what each may do."""

from __future__ import annotations

import json
import runpy
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from aws_cdk import Duration
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager

from local.paths import ROOT
from session_store import InvalidInputError, SessionSettings, Timeouts
from session_store.catalog.functions import Function
from session_store.catalog.permissions import permissions_of
from session_store.catalog.sign_in import SIGN_IN_FUNCTIONS
from session_store.cdk import OidcRoutes, SessionTable
from session_store.oidc import StepUp
from session_store.oidc.provider_settings import ProviderSettings
from session_store.oidc.settings import SignInSettings
from tests.infra.templates import (
    FUNCTION,
    ROUTE,
    Template,
    deployment,
    logical_id,
    new_app,
    new_function,
    new_stack,
    open_routes,
    packages_of,
    template_of,
)
from tests.infra.test_issuer import permissions_of as role_of

REGION = "eu-central-1"
SECRET = f"arn:aws:secretsmanager:{REGION}:123456789012:secret:oidc/shop-AbCdEf"
READS = "secretsmanager:GetSecretValue"
GENERATED = "AWS::SecretsManager::Secret"
KNOWN_LATER = {
    "SESSION_OIDC_REDIRECT_URI": "https://shop.example.com/auth/callback",
    "SESSION_OIDC_ISSUER": "https://login.example.com",
    "SESSION_OIDC_CLIENT_ID": "shop",
    "SESSION_OIDC_CLIENT_SECRET": "oidc/shop",
    "SESSION_OIDC_COOKIE_SECRET": "made",
}


class World:
    """A stack with a table and an application's API, which several sign-ins may share."""

    def __init__(self) -> None:
        self.stack = new_stack(region=REGION)
        self.api = apigateway.HttpApi(self.stack, "Api")
        self.table = SessionTable(self.stack, "Table")
        self.secret = secretsmanager.Secret.from_secret_complete_arn(self.stack, "Secret", SECRET)

    def sign_in(self, construct_id: str = "SignIn", **props: Any) -> OidcRoutes:
        given: dict[str, Any] = {
            "api": self.api,
            "table": self.table,
            "settings": SessionSettings(),
            "issuer": "https://login.example.com",
            "client_id": "shop",
            "client_secret": self.secret,
            "customer_prefix": "kit:",
            "bundle_libraries": False,
        }
        return OidcRoutes(self.stack, construct_id, **given | props)

    def own_function(self, **props: Any) -> lambda_.Function:
        return new_function(self.stack, **props)

    def template(self) -> Template:
        return template_of(self.stack)


def synthesized(**props: Any) -> Template:
    world = World()
    world.sign_in(**props)
    return world.template()


@cache
def by_default() -> Template:
    return synthesized()


def routes_of(template: Template) -> set[str]:
    return {route["RouteKey"] for route in template.properties(ROUTE)}


def on_the_table(template: Template, function: Function) -> set[tuple[str, str]]:
    """The permissions of a function's role on the table and its index."""
    every = template.permissions(template.role(function))
    return {permission for permission in every if permission[0].startswith("dynamodb:")}


def settings_of(template: Template, function: str = Function.SIGN_IN) -> SignInSettings:
    """The variables of a function, with texts in place of what only the deployment knows."""
    variables = template.variables(function).items()
    return SignInSettings.from_environment(
        {name: text if isinstance(text, str) else KNOWN_LATER.get(name, "") for name, text in variables}
    )


def test_it_adds_its_routes_and_without_it_there_is_no_line_of_it() -> None:
    keys = {"GET /auth/login", "GET /auth/callback", "POST /auth/logout"}
    assert routes_of(by_default()) == open_routes(by_default()) == keys
    assert {each["Handler"] for each in by_default().properties(FUNCTION)} == {"sign_in.handler"}
    assert routes_of(synthesized(backchannel_logout=True)) == keys | {"POST /auth/backchannel-logout"}

    assert "oidc" not in json.dumps(deployment("prod").content).lower()


def test_an_answer_that_comes_as_a_form_is_a_post() -> None:
    keys = routes_of(synthesized(response_mode="form_post", prefix="/apple"))
    assert keys == {"GET /apple/login", "POST /apple/callback", "POST /apple/logout"}


EVERY_SETTING: dict[str, Any] = {
    "redirect_uri": "https://shop.example.com/in/callback",
    "client_secret_key": "secret",
    "cookie_secret_key": "cookie",
    "apple_team_id": "ABCDE12345",
    "apple_key_id": "FGHIJ67890",
    "scopes": ("openid", "email"),
    "algorithm": "ES256",
    "response_mode": "form_post",
    "step_ups": {"pay": StepUp(max_age=timedelta(minutes=5), acr_values=("gold",))},
    "sign_in_counts": True,
    "authorization_parameters": {"prompt": "login"},
    "post_logout_redirect_uri": "https://shop.example.com/bye",
    "logout": "cognito",
    "after_logout": "/bye",
    "logout_token_life": timedelta(minutes=1),
    "leeway": timedelta(minutes=1),
    "discovery_url": "http://localhost:8000/.well-known/openid-configuration",
    "carry_data": True,
    "kept_claims": ("email",),
    "ends_with_browser": True,
    "prefix": "/in",
}


def test_the_function_reads_back_every_setting_that_the_construct_wrote() -> None:
    world = World()
    timeouts = Timeouts(idle=timedelta(minutes=5), absolute=timedelta(hours=1))
    world.sign_in(**EVERY_SETTING, timeouts=timeouts, cookie_secret=world.secret)
    found = settings_of(world.template())

    assert {name: getattr(found, name) for name in EVERY_SETTING} == EVERY_SETTING
    assert found.timeouts == timeouts
    assert (found.issuer, found.client_id, found.customer_prefix) == ("https://login.example.com", "shop", "kit:")
    assert (found.client_secret, found.cookie_secret) == (SECRET, SECRET)
    elsewhere = {"issuer", "client_id", "customer_prefix", "client_secret", "cookie_secret"}
    assert {*SignInSettings.kinds()} == {*EVERY_SETTING} | elsewhere | {"idle_timeout", "absolute_timeout"}


def test_the_redirect_uri_is_on_the_applications_api_unless_it_has_a_domain_of_its_own() -> None:
    parts = by_default().variables(Function.SIGN_IN)["SESSION_OIDC_REDIRECT_URI"]["Fn::Join"][1]
    assert (parts[0]["Fn::GetAtt"][1], parts[1]) == ("ApiEndpoint", "/auth/callback")

    own = "https://shop.example.com/auth/callback"
    assert synthesized(redirect_uri=own).variables(Function.SIGN_IN)["SESSION_OIDC_REDIRECT_URI"] == own


@pytest.mark.shows("T55")
def test_only_the_sign_in_may_read_the_secret_and_each_function_does_to_the_table_what_its_routes_need() -> None:
    template = synthesized(backchannel_logout=True)

    assert role_of(template, Function.SIGN_IN, "secretsmanager:") == {(READS, SECRET)}
    assert role_of(template, Function.PROVIDER_LOGOUT, "secretsmanager:") == set()
    for function in SIGN_IN_FUNCTIONS:
        assert on_the_table(template, function) == template.table_permissions(permissions_of(function))


def test_the_function_of_the_providers_logouts_is_told_no_more_than_it_needs() -> None:
    variables = synthesized(backchannel_logout=True).variables(Function.PROVIDER_LOGOUT)

    ours = {name for name in variables if name.startswith("SESSION_OIDC_")}
    assert ours == {kind.variable for kind in ProviderSettings.kinds().values()} - {"SESSION_OIDC_DISCOVERY_URL"}
    assert ProviderSettings.from_environment(variables).issuer == "https://login.example.com"


def test_the_limit_on_a_customers_sessions_is_the_sign_ins_to_hold_customers_to() -> None:
    template = synthesized(settings=SessionSettings(max_sessions_per_customer=3))
    permissions = permissions_of(Function.SIGN_IN, session_limit=True)
    assert on_the_table(template, Function.SIGN_IN) == template.table_permissions(permissions)


def test_a_secret_that_is_imported_by_its_name_is_allowed_with_the_six_characters_that_aws_adds() -> None:
    world = World()
    world.sign_in(client_secret=secretsmanager.Secret.from_secret_name_v2(world.stack, "ByName", "oidc/google"))
    template = world.template()
    every = template.permissions(template.role(Function.SIGN_IN))
    (resource,) = (resource for action, resource in every if action == READS)
    assert json.loads(resource)["Fn::Join"][1][-1] == ":secret:oidc/google-??????"


def test_the_key_of_a_secret_is_used_through_secrets_manager_alone() -> None:
    world = World()
    own = secretsmanager.Secret(world.stack, "OwnSecret", encryption_key=kms.Key(world.stack, "OfSecret"))
    world.sign_in(client_secret=own)
    (decrypts,) = (
        statement
        for policy in world.template().properties("AWS::IAM::Policy")
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Action"] == "kms:Decrypt"
    )
    assert decrypts["Condition"] == {"StringEquals": {"kms:ViaService": f"secretsmanager.{REGION}.amazonaws.com"}}


def test_a_public_client_gets_a_secret_for_its_cookies_and_no_other_client_does() -> None:
    template = synthesized(client_secret=None)
    name, secret = template.only(GENERATED)

    assert secret["Properties"]["GenerateSecretString"] == {"ExcludePunctuation": True, "PasswordLength": 64}
    assert role_of(template, Function.SIGN_IN, "secretsmanager:") == {(READS, name)}
    assert settings_of(template).client_secret is None
    assert not by_default().resources(GENERATED)


def test_an_application_may_give_the_cookies_a_secret_of_their_own() -> None:
    world = World()
    own = secretsmanager.Secret(world.stack, "Cookies")
    made = world.sign_in(cookie_secret=own)
    template = world.template()

    assert made.cookie_secret is own
    assert {arn for _, arn in role_of(template, Function.SIGN_IN, "secretsmanager:")} == {
        SECRET,
        template.only(GENERATED)[0],
    }


def test_the_functions_may_take_twenty_seconds_and_write_a_line_for_each_request() -> None:
    for found in synthesized(backchannel_logout=True).properties(FUNCTION):
        assert found["Timeout"] == 20
        assert found["Environment"]["Variables"]["SESSION_REQUEST_LINES"] == "true"
    assert synthesized(timeout=Duration.seconds(12)).function(Function.SIGN_IN)["Timeout"] == 12


def test_the_functions_have_their_libraries_in_their_zips() -> None:
    world = World()
    world.sign_in(bundle_libraries=True, backchannel_logout=True)
    template = world.template()

    for function in SIGN_IN_FUNCTIONS:
        assert packages_of(world.stack, template, function) == {"cryptography", "jwt", "session_store"}


# What only the deployment knows


def test_what_only_the_deployment_knows_is_checked_as_far_as_it_is_known() -> None:
    world = World()
    world.sign_in(issuer=f"https://login.example.com/{world.api.api_id}", client_id=world.api.api_id)
    variables = world.template().variables(Function.SIGN_IN)
    assert variables["SESSION_OIDC_CLIENT_ID"] == {"Ref": "ApiF70053CD"}
    assert variables["SESSION_OIDC_ISSUER"]["Fn::Join"][1][0] == "https://login.example.com/"

    with pytest.raises(InvalidInputError, match="issuer: must be"):
        World().sign_in(issuer=f"http://login.example.com/{world.api.api_id}")
    with pytest.raises(InvalidInputError, match="after_logout"):
        World().sign_in(after_logout=f"//{world.api.api_id}")


# Functions of the application's own


def test_a_function_of_your_own_serves_the_routes_with_all_that_the_constructs_has() -> None:
    world = World()
    made = world.sign_in(function=world.own_function(timeout=Duration.seconds(20)))
    template = world.template()
    (own,) = template.properties(FUNCTION)
    role = logical_id(own["Role"])

    assert made.functions == {}
    assert routes_of(template) == routes_of(by_default())
    assert settings_of(template, "own") == settings_of(by_default())
    assert own["Environment"]["Variables"]["SESSION_REQUEST_LINES"] == "true"
    assert {action for action, _ in template.permissions(role)} == {READS} | {
        action for action, _ in permissions_of(Function.SIGN_IN)
    }


def test_another_function_uses_the_sign_in_after_connect() -> None:
    world = World()
    world.sign_in().connect(world.own_function())
    template = world.template()

    assert settings_of(template, "own") == settings_of(template)
    assert template.permissions(template.role("own")) == {(READS, json.dumps(SECRET))}


# Several providers


def test_two_providers_share_an_api_by_their_prefixes() -> None:
    world = World()
    world.sign_in()
    world.sign_in("Other", issuer="https://other.example.com", customer_prefix="other:", prefix="/other")
    assert len(routes_of(world.template())) == 6


@pytest.mark.parametrize(
    ("props", "said"),
    [
        ({"customer_prefix": "other:"}, "the route GET /auth/login is made at Stack/SignIn/"),
        ({"prefix": "/other"}, "customer_prefix kit: is of another issuer at Stack/SignIn, too"),
    ],
)
def test_two_providers_with_the_same_paths_or_customers_fail_the_synthesis(props: dict[str, Any], said: str) -> None:
    world = World()
    world.sign_in()
    world.sign_in("Other", **{"issuer": "https://other.example.com"} | props)
    with pytest.raises(RuntimeError, match=said):
        world.template()


def test_two_clients_of_one_issuer_share_their_customers() -> None:
    world = World()
    world.sign_in()
    world.sign_in("Other", client_id="app", prefix="/app")
    assert len(routes_of(world.template())) == 6


# The example


def test_the_example_is_a_whole_app() -> None:
    shop = runpy.run_path(str(ROOT / "examples" / "oidc" / "app.py"))["Shop"]
    template = template_of(shop(new_app(), "Shop"))

    assert open_routes(template) == {f"GET /auth/{path}" for path in ("login", "callback")} | {
        f"POST /auth/{path}" for path in ("logout", "backchannel-logout")
    }
    assert settings_of(template).step_ups == {"pay": StepUp(max_age=timedelta(minutes=5))}


# Mistakes


@pytest.mark.parametrize(
    ("props", "field"),
    [
        ({"api": "api"}, "api"),
        ({"table": "table"}, "table"),
        ({"settings": None}, "settings"),
        ({"issuer": "http://login.example.com"}, "issuer"),
        ({"issuer": None}, "issuer"),
        ({"client_id": ""}, "client_id"),
        ({"customer_prefix": "kit"}, "customer_prefix"),
        ({"client_secret": "a secret as a text"}, "client_secret"),
        ({"cookie_secret": "a secret as a text"}, "cookie_secret"),
        ({"cookie_secret_key": "cookie"}, "cookie_secret"),
        ({"cookie_secret_key": "cookie", "client_secret": None}, "cookie_secret"),
        ({"apple_team_id": "ABCDE12345"}, "apple_key_id"),
        ({"apple_team_id": "x", "apple_key_id": "ABCDE12345"}, "apple_team_id"),
        ({"redirect_uri": "http://shop.example.com/auth/callback"}, "redirect_uri"),
        ({"redirect_uri": "https://shop.example.com/signed-in"}, "redirect_uri"),
        ({"scopes": "openid email"}, "scopes"),
        ({"algorithm": "HS256"}, "algorithm"),
        ({"response_mode": "fragment"}, "response_mode"),
        ({"step_ups": {"pay": 5}}, "step_ups"),
        ({"step_ups": ["pay"]}, "step_ups"),
        ({"sign_in_counts": "yes"}, "sign_in_counts"),
        ({"authorization_parameters": {"state": "x"}}, "authorization_parameters"),
        ({"authorization_parameters": {"max": 5}}, "authorization_parameters"),
        ({"post_logout_redirect_uri": "/bye"}, "post_logout_redirect_uri"),
        ({"logout": "other"}, "logout"),
        ({"after_logout": "//evil.example"}, "after_logout"),
        ({"logout_token_life": Duration.hours(2)}, "logout_token_life"),
        ({"leeway": Duration.minutes(6)}, "leeway"),
        ({"discovery_url": "https://other.example.com/.well-known/openid-configuration"}, "discovery_url"),
        ({"carry_data": "yes"}, "carry_data"),
        ({"kept_claims": "email"}, "kept_claims"),
        ({"kept_claims": ["$authentication"]}, "kept_claims"),
        ({"timeouts": Duration.minutes(5)}, "timeouts"),
        ({"ends_with_browser": 1}, "ends_with_browser"),
        ({"prefix": "auth"}, "prefix"),
        ({"backchannel_logout": "yes"}, "backchannel_logout"),
        ({"function": "own"}, "function"),
        ({"bundle_libraries": "yes"}, "bundle_libraries"),
        ({"memory": 256}, "memory"),
    ],
)
def test_a_prop_that_is_wrong_is_refused_by_its_name(props: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        World().sign_in(**props)
    assert caught.value.field == field


def test_an_api_that_is_imported_by_its_id_needs_the_redirect_uri() -> None:
    world = World()
    world.api = apigateway.HttpApi.from_http_api_attributes(world.stack, "Imported", http_api_id="abc")  # type: ignore[assignment]
    with pytest.raises(InvalidInputError, match="redirect_uri: must be given"):
        world.sign_in()
    world.sign_in("Given", redirect_uri="https://shop.example.com/auth/callback")
