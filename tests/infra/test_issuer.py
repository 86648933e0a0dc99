"""The issuer of access tokens: its keys, its functions, and what each may do."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from aws_cdk import Duration, Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager

from session_store import InvalidInputError, SessionSettings
from session_store.catalog.access_tokens import ISSUER_ROUTES
from session_store.catalog.functions import Function
from session_store.cdk import LocalKey, SessionIssuer, SessionTable
from session_store.jwt.public_keys import from_pem
from session_store.jwt.settings import IssuerSettings, KeyDocumentSettings
from tests.infra.templates import (
    FUNCTION,
    KEY,
    ROUTE,
    Template,
    deployment,
    logical_id,
    new_function,
    new_role,
    new_stack,
    open_routes,
    packages_of,
    template_of,
)

REGION = "eu-central-1"
PUBLIC_KEY = """-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEVs/o5+uQbTjL3chynL4wXgUg2R9
q9UU8I5mEovUf86QZ7kOBIjJwqnzD1omageEHWwHdBO6B+dFabmdT9POxg==
-----END PUBLIC KEY-----
"""
SECRET = f"arn:aws:secretsmanager:{REGION}:123456789012:secret:jwt-AbCdEf"


def new_issuer(stack: Stack, **props: Any) -> SessionIssuer:
    """An issuer on an application's API, and on one for back ends as the service has it."""
    shared: dict[str, Any] = {
        "table": SessionTable(stack, "Table"),
        "settings": SessionSettings(),
        "audiences": ["orders"],
    }
    shared |= {"api": apigateway.HttpApi(stack, "Api"), "back_end": apigateway.HttpApi(stack, "BackEndApi")}
    return SessionIssuer(stack, "Issuer", **shared | props)


@cache
def by_default() -> Template:
    return synthesized()


def synthesized(**props: Any) -> Template:
    stack = new_stack(region=REGION)
    new_issuer(stack, **props)
    return template_of(stack)


def permissions_of(template: Template, function: Function, service: str) -> set[tuple[str, str]]:
    """The actions of a service that a function's role allows, each with its logical id or ARN."""
    role = template.role(function)
    allowed = ((action, json.loads(resource)) for action, resource in template.permissions(role))
    return {
        (action, resource if isinstance(resource, str) else logical_id(resource))
        for action, resource in allowed
        if action.startswith(service)
    }


def test_it_adds_its_routes_and_without_it_there_is_no_line_of_it() -> None:
    keys = {route.key for route in ISSUER_ROUTES}
    assert {route["RouteKey"] for route in by_default().properties(ROUTE)} == keys
    assert open_routes(by_default()) == keys - {"POST /sessions/{session_id}/token"}

    without = deployment("prod")
    assert not keys & {route["RouteKey"] for route in without.properties(ROUTE)}
    assert "jwt" not in json.dumps(without.content).lower()
    assert without.resources(KEY) == {}


def test_without_the_back_ends_api_there_is_no_route_for_back_ends() -> None:
    template = synthesized(back_end=None)

    assert "POST /sessions/{session_id}/token" not in {route["RouteKey"] for route in template.properties(ROUTE)}
    handlers = {found["Handler"] for found in template.properties(FUNCTION)}
    assert ("user_mint.handler" in handlers, "mint.handler" in handlers) == (True, False)


def test_a_key_is_for_signatures_alone_and_can_be_called_back_for_a_week() -> None:
    _, key = by_default().only(KEY)

    assert (key["Properties"]["KeySpec"], key["Properties"]["KeyUsage"]) == ("RSA_2048", "SIGN_VERIFY")
    assert key["Properties"]["PendingWindowInDays"] == 7
    assert "EnableKeyRotation" not in key["Properties"]  # KMS rotates no such key


@pytest.mark.shows("T114")
def test_only_the_functions_that_mint_may_sign_and_with_this_key_alone() -> None:
    template = synthesized(keys=["old", "new"], signing_key="new")
    old, new = (next(name for name in template.resources(KEY) if label in name) for label in ("Keyold", "Keynew"))

    for function in (Function.MINT, Function.USER_MINT):
        assert permissions_of(template, function, "kms:") == {("kms:Sign", new)}
    assert permissions_of(template, Function.ISSUER, "kms:") == {("kms:GetPublicKey", key) for key in (old, new)}
    policies = [policy for policy in template.properties("AWS::IAM::Policy") if "kms:Sign" in json.dumps(policy)]
    assert len(policies) == 2


def test_the_function_of_the_documents_may_do_nothing_to_the_table() -> None:
    assert permissions_of(by_default(), Function.ISSUER, "dynamodb:") == set()
    assert {action for action, _ in permissions_of(by_default(), Function.MINT, "dynamodb:")} == {
        "dynamodb:GetItem",
        "dynamodb:Query",
    }


