"""The construct of a sign-in with Cognito: the client of the user pool, its secret, and the routes."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_cognito as cognito

from session_store import InvalidInputError, SessionSettings, Timeouts
from session_store.cdk import CognitoSignIn, SessionTable
from session_store.oidc import StepUp
from tests.infra.templates import FUNCTION, Template, logical_id, new_stack, open_routes, template_of

CLIENT = "AWS::Cognito::UserPoolClient"
SECRET = "AWS::SecretsManager::Secret"
ORIGIN = "https://shop.example.com"
REGION = "eu-central-1"


def new_pool(stack: Stack, name: str = "Users") -> tuple[cognito.UserPool, cognito.UserPoolDomain]:
    pool = cognito.UserPool(stack, name)
    return pool, pool.add_domain(
        f"{name}Login", cognito_domain=cognito.CognitoDomainOptions(domain_prefix=name.lower())
    )


def new_sign_in(stack: Stack, construct_id: str = "SignIn", **props: Any) -> CognitoSignIn:
    """A sign-in on an application's API, with a pool of its own unless another one is given."""
    shared: dict[str, Any] = {"settings": SessionSettings(), "bundle_libraries": False}
    if "table" not in props:
        shared |= {"table": SessionTable(stack, "Table"), "api": apigateway.HttpApi(stack, "Api")}
    if "user_pool" not in props:
        shared["user_pool"], shared["user_pool_domain"] = new_pool(stack)
    return CognitoSignIn(stack, construct_id, **shared | props)


def synthesized(region: str | None = None, **props: Any) -> Template:
    stack = new_stack(region)
    new_sign_in(stack, **props)
    return template_of(stack)


@cache
def by_default() -> Template:
    return synthesized()


def client_of(template: Template) -> dict[str, Any]:
    properties: dict[str, Any] = template.only(CLIENT)[1]["Properties"]
    return properties


def variables_of(template: Template) -> dict[str, Any]:
    variables: dict[str, Any] = template.only(FUNCTION)[1]["Properties"]["Environment"]["Variables"]
    return variables


def test_the_client_takes_a_code_with_its_secret_and_nothing_else() -> None:
    client = client_of(by_default())
    callback, home = client.pop("CallbackURLs")[0], client.pop("LogoutURLs")[0]

    assert client | {"UserPoolId": ...} == {
        "UserPoolId": ...,
        "GenerateSecret": True,
        "AllowedOAuthFlowsUserPoolClient": True,
        "AllowedOAuthFlows": ["code"],
        "AllowedOAuthScopes": ["openid"],
        "ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH"],
        "SupportedIdentityProviders": ["COGNITO"],
        "EnableTokenRevocation": True,
        "PreventUserExistenceErrors": "ENABLED",
        "AccessTokenValidity": 5,
        "IdTokenValidity": 5,
        "RefreshTokenValidity": 60,
        "TokenValidityUnits": {"AccessToken": "minutes", "IdToken": "minutes", "RefreshToken": "minutes"},
    }
    api = {"Fn::GetAtt": [by_default().only("AWS::ApiGatewayV2::Api")[0], "ApiEndpoint"]}
    assert (callback, home) == ({"Fn::Join": ["", [api, "/auth/callback"]]}, {"Fn::Join": ["", [api, "/"]]})


def test_the_secret_goes_from_cognito_to_secrets_manager_without_a_function_and_is_in_no_template() -> None:
    template = by_default()

    assert template.only(SECRET)[1]["Properties"]["SecretString"] == {
        "Fn::GetAtt": [template.only(CLIENT)[0], "ClientSecret"]
    }
    assert len(template.resources(FUNCTION)) == 1
    assert not [each for each in template.content["Resources"].values() if each["Type"].startswith("Custom::")]
    assert json.dumps(template.content).count('ClientSecret"]') == 1


