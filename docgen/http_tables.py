"""Tables about the HTTP routes, from `session_store.catalog.routes` and the OpenAPI documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docgen.markdown import code, fenced, table
from session_store.catalog.permissions import invoke_path
from session_store.catalog.routes import BACKEND_ROUTES, USER_ROUTES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from session_store.catalog.route import Route


def backend_routes() -> str:
    """The table of the routes for back ends."""
    return _routes(BACKEND_ROUTES)


def user_routes() -> str:
    """The table of the routes for end users' pages."""
    return _routes(USER_ROUTES)


def execute_api_resources() -> str:
    """The end of each route's ARN, for policies that are written by hand."""
    return fenced("text", "\n".join(map(invoke_resource, BACKEND_ROUTES)))


def invoke_resource(route: Route) -> str:
    """The end of a route's ARN in a policy. A test compares it with what `SessionApi.grant_invoke` makes."""
    return f"/$default/{route.method}{invoke_path(route)}"


def _routes(routes: Sequence[Route]) -> str:
    return table(
        ("route", "does", "takes", "answers"),
        ((f"`{r.key}`", r.summary, "; ".join(_inputs(r)), str(r.success)) for r in routes),
    )


def _inputs(route: Route) -> Iterator[str]:
    yield from (f"`{name}` (required)" for name in route.headers)
    yield from (f"`{name}`" for name in route.optional_headers)
    if route.body:
        yield ", ".join(f"`{name}`{' (required)' if name in route.required else ''}" for name in route.body)
    if route.any_body:
        yield "any JSON object"
    if route.query:
        yield f"in the query {code(route.query)}"