def as_deployed(variables: dict[str, Any]) -> dict[str, str]:
    """Variables with texts in place of what only the deployment knows."""
    known = {"SESSION_JWT_ISSUER": "https://a.example", "SESSION_JWT_KEY": "arn:aws:kms:eu-central-1:1:key/k"}
    known["SESSION_JWT_KEYS"] = '["arn:aws:kms:eu-central-1:1:key/k"]'
    ours = {name: value for name, value in variables.items() if name.startswith("SESSION_JWT")}
    return {name: value if isinstance(value, str) else known[name] for name, value in ours.items()}


def test_the_functions_read_back_what_the_construct_wrote() -> None:
    rules: dict[str, Any] = {
        "scopes": ("read",),
        "data_keys": ("tier",),
        "ttl": timedelta(minutes=1),
        "by_cookie": True,
    }
    template = synthesized(**rules)

    for function in (Function.MINT, Function.USER_MINT):
        found = IssuerSettings.from_environment(as_deployed(template.variables(function)))
        assert (found.audiences, found.scopes, found.data_keys) == (("orders",), ("read",), ("tier",))
        assert (found.ttl, found.by_cookie, found.algorithm, found.key_id) == (
            timedelta(minutes=1),
            True,
            "RS256",
            None,
        )
    documents = KeyDocumentSettings.from_environment(as_deployed(template.variables(Function.ISSUER)))
    assert documents.issuer == "https://a.example"


def test_the_issuer_is_the_applications_api_unless_it_has_a_domain_of_its_own() -> None:
    of_the_api = by_default().variables(Function.MINT)["SESSION_JWT_ISSUER"]
    own = synthesized(issuer="https://id.example.com")

    assert of_the_api["Fn::GetAtt"][1] == "ApiEndpoint"
    assert {own.variables(each)["SESSION_JWT_ISSUER"] for each in (Function.MINT, Function.ISSUER)} == {
        "https://id.example.com"
    }


# Rotation of a key, in three deployments


def published(template: Template) -> list[str]:
    """The keys in the order in which they are published, as logical ids."""
    keys = template.variables(Function.ISSUER)["SESSION_JWT_KEYS"]["Fn::Join"][1]
    return [logical_id(part) for part in keys if isinstance(part, dict)]


def signing(template: Template) -> str:
    return logical_id(template.variables(Function.MINT)["SESSION_JWT_KEY"])


@pytest.mark.shows("A33")
def test_a_key_is_rotated_in_three_deployments_and_each_keeps_good_tokens_good() -> None:
    before = synthesized(keys=["2026"])
    added = synthesized(keys=["2026", "2027"])
    switched = synthesized(keys=["2026", "2027"], signing_key="2027")
    removed = synthesized(keys=["2027"])

    ((old, _),) = before.resources(KEY).items()
    (new,) = set(added.resources(KEY)) - {old}
    assert [signing(each) for each in (before, added, switched, removed)] == [old, old, new, new]
    assert [published(each) for each in (before, added, switched, removed)] == [[old], [old, new], [old, new], [new]]
    assert [sorted(each.resources(KEY)) for each in (switched, removed)] == [sorted([old, new]), [new]]
    for earlier, later in ((before, added), (added, switched), (switched, removed)):
        assert signing(earlier) in published(later)  # tokens of the deployment before are still good
        assert signing(later) in published(earlier)  # and verifiers have had the time to fetch the new key
        same = set(earlier.resources(KEY)) & set(later.resources(KEY))
        assert all(earlier.resources(KEY)[key] == later.resources(KEY)[key] for key in same)


# Keys from elsewhere


def test_a_key_that_is_brought_along_signs() -> None:
    stack = new_stack(region=REGION)
    arn = f"arn:aws:kms:{REGION}:123456789012:key/018f0000-0000-4000-8000-000000000000"
    new_issuer(stack, keys=[kms.Key.from_key_arn(stack, "Key", arn)])
    template = template_of(stack)

    assert permissions_of(template, Function.MINT, "kms:") == {("kms:Sign", arn)}
    assert template.variables(Function.ISSUER)["SESSION_JWT_KEYS"] == json.dumps([arn])


def local_key(stack: Stack) -> LocalKey:
    return LocalKey(
        secret=secretsmanager.Secret.from_secret_complete_arn(stack, "Secret", SECRET), public_key=PUBLIC_KEY
    )


@pytest.mark.shows("T114")
def test_a_local_key_is_read_by_the_functions_that_mint_and_by_no_other() -> None:
    stack = new_stack(region=REGION)
    layer = lambda_.LayerVersion.from_layer_version_arn(
        stack, "Layer", f"arn:aws:lambda:{REGION}:123456789012:layer:cryptography:1"
    )
    new_issuer(stack, keys=[local_key(stack)], bundle_libraries=False, layers=[layer])
    template = template_of(stack)

    for function in (Function.MINT, Function.USER_MINT):
        assert permissions_of(template, function, "secretsmanager:") == {("secretsmanager:GetSecretValue", SECRET)}
        found = IssuerSettings.from_environment(as_deployed(template.variables(function)))
        assert (found.key, found.algorithm) == (SECRET, "ES256")
        assert found.key_id == from_pem("key", PUBLIC_KEY).thumbprint
    assert "secretsmanager:" not in json.dumps(template.statements(template.role(Function.ISSUER)))
    assert template.variables(Function.ISSUER)["SESSION_JWT_KEYS"] == json.dumps([PUBLIC_KEY])
    assert template.resources(KEY) == {}


