"""The authorizer on any route of any HTTP API, and any method of any REST API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from aws_cdk import Duration, Stack
from aws_cdk import aws_apigateway as rest
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk.aws_apigatewayv2_integrations import HttpUrlIntegration, WebSocketMockIntegration
from constructs import Construct

from session_store import SessionSettings
from session_store.cdk import SessionAuthorizer, SessionTable
from session_store.errors import InvalidInputError
from session_store.kernel.authorizer_settings import AuthorizerSettings
from tests.infra.templates import FUNCTION, ROUTE, Template, new_app, new_stack, template_of

AUTHORIZER = "AWS::ApiGatewayV2::Authorizer"
PERMISSION = "AWS::Lambda::Permission"
REST_AUTHORIZER = "AWS::ApiGateway::Authorizer"
METHOD = "AWS::ApiGateway::Method"


def new_authorizer(stack: Stack, **props: Any) -> SessionAuthorizer:
    table = SessionTable(stack, "Table")
    return SessionAuthorizer(stack, "Authorizer", table=table, settings=SessionSettings(), **props)


def protect(scope: Construct, authorizer: SessionAuthorizer, *paths: str, construct_id: str = "Api") -> None:
    """An application's API with protected routes."""
    api = apigateway.HttpApi(scope, construct_id)
    for path in paths:
        api.add_routes(path=path, integration=HttpUrlIntegration("Back", "https://example.com"), authorizer=authorizer)


def synthesized(**props: Any) -> Template:
    stack = new_stack()
    protect(stack, new_authorizer(stack, **props), "/orders")
    return template_of(stack)


def test_by_default_it_is_asked_about_every_request_in_the_payload_that_it_understands() -> None:
    properties = synthesized().only(AUTHORIZER)[1]["Properties"]
    assert properties["AuthorizerResultTtlInSeconds"] == 0
    assert properties["IdentitySource"] == []  # with one, a request that lacks it would never reach it
    assert (properties["AuthorizerType"], properties["AuthorizerPayloadFormatVersion"]) == ("REQUEST", "2.0")
    assert properties["EnableSimpleResponses"] is True


def test_one_authorizer_guards_all_the_routes_that_it_is_attached_to() -> None:
    stack = new_stack()
    protect(stack, new_authorizer(stack), "/orders", "/invoices")
    template = template_of(stack)
    authorizer, _ = template.only(AUTHORIZER)
    routes = template.properties(ROUTE)
    assert len(routes) == 2
    assert {(route["AuthorizationType"], route["AuthorizerId"]["Ref"]) for route in routes} == {("CUSTOM", authorizer)}


def test_one_construct_serves_several_apis_with_one_function() -> None:
    stack = new_stack()
    authorizer = new_authorizer(stack)
    protect(stack, authorizer, "/orders", construct_id="Orders")
    protect(stack, authorizer, "/invoices", construct_id="Invoices")
    template = template_of(stack)
    assert len(template.resources(AUTHORIZER)) == 2
    assert len(template.resources(FUNCTION)) == 1
    assert len(template.resources(PERMISSION)) == 2


def test_two_of_them_go_on_one_api() -> None:
    stack = new_stack()
    table = SessionTable(stack, "Table")
    api = apigateway.HttpApi(stack, "Api")
    for name in ("One", "Two"):
        authorizer = SessionAuthorizer(stack, name, table=table, settings=SessionSettings())
        integration = HttpUrlIntegration("Back", "https://example.com")
        api.add_routes(path=f"/{name}", integration=integration, authorizer=authorizer)
    assert {found["Name"] for found in template_of(stack).properties(AUTHORIZER)} == {"One", "Two"}


def test_only_the_authorizer_of_its_api_may_invoke_the_function() -> None:
    template = synthesized()
    authorizer, _ = template.only(AUTHORIZER)
    _, permission = template.only(PERMISSION)
    assert permission["Properties"]["Principal"] == "apigateway.amazonaws.com"
    source = permission["Properties"]["SourceArn"]["Fn::Join"][1]
    assert source[-2:] == ["/authorizers/", {"Ref": authorizer}]


def test_the_function_reads_back_the_rules_that_the_construct_wrote() -> None:
    rules = {"allowed_origins": ("https://a.example",), "context_data_keys": ("role", "tier")}
    flags = {"strict": True, "cookie_only": True, "allow_anonymous": True}
    step_up = {"max_auth_age": timedelta(minutes=5), "required_acr": ("gold", "silver")}
    _, function = synthesized(**rules, **flags, **step_up).only(FUNCTION)
    assert AuthorizerSettings.from_environment(function["Properties"]["Environment"]["Variables"]) == (
        AuthorizerSettings(**rules, **flags, **step_up)  # type: ignore[arg-type]
    )


