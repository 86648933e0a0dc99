"""User routes below a prefix: every one is served there, and described there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from session_store.api import backend_openapi, user_openapi
from session_store.catalog.route import Route
from session_store.catalog.routes import USER_ROUTES
from tests.unit.user_routes.conftest import SETTINGS, Site


@pytest.mark.parametrize("route", USER_ROUTES, ids=lambda route: route.key)
def test_a_route_below_a_prefix_answers_as_it_does_without(site: Site, route: Route) -> None:
    token = site.other.create_session("ana", data={"a": 1}).token
    gateway = site.gateway(replace(SETTINGS, prefix="/api"))

    answer = gateway.send(
        route.method,
        "/api" + route.path.replace("{session_id}", "018f0000-0000-7000-8000-000000000000"),
        {"authorization": f"Bearer {token}", "content-type": "application/json", "if-match": "1"},
        '{"data": {"a": 2}}' if route.key == "PATCH /session" else '{"a": 2}' if route.takes_body else "",
    )

    assert answer.status == route.success


def test_the_document_is_the_same_below_the_prefix() -> None:
    plain, below = backend_openapi.build(user_openapi.USER), backend_openapi.build(user_openapi.under("/api"))

    assert below.pop("paths") == {f"/api{path}": operations for path, operations in plain.pop("paths").items()}
    assert below == plain