def test_the_function_may_read_that_secret_and_signs_in_with_the_pool() -> None:
    template = by_default()
    secret = {"Ref": template.only(SECRET)[0]}
    role = logical_id(template.only(FUNCTION)[1]["Properties"]["Role"])
    variables = variables_of(template)

    reads = {each for each in template.permissions(role) if each[0].startswith("secretsmanager")}
    assert reads == {("secretsmanager:GetSecretValue", json.dumps(secret))}
    assert variables["SESSION_OIDC_CLIENT_SECRET"] == secret
    assert variables["SESSION_OIDC_CLIENT_ID"] == {"Ref": template.only(CLIENT)[0]}
    pool = template.only("AWS::Cognito::UserPool")[0]
    assert variables["SESSION_OIDC_ISSUER"] == {"Fn::Join": ["", ["https://", {"Fn::GetAtt": [pool, "ProviderName"]}]]}
    assert (variables["SESSION_OIDC_LOGOUT"], variables["SESSION_OIDC_CUSTOMER_PREFIX"]) == ("cognito", "cognito:")
    assert open_routes(template) == {"GET /auth/login", "GET /auth/callback", "POST /auth/logout"}


def test_an_imported_pool_has_its_issuer_by_its_region_and_id() -> None:
    stack = new_stack(REGION)
    pool = cognito.UserPool.from_user_pool_id(stack, "Users", f"{REGION}_abc")
    domain = cognito.UserPoolDomain.from_domain_name(stack, "Login", "shop")
    new_sign_in(stack, user_pool=pool, user_pool_domain=domain)

    issuer = variables_of(template_of(stack))["SESSION_OIDC_ISSUER"]

    text = json.dumps(issuer).replace(json.dumps({"Ref": "AWS::URLSuffix"}), "amazonaws.com")
    assert f"https://cognito-idp.{REGION}." in text
    assert f"/{REGION}_abc" in text


@pytest.mark.parametrize(
    ("props", "callback", "home"),
    [
        ({"redirect_uri": f"{ORIGIN}/auth/callback"}, f"{ORIGIN}/auth/callback", f"{ORIGIN}/"),
        (
            {"redirect_uri": f"{ORIGIN}/in/callback", "prefix": "/in", "after_logout": "/bye"},
            f"{ORIGIN}/in/callback",
            f"{ORIGIN}/bye",
        ),
        (
            {"redirect_uri": f"{ORIGIN}/auth/callback", "post_logout_redirect_uri": "https://www.example.com/"},
            f"{ORIGIN}/auth/callback",
            "https://www.example.com/",
        ),
    ],
    ids=["callback", "prefix", "home"],
)
def test_cognito_and_the_function_have_the_same_addresses(props: dict[str, str], callback: str, home: str) -> None:
    template = synthesized(**props)
    client, variables = client_of(template), variables_of(template)

    assert (client["CallbackURLs"], client["LogoutURLs"]) == ([callback], [home])
    assert variables["SESSION_OIDC_REDIRECT_URI"] == callback
    assert variables["SESSION_OIDC_POST_LOGOUT_REDIRECT_URI"] == home


def test_the_client_waits_for_the_pools_other_identity_providers() -> None:
    stack = new_stack()
    pool, domain = new_pool(stack)
    provider = cognito.UserPoolIdentityProviderOidc(
        stack, "Partner", user_pool=pool, client_id="us", client_secret="any", issuer_url="https://partner.example"
    )
    providers = [cognito.UserPoolClientIdentityProvider.custom(provider.provider_name)]
    new_sign_in(stack, user_pool=pool, user_pool_domain=domain, identity_providers=providers)
    template = template_of(stack)

    _, client = template.only(CLIENT)
    assert client["DependsOn"] == list(template.resources("AWS::Cognito::UserPoolIdentityProvider"))
    assert client["Properties"]["SupportedIdentityProviders"] == [{"Ref": client["DependsOn"][0]}]


