"""An HTTP API's own JWT authorizer on the tokens of an issuer."""

from __future__ import annotations

import json
import runpy
from typing import Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_lambda as lambda_
from aws_cdk.aws_apigatewayv2_integrations import HttpUrlIntegration, WebSocketMockIntegration

from local.paths import ROOT
from session_store import InvalidInputError
from session_store.cdk import SessionIssuer, SessionJwtAuthorizer
from tests.infra.templates import API, FUNCTION, ROUTE, STAGE, Template, new_app, new_stack, template_of
from tests.infra.test_issuer import REGION, local_key, new_issuer

AUTHORIZER = "AWS::ApiGatewayV2::Authorizer"


def protect(issuer: SessionIssuer, api: Any = None, **props: Any) -> SessionJwtAuthorizer:
    """Two routes with the authorizer, on the issuer's API unless told otherwise."""
    authorizer = SessionJwtAuthorizer(Stack.of(issuer), "JwtAuthorizer", issuer=issuer, **props)
    back, scopes = HttpUrlIntegration("Back", "https://example.com"), ["orders:read"]
    guarded: Any = api or issuer.api
    for path in ("/orders", "/invoices"):
        guarded.add_routes(path=path, integration=back, authorizer=authorizer, authorization_scopes=scopes)
    return authorizer


def synthesized(**props: Any) -> Template:
    stack = new_stack(region=REGION)
    protect(new_issuer(stack, audiences=["orders", "billing"]), **props)
    return template_of(stack)


def test_it_asks_for_the_issuers_tokens_in_the_header_and_for_the_routes_scopes() -> None:
    template = synthesized(audiences=["orders"])
    name, authorizer = template.only(AUTHORIZER)

    assert authorizer["Properties"]["AuthorizerType"] == "JWT"
    assert authorizer["Properties"]["IdentitySource"] == ["$request.header.Authorization"]
    configuration = authorizer["Properties"]["JwtConfiguration"]
    assert configuration["Audience"] == ["orders"]
    assert configuration["Issuer"]["Fn::GetAtt"][1] == "ApiEndpoint"
    guarded = [route for route in template.properties(ROUTE) if route.get("AuthorizerId") == {"Ref": name}]
    assert [(each["AuthorizationType"], each["AuthorizationScopes"]) for each in guarded] == [
        ("JWT", ["orders:read"])
    ] * 2


def test_without_audiences_it_lets_all_of_the_issuers_through() -> None:
    _, authorizer = synthesized().only(AUTHORIZER)

    assert authorizer["Properties"]["JwtConfiguration"]["Audience"] == ["orders", "billing"]


def test_no_function_runs_for_it() -> None:
    stack = new_stack(region=REGION)
    new_issuer(stack)

    assert len(synthesized().resources(FUNCTION)) == len(template_of(stack).resources(FUNCTION))


@pytest.mark.shows("A35")
def test_cloudformation_makes_it_when_the_issuer_answers_and_says_when_it_could_not() -> None:
    """In the emulator it is made without an issuer, too."""
    template = synthesized()
    _, authorizer = template.only(AUTHORIZER)

    documents = {name for name, route in template.resources(ROUTE).items() if "/.well-known/" in json.dumps(route)}
    stages = set(template.resources(STAGE))
    assert len(documents) == 2
    assert documents <= set(authorizer["DependsOn"])
    assert stages & set(authorizer["DependsOn"])
    allowed = {name for name in template.resources("AWS::Lambda::Permission") if "wellknown" in name.lower()}
    assert allowed <= set(authorizer["DependsOn"])
    warned = {name: api["Properties"].get("FailOnWarnings") for name, api in template.resources(API).items()}
    assert sorted(map(str, warned.values())) == ["None", "True"]  # the back ends' has no such authorizer


def test_it_waits_for_a_stage_that_is_made_later_too() -> None:
    stack = new_stack(region=REGION)
    api = apigateway.HttpApi(stack, "Own", create_default_stage=False)
    protect(new_issuer(stack, api=api))
    api.add_stage("Stage", auto_deploy=True)
    template = template_of(stack)

    (stage,) = (name for name in template.resources(STAGE) if name.startswith("OwnStage"))
    assert stage in template.only(AUTHORIZER)[1]["DependsOn"]


def test_it_guards_another_api_of_the_app() -> None:
    stack = new_stack(region=REGION)
    other = apigateway.HttpApi(stack, "Other")
    protect(new_issuer(stack), other)
    template = template_of(stack)

    name, _ = next((name, api) for name, api in template.resources(API).items() if name.startswith("Other"))
    assert template.only(AUTHORIZER)[1]["Properties"]["ApiId"] == {"Ref": name}
    assert template.resources(API)[name]["Properties"]["FailOnWarnings"] is True


@pytest.mark.parametrize("audiences", [["evil"], [], "orders"])
def test_an_audience_that_the_issuer_does_not_have_is_refused(audiences: Any) -> None:
    with pytest.raises(InvalidInputError, match="audiences"):
        synthesized(audiences=audiences)


def test_an_issuer_with_es256_is_refused_because_gateways_take_rsa_alone() -> None:
    stack = new_stack(region=REGION)
    arn = f"arn:aws:lambda:{REGION}:123456789012:layer:cryptography:1"
    layers = [lambda_.LayerVersion.from_layer_version_arn(stack, "Layer", arn)]
    issuer = new_issuer(stack, keys=[local_key(stack)], layers=layers)

    with pytest.raises(InvalidInputError, match="must have RSA keys"):
        protect(issuer)


def test_on_a_websocket_api_it_says_where_it_goes() -> None:
    stack = new_stack(region=REGION)
    authorizer: Any = SessionJwtAuthorizer(stack, "JwtAuthorizer", issuer=new_issuer(stack))
    options = apigateway.WebSocketRouteOptions(integration=WebSocketMockIntegration("Mock"), authorizer=authorizer)

    with pytest.raises(Exception, match=r"HTTP API|authorizer"):
        apigateway.WebSocketApi(stack, "Sockets", connect_route_options=options)


def test_another_issuer_is_refused_by_its_type() -> None:
    with pytest.raises(InvalidInputError, match="issuer: must be a SessionIssuer"):
        SessionJwtAuthorizer(new_stack(), "JwtAuthorizer", issuer="https://id.example.com")  # type: ignore[arg-type]


def test_the_example_guards_its_route_and_names_what_the_gateway_takes() -> None:
    stack = runpy.run_path(str(ROOT / "examples" / "access_tokens" / "app.py"))["Orders"]
    template = template_of(stack(new_app(), "Orders"))

    (orders,) = (route for route in template.properties(ROUTE) if route["RouteKey"] == "GET /orders")
    assert (orders["AuthorizationType"], orders["AuthorizationScopes"]) == ("JWT", ["orders:read"])
    assert template.only(AUTHORIZER)[1]["Properties"]["JwtConfiguration"]["Audience"] == ["orders"]
