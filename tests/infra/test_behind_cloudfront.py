"""The user routes behind a CloudFront distribution: allowed origins that only the deployment knows, and the example."""

from __future__ import annotations

import runpy
from collections.abc import Callable, Iterator, Mapping
from graphlib import TopologicalSorter
from typing import Any

import pytest
from aws_cdk import CfnParameter, Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins

from local.paths import ROOT
from session_store import InvalidInputError, SessionSettings, StoreConfigurationError
from session_store.cdk import SessionAuthorizer, SessionTable, SessionUserRoutes
from session_store.kernel.authorizer_settings import AuthorizerSettings
from session_store.kernel.web_settings import UserRouteSettings
from session_store.testing import in_memory_store
from tests.infra.templates import API, FUNCTION, ROUTE, Template, new_app, new_stack, template_of
from tests.support.reply import Reply
from tests.support.visitor import visitor_with
from tests.unit.gateway import UserGateway

VARIABLE = "SESSION_ALLOWED_ORIGINS"
DOMAIN = "d111111abcdef8.cloudfront.net"
# CloudFront's own policies: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER_EXCEPT_HOST_HEADER = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
# The headers of a browser that an origin request policy hands on.
HANDED_ON: dict[str, Callable[[str], bool]] = {
    ALL_VIEWER_EXCEPT_HOST_HEADER: lambda header: header != "host",
    "cookies alone": lambda header: header == "cookie",
}


@pytest.fixture
def stack() -> Stack:
    return new_stack()


@pytest.fixture
def domain(stack: Stack) -> str:
    """A distribution's domain name, which is not known before it is there."""
    behavior = cloudfront.BehaviorOptions(origin=origins.HttpOrigin("example.com"))
    return cloudfront.Distribution(stack, "Site", default_behavior=behavior).distribution_domain_name


def allow(construct: type, stack: Stack, *allowed: str) -> None:
    parts: dict[str, Any] = {"table": SessionTable(stack, "Table"), "settings": SessionSettings()}
    if construct is SessionUserRoutes:
        parts["api"] = apigateway.HttpApi(stack, "Api")
    construct(stack, "New", allowed_origins=allowed, **parts)