def test_the_other_props_are_those_of_the_routes() -> None:
    template = synthesized(
        scopes=["email"],
        kept_claims=["email"],
        carry_data=True,
        step_ups={"pay": StepUp(max_age=timedelta(minutes=5))},
        authorization_parameters={"lang": "de"},
        leeway=timedelta(0),
        timeouts=Timeouts(idle=timedelta(hours=1), absolute=timedelta(hours=2)),
        ends_with_browser=True,
        memory_size=256,
    )
    names = (
        *("SCOPES", "KEPT_CLAIMS", "CARRY_DATA", "STEP_UPS", "PARAMETERS", "LEEWAY"),
        *("IDLE_TIMEOUT", "ABSOLUTE_TIMEOUT", "ENDS_WITH_BROWSER"),
    )

    assert client_of(template)["AllowedOAuthScopes"] == ["openid", "email"]
    assert [variables_of(template)[f"SESSION_OIDC_{name}"] for name in names] == [
        *('["email"]', '["email"]', "true", '{"pay": {"max_age": 300}}', '{"lang": "de"}', "0"),
        *("3600", "7200", "true"),
    ]
    assert template.only(FUNCTION)[1]["Properties"]["MemorySize"] == 256


def test_two_pools_with_one_prefix_would_mix_their_users_and_fail_the_synthesis() -> None:
    stack = new_stack()
    table, api = SessionTable(stack, "Table"), apigateway.HttpApi(stack, "Api")
    for name, prefix in (("Staff", "/staff"), ("Guests", "/guests")):
        pool, domain = new_pool(stack, name)
        parts: dict[str, Any] = {"user_pool": pool, "user_pool_domain": domain, "table": table, "api": api}
        new_sign_in(stack, f"{name}SignIn", prefix=prefix, **parts)

    with pytest.raises(RuntimeError, match="customer_prefix cognito: is of another issuer"):
        template_of(stack)


@pytest.mark.parametrize(
    ("props", "problem"),
    [
        ({"user_pool": "eu-central-1_abc"}, "user_pool: must be a user pool of CDK"),
        ({"user_pool_domain": "shop"}, "user_pool_domain: must be a domain of CDK"),
        ({"identity_providers": []}, "identity_providers: must be a list like"),
        ({"identity_providers": "COGNITO"}, "identity_providers: must be a list like"),
        ({"identity_providers": ["COGNITO"]}, "identity_providers: must be a list like"),
        ({"api": "api"}, "api: must be an aws_apigatewayv2.HttpApi"),
        ({"scopes": "email"}, "scopes: must be a list"),
        ({"kept_claims": "email"}, "kept_claims: must be a list"),
        ({"redirect_uri": f"{ORIGIN}/callback"}, "redirect_uri: must end with /auth/callback"),
        ({"redirect_uri": "http://shop.example.com/auth/callback"}, "redirect_uri: must be an https address"),
        ({"post_logout_redirect_uri": "/bye"}, "post_logout_redirect_uri: must be an https address"),
        ({"redirect_uri": 7}, "redirect_uri: must be a string"),
        ({"post_logout_redirect_uri": 7}, "post_logout_redirect_uri: must be a string"),
        ({"after_logout": "//evil.example"}, "after_logout: must be a path"),
        ({"customer_prefix": "cognito"}, "customer_prefix: must be"),
        ({"response_mode": "form_post"}, "response_mode: is no prop of CognitoSignIn"),
    ],
    ids=lambda each: next(iter(each)) if isinstance(each, dict) else "",
)
def test_a_mistaken_prop_is_refused_by_its_name(props: dict[str, Any], problem: str) -> None:
    stack = new_stack()
    pool, domain = new_pool(stack)
    with pytest.raises(InvalidInputError) as caught:
        new_sign_in(stack, **{"user_pool": pool, "user_pool_domain": domain} | props)

    assert problem in str(caught.value)


def test_a_domain_of_another_pool_is_refused() -> None:
    stack = new_stack()
    (pool, _), (_, other) = new_pool(stack), new_pool(stack, "Others")

    with pytest.raises(InvalidInputError, match="user_pool_domain: must be a domain of the user_pool"):
        new_sign_in(stack, user_pool=pool, user_pool_domain=other)