@pytest.mark.shows("A12")
def test_a_cache_is_kept_by_the_token_and_the_route() -> None:
    template = synthesized(bearer_only=True, results_cache_ttl=Duration.seconds(30))
    _, authorizer = template.only(AUTHORIZER)
    assert authorizer["Properties"]["AuthorizerResultTtlInSeconds"] == 30
    assert authorizer["Properties"]["IdentitySource"] == ["$request.header.Authorization", "$context.routeKey"]
    _, function = template.only(FUNCTION)
    assert AuthorizerSettings.from_environment(function["Properties"]["Environment"]["Variables"]).bearer_only


@pytest.mark.parametrize(
    ("props", "message"),
    [
        ({"results_cache_ttl": Duration.seconds(1)}, "cookies"),
        ({"results_cache_ttl": Duration.seconds(1), "bearer_only": True, "strict": True}, "strict"),
        ({"results_cache_ttl": Duration.seconds(3601), "bearer_only": True}, "3600"),
        ({"results_cache_ttl": Duration.millis(1500), "bearer_only": True}, "whole seconds"),
        ({"context_data_keys": ["customer_id"]}, "context_data_keys"),
        ({"context_data_keys": [""]}, "context_data_keys"),
        ({"allowed_origins": ["*"]}, "allowed_origins"),
        ({"activity": "read_only"}, "activity"),
        ({"results_cache_ttl": Duration.seconds(1), "bearer_only": True, "max_auth_age": Duration.hours(1)}, "ax_auth"),
        ({"max_auth_age": Duration.days(401)}, "max_auth_age"),
        ({"required_acr": []}, "required_acr"),
    ],
    ids=[
        *("cookies", "strict", "too long", "fractions", "taken name", "empty name", "any origin", "another activity"),
        *("an age", "an age too high", "no acr"),
    ],
)
def test_what_does_not_fit_together_is_refused_at_construction(props: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        new_authorizer(new_stack(), **props)


def test_it_protects_an_api_in_another_stack_than_the_tables() -> None:
    app = new_app()
    table = SessionTable(Stack(app, "Data"), "Table")
    stack = Stack(app, "Application")
    protect(stack, SessionAuthorizer(stack, "Authorizer", table=table, settings=SessionSettings()), "/orders")
    assert len(template_of(stack).resources(AUTHORIZER)) == 1


def test_it_protects_apis_that_are_imported() -> None:
    stack = new_stack()
    authorizer = new_authorizer(stack)
    for name in ("one", "other"):
        api = apigateway.HttpApi.from_http_api_attributes(stack, name, http_api_id=name)
        for path in ("/orders", "/invoices"):
            apigateway.HttpRoute(
                stack,
                f"{name}{path}",
                http_api=api,
                route_key=apigateway.HttpRouteKey.with_(path, apigateway.HttpMethod.GET),
                integration=HttpUrlIntegration("Back", "https://example.com"),
                authorizer=authorizer.for_http_api(api),
            )
    template = template_of(stack)
    of_api = {each["Properties"]["ApiId"]: {"Ref": name} for name, each in template.resources(AUTHORIZER).items()}
    assert of_api.keys() == {"one", "other"}
    routes = template.properties(ROUTE)
    assert [route["AuthorizerId"] for route in routes] == [of_api[route["ApiId"]] for route in routes]
    sources = [each["SourceArn"]["Fn::Join"][1][-1] for each in template.properties(PERMISSION)]
    assert [each for each in of_api.values() if each in sources] == list(of_api.values())


# REST APIs


def protect_rest(scope: Construct, authorizer: SessionAuthorizer, *methods: str, construct_id: str = "Rest") -> None:
    """An application's REST API with protected methods."""
    api = rest.RestApi(scope, construct_id)
    for method in methods:
        api.root.add_method(method, rest.MockIntegration(), authorizer=authorizer.for_rest_api(api))


def synthesized_rest(**props: Any) -> Template:
    stack = new_stack()
    protect_rest(stack, new_authorizer(stack, **props), "GET", "POST")
    return template_of(stack)


def test_one_authorizer_guards_all_the_methods_of_a_rest_api() -> None:
    template = synthesized_rest()
    authorizer, found = template.only(REST_AUTHORIZER)
    methods = template.properties(METHOD)
    assert [(each["AuthorizationType"], each["AuthorizerId"]) for each in methods] == [
        ("CUSTOM", {"Ref": authorizer})
    ] * 2
    assert (found["Properties"]["Type"], found["Properties"]["AuthorizerResultTtlInSeconds"]) == ("REQUEST", 0)
    assert found["Properties"]["IdentitySource"] == ""  # with one, a request that lacks it would never reach it
    source = template.only(PERMISSION)[1]["Properties"]["SourceArn"]["Fn::Join"][1]
    assert source[-2:] == ["/authorizers/", {"Ref": authorizer}]


def test_it_protects_a_rest_api_that_is_imported() -> None:
    stack = new_stack()
    api = rest.RestApi.from_rest_api_attributes(stack, "Rest", rest_api_id="rest", root_resource_id="root")
    authorizer = new_authorizer(stack).for_rest_api(api)
    api.root.add_method("GET", rest.MockIntegration(), authorizer=authorizer)
    template = template_of(stack)
    logical_id, found = template.only(REST_AUTHORIZER)
    assert found["Properties"]["RestApiId"] == "rest"
    assert [each["AuthorizerId"] for each in template.properties(METHOD)] == [{"Ref": logical_id}]


def test_a_cache_of_a_rest_api_is_kept_by_the_token_and_what_the_policy_names() -> None:
    _, authorizer = synthesized_rest(bearer_only=True, results_cache_ttl=Duration.seconds(30)).only(REST_AUTHORIZER)
    key = "method.request.header.Authorization,context.httpMethod,context.path"
    assert (authorizer["Properties"]["IdentitySource"], authorizer["Properties"]["AuthorizerResultTtlInSeconds"]) == (
        key,
        30,
    )


def test_one_construct_serves_apis_of_both_kinds_with_one_function() -> None:
    stack = new_stack()
    authorizer = new_authorizer(stack)
    protect(stack, authorizer, "/orders")
    protect_rest(stack, authorizer, "GET", construct_id="One")
    protect_rest(stack, authorizer, "GET", construct_id="Other")
    template = template_of(stack)
    kinds = (AUTHORIZER, REST_AUTHORIZER, FUNCTION, PERMISSION)
    assert [len(template.resources(kind)) for kind in kinds] == [1, 2, 1, 3]


# Where it cannot work


@pytest.mark.shows("T17")
def test_the_construct_itself_on_a_method_of_a_rest_api_is_refused() -> None:
    """CDK would ask it for an id, get none, and make the method an open one."""
    stack = new_stack()
    authorizer: Any = new_authorizer(stack)
    with pytest.raises(
        RuntimeError, match=r"authorizer: goes onto routes of an HTTP API; .*\.for_rest_api\(rest_api\)"
    ):
        rest.RestApi(stack, "Rest").root.add_method("GET", rest.MockIntegration(), authorizer=authorizer)
    with pytest.raises(RuntimeError, match="authorizer: goes onto routes of an HTTP API"):
        rest.RestApi(stack, "Default", default_method_options={"authorizer": authorizer}).root.add_method("GET")


@pytest.mark.shows("T17")
def test_on_a_web_socket_api_it_is_refused() -> None:
    stack = new_stack()
    authorizer: Any = new_authorizer(stack)
    api = apigateway.WebSocketApi(stack, "Messages")
    with pytest.raises(RuntimeError, match="authorizer: goes onto routes of an HTTP API"):
        api.add_route("$connect", integration=WebSocketMockIntegration("Back"), authorizer=authorizer)


def test_what_was_made_for_a_rest_api_is_refused_elsewhere() -> None:
    stack = new_stack()
    authorizer = new_authorizer(stack)
    of_rest: Any = authorizer.for_rest_api(rest.RestApi(stack, "Rest"))
    rest.RestApi(stack, "One").root.add_method("GET", rest.MockIntegration(), authorizer=of_rest)
    other = rest.RestApi(stack, "Other")
    with pytest.raises(RuntimeError, match="two different rest APIs"):
        other.root.add_method("GET", rest.MockIntegration(), authorizer=of_rest)
    with pytest.raises(RuntimeError, match="bind"):
        protect(stack, of_rest, "/orders")
    messages = apigateway.WebSocketApi(stack, "Messages")
    with pytest.raises(RuntimeError, match="bind"):
        messages.add_route("$connect", integration=WebSocketMockIntegration("Back"), authorizer=of_rest)


def test_an_http_api_is_no_rest_api_and_no_other_api_an_http_api() -> None:
    stack = new_stack()
    authorizer: Any = new_authorizer(stack)
    with pytest.raises(InvalidInputError, match=r"^api: must be an aws_apigateway\.RestApi"):
        authorizer.for_rest_api(apigateway.HttpApi(stack, "Api"))
    for other in (rest.RestApi(stack, "Rest"), apigateway.WebSocketApi(stack, "Messages")):
        with pytest.raises(InvalidInputError, match=r"^api: must be an aws_apigatewayv2\.HttpApi"):
            authorizer.for_http_api(other)
