"""The example of an application's own API, as it would be deployed."""

from __future__ import annotations

import runpy

import pytest

from local.paths import ROOT
from session_store.catalog.routes import USER_ROUTES
from tests.infra.templates import API, STAGE, Template, new_app, open_routes, template_of


@pytest.fixture(scope="module")
def template() -> Template:
    stack = runpy.run_path(str(ROOT / "examples" / "protected_api" / "app.py"))["OrdersApi"]
    return template_of(stack(new_app({"table_name": "sessions"}), "OrdersApi"))


@pytest.mark.shows("T13")
def test_every_stage_of_an_api_without_signed_requests_is_throttled(template: Template) -> None:
    limits = [stage["DefaultRouteSettings"] for stage in template.properties(STAGE)]

    assert len(limits) == len(template.resources(API)) == 1
    assert 0 < limits[0]["ThrottlingRateLimit"] <= 500
    assert 0 < limits[0]["ThrottlingBurstLimit"] <= 1000


def test_every_route_but_the_user_routes_is_behind_the_authorizer(template: Template) -> None:
    assert open_routes(template) == {route.key for route in USER_ROUTES}
