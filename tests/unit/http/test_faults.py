"""A table that is missing, forbidden or too busy: what the caller is told, and what not."""

from __future__ import annotations

import re
from typing import Any
from unittest.mock import Mock

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, ReadTimeoutError

from session_store import SessionStore
from session_store.catalog.route import Route
from session_store.catalog.routes import BACKEND_ROUTES
from session_store.testing import MovableClock
from tests.unit.gateway import NO_SESSION, Gateway

SAID = "arn:aws:iam::123456789012:role/secret-detail"
TOKEN = f"v1.{NO_SESSION}." + "A" * 22 + "." + "A" * 43
BODIES: dict[str, dict[str, Any]] = {
    "createSession": {"customer_id": "ABC"},
    "introspectToken": {"token": TOKEN},
    "updateSession": {"data": {"a": 1}},
    "createChildSession": {},
}


def client_error(code: str, status: int = 400) -> Exception:
    said: Any = {"Error": {"Code": code, "Message": SAID}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(said, "AnyOperation")


FAULTS: dict[str, tuple[Exception, str]] = {
    "wrong table name": (client_error("ResourceNotFoundException"), "misconfigured"),
    "missing permission": (client_error("AccessDeniedException"), "misconfigured"),
    "no credentials": (NoCredentialsError(), "misconfigured"),
    "throttled": (client_error("ProvisionedThroughputExceededException"), "throttled"),
    "outage": (client_error("InternalServerError", 500), "unavailable"),
    "refused connection": (EndpointConnectionError(endpoint_url=SAID), "unavailable"),
    "timeout": (ReadTimeoutError(endpoint_url=SAID), "unavailable"),
}


class FailingClient:
    """Fails each call in the same way."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, name: str) -> Mock:
        return Mock(side_effect=self._error)


@pytest.mark.parametrize("route", BACKEND_ROUTES, ids=lambda route: route.operation_id)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_503_without_details_and_with_retry_after_where_it_may_pass(
    route: Route, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    error, slug = FAULTS[fault]
    client: Any = FailingClient(error)
    gateway = Gateway(SessionStore("sessions", dynamodb_client=client, clock=MovableClock()))

    reply = gateway.call(route.method, re.sub("{.*?}", NO_SESSION, route.path), BODIES.get(route.operation_id))

    assert reply.outcome == (503, slug)
    assert int(reply.headers.get("retry-after", 0)) >= (slug != "misconfigured")
    assert not {"errors", "active"} & set(reply.json)
    assert SAID not in reply.text
    assert "sessions" not in reply.json["detail"]
    assert TOKEN not in caplog.text + "".join(gateway.lines)