@pytest.mark.parametrize("of_kms", [True, False])
def test_only_functions_that_sign_with_a_local_key_have_cryptography_in_their_zips(*, of_kms: bool) -> None:
    stack = new_stack(region=REGION)
    new_issuer(stack, keys=["first" if of_kms else local_key(stack)])
    template = template_of(stack)

    signing = {"session_store"} if of_kms else {"cryptography", "session_store"}
    found = {each: packages_of(stack, template, each) for each in (Function.MINT, Function.USER_MINT, Function.ISSUER)}
    assert found == {Function.MINT: signing, Function.USER_MINT: signing, Function.ISSUER: {"session_store"}}


def test_the_key_of_a_secret_is_used_through_secrets_manager_alone() -> None:
    stack = new_stack(region=REGION)
    arn = f"arn:aws:lambda:{REGION}:123456789012:layer:cryptography:1"
    layers = [lambda_.LayerVersion.from_layer_version_arn(stack, "Layer", arn)]
    of_secret = kms.Key(stack, "OfSecret")
    secret = secretsmanager.Secret(stack, "Own", encryption_key=of_secret)
    new_issuer(stack, keys=[LocalKey(secret=secret, public_key=PUBLIC_KEY)], bundle_libraries=False, layers=layers)
    template = template_of(stack)

    role = template.role(Function.MINT)
    (decrypts,) = (each for each in template.statements(role) if each["Action"] == "kms:Decrypt")
    assert decrypts["Condition"] == {"StringEquals": {"kms:ViaService": f"secretsmanager.{REGION}.amazonaws.com"}}


# Others who mint, and others who call


def test_a_function_of_your_own_mints_after_connect() -> None:
    stack = new_stack(region=REGION)
    new_issuer(stack).connect(new_function(stack))
    template = template_of(stack)

    assert IssuerSettings.from_environment(as_deployed(template.variables("own"))).audiences == ("orders",)
    assert "kms:Sign" in {action for action, _ in template.permissions(template.role("own"))}


def test_a_back_end_is_allowed_the_one_route() -> None:
    stack = new_stack(region=REGION)
    new_issuer(stack).grant_invoke(new_role(stack, "BackEnd"))
    template = template_of(stack)
    (role,) = (name for name in template.resources("AWS::IAM::Role") if name.startswith("BackEnd"))

    ((action, resource),) = template.permissions(role)
    assert action == "execute-api:Invoke"
    assert (
        json.loads(resource)["Fn::Join"][1][-1] == "/$default/POST/sessions/????????-????-????-????-????????????/token"
    )


# Mistakes


@pytest.mark.parametrize(
    ("props", "field"),
    [
        ({"audiences": []}, "audiences"),
        ({"audiences": "orders"}, "audiences"),
        ({"keys": []}, "keys"),
        ({"keys": "first"}, "keys"),
        ({"keys": ["first", "first"]}, "keys"),
        ({"keys": ["a b"]}, "keys"),
        ({"keys": [7]}, "keys"),
        ({"keys": ["a"], "signing_key": "b"}, "signing_key"),
        ({"issuer": "http://id.example.com"}, "issuer"),
        ({"issuer": "https://id.example.com/"}, "issuer"),
        ({"scopes": ["two words"]}, "scopes"),
        ({"data_keys": ["sub"]}, "data_keys"),
        ({"ttl": Duration.hours(2)}, "ttl"),
        ({"ttl": timedelta(seconds=1)}, "ttl"),
        ({"by_cookie": "yes"}, "by_cookie"),
        ({"allowed_origins": ["https://app.example.com"]}, "allowed_origins"),
        ({"prefix": "api"}, "prefix"),
        ({"bundle_libraries": "no"}, "bundle_libraries"),
        ({"back_end": "api"}, "back_end"),
        ({"memory": 256}, "memory"),
    ],
)
def test_a_prop_that_is_wrong_is_refused_by_its_name(props: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        new_issuer(new_stack(region=REGION), **props)
    assert caught.value.field == field


def test_mistakes_about_local_keys_are_told_at_synthesis() -> None:
    stack = new_stack(region=REGION)
    with pytest.raises(InvalidInputError, match="layers: must have one with cryptography"):
        new_issuer(stack, keys=[local_key(stack)], bundle_libraries=False)
    stack = new_stack(region=REGION)
    with pytest.raises(InvalidInputError, match="keys: must all be for the same algorithm"):
        new_issuer(stack, keys=["first", local_key(stack)])
    with pytest.raises(InvalidInputError, match="public_key"):
        LocalKey(secret=local_key(new_stack()).secret, public_key="PEM")
    with pytest.raises(InvalidInputError, match="back_end: must be given"):
        new_issuer(new_stack(), back_end=None).grant_invoke(new_role(new_stack()))