def deployed(value: object, name: str) -> str:
    """A value as CloudFormation deploys it, with this text for each reference in it."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping) and "Fn::Join" in value:
        separator, parts = value["Fn::Join"]
        return str(separator).join(deployed(part, name) for part in parts)
    return name


# Origins


@pytest.mark.parametrize(
    ("construct", "family"), [(SessionUserRoutes, UserRouteSettings), (SessionAuthorizer, AuthorizerSettings)]
)
def test_the_functions_read_back_an_origin_that_only_the_deployment_knew(
    stack: Stack, domain: str, construct: type, family: Any
) -> None:
    allow(construct, stack, "https://app.example.com", f"https://{domain}", f"https://{domain}:8443")
    found = template_of(stack).properties(FUNCTION)[0]["Environment"]["Variables"][VARIABLE]

    settings = family.from_environment({VARIABLE: deployed(found, DOMAIN)})

    assert settings.allowed_origins == ("https://app.example.com", f"https://{DOMAIN}", f"https://{DOMAIN}:8443")


@pytest.mark.parametrize("family", [UserRouteSettings, AuthorizerSettings])
def test_one_that_turns_out_to_be_none_stops_the_function_at_its_start(stack: Stack, family: Any) -> None:
    allow(SessionUserRoutes, stack, CfnParameter(stack, "Origin").value_as_string)
    found = template_of(stack).properties(FUNCTION)[0]["Environment"]["Variables"][VARIABLE]

    with pytest.raises(StoreConfigurationError, match=f"environment variable {VARIABLE}: must be origins like"):
        family.from_environment({VARIABLE: deployed(found, "https://app.example.com/")})


@pytest.mark.parametrize("form", ["http://{}", "https://{}/", "https://{}/app", "*.{}", "{}:443"])
@pytest.mark.parametrize("construct", [SessionUserRoutes, SessionAuthorizer])
def test_what_shows_at_synthesis_is_refused_there(stack: Stack, domain: str, construct: type, form: str) -> None:
    with pytest.raises(InvalidInputError, match=r"^allowed_origins: must be origins like .*Token"):
        allow(construct, stack, form.format(domain))


def test_cors_takes_an_origin_that_only_the_deployment_knows(stack: Stack, domain: str) -> None:
    cors = SessionUserRoutes.cors_preflight([f"https://{domain}"])
    apigateway.HttpApi(stack, "Api", cors_preflight=cors)

    (origin,) = template_of(stack).only(API)[1]["Properties"]["CorsConfiguration"]["AllowOrigins"]
    assert deployed(origin, DOMAIN) == f"https://{DOMAIN}"


# The example


@pytest.fixture(scope="module")
def example() -> Template:
    site = runpy.run_path(str(ROOT / "examples" / "behind_cloudfront" / "app.py"))["Site"]
    return template_of(site(new_app({"table_name": "sessions"}), "Site"))


def behavior_of(example: Template) -> dict[str, Any]:
    _, site = example.only("AWS::CloudFront::Distribution")
    behaviors: list[dict[str, Any]] = site["Properties"]["DistributionConfig"]["CacheBehaviors"]
    (behavior,) = behaviors
    return behavior


def post(example: Template, policy: str, header: dict[str, str]) -> int:
    """A signed-in customer's request from a page of the site, and how it is answered behind a policy."""
    variables = example.properties(FUNCTION)[0]["Environment"]["Variables"]
    settings = UserRouteSettings.from_environment({name: deployed(each, DOMAIN) for name, each in variables.items()})
    with in_memory_store() as store:
        gateway = UserGateway(store, settings)

        def send(method: str, url: str, headers: Mapping[str, str], body: str) -> Reply:
            handed_on = {name: value for name, value in headers.items() if HANDED_ON[policy](name)}
            return gateway.send(method, url, handed_on, body)

        visitor = visitor_with(send, store.create_session("ana").token)
        return visitor.call("POST", "/api/session/rotate", headers=header).status


BY_BROWSERS = pytest.mark.parametrize("header", [{"sec-fetch-site": "same-origin"}, {"origin": f"https://{DOMAIN}"}])


@pytest.mark.shows("A20")
@BY_BROWSERS
def test_behind_the_examples_policy_a_page_of_the_site_may_change_its_session(
    example: Template, header: dict[str, str]
) -> None:
    assert post(example, behavior_of(example)["OriginRequestPolicyId"], header) == 200


@BY_BROWSERS
def test_behind_one_that_drops_the_browsers_word_every_change_is_refused(
    example: Template, header: dict[str, str]
) -> None:
    assert post(example, "cookies alone", header) == 403


def test_no_answer_of_a_route_is_kept_and_every_method_passes(example: Template) -> None:
    behavior = behavior_of(example)
    assert behavior["PathPattern"] == "/api/*"
    assert behavior["CachePolicyId"] == CACHING_DISABLED
    assert set(behavior["AllowedMethods"]) >= {"GET", "PUT", "PATCH", "POST", "DELETE"}
    assert all(route["RouteKey"].partition(" ")[2].startswith("/api/") for route in example.properties(ROUTE))


def references(value: object) -> Iterator[str]:
    """The logical ids that a part of a template refers to."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from [inner] if key == "Ref" else [inner[0]] if key == "Fn::GetAtt" else references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_distribution_api_and_functions_do_not_wait_for_each_other(example: Template) -> None:
    resources = example.content["Resources"]
    waits_for = {
        name: {*references(each.get("Properties", {})), *each.get("DependsOn", [])} & resources.keys()
        for name, each in resources.items()
    }
    TopologicalSorter(waits_for).prepare()  # raises a CycleError
