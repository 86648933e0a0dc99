"""The OpenAPI document beside what is deployed."""

from __future__ import annotations

import pytest

from session_store.api.backend_openapi import build
from session_store.catalog.routes import BACKEND_ROUTES
from tests.infra.templates import ENVIRONMENTS, ROUTE, deployment


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_document_describes_the_deployed_routes_and_no_other(environment: str) -> None:
    deployed = {route["RouteKey"]: route["AuthorizationType"] for route in deployment(environment).properties(ROUTE)}
    catch_alls = {route.key for route in BACKEND_ROUTES if route.stands_for}
    document = build()
    documented = {
        f"{method.upper()} {path}": operation.get("security", document["security"])
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }
    assert set(documented) == set(deployed) - catch_alls
    assert catch_alls <= set(deployed)
    assert {deployed[key] for key, security in documented.items() if security == [{"sigv4": []}]} == {"AWS_IAM"}
