"""A table that is missing, forbidden or too busy: what the caller is told, and what not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, cast

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, ReadTimeoutError

from session_store import SessionStore
from session_store.testing import MovableClock
from tests.unit.http.gateway import Gateway

if TYPE_CHECKING:
    from collections.abc import Callable

    from session_store.storage.requests import DynamoDBClient

SAID = "arn:aws:iam::123456789012:role/secret-detail"
TOKEN = "v1.018813f5-0000-7000-8000-000000000000." + "A" * 22 + "." + "A" * 43
REQUESTS: dict[str, tuple[str, dict[str, Any] | None]] = {
    "POST /sessions": ("/sessions", {"customer_id": "ABC"}),
    "POST /sessions/introspect": ("/sessions/introspect", {"token": TOKEN}),
    "GET /sessions/{session_id}": ("/sessions/session-1", None),
    "PATCH /sessions/{session_id}": ("/sessions/session-1", {"data": {"a": 1}}),
    "DELETE /sessions/{session_id}": ("/sessions/session-1", None),
    "POST /sessions/{session_id}/children": ("/sessions/session-1/children", {}),
    "GET /sessions/{session_id}/children": ("/sessions/session-1/children", None),
    "DELETE /sessions/{session_id}/children/{child_session_id}": ("/sessions/session-1/children/child-1", None),
    "GET /children/{child_session_id}/session": ("/children/child-1/session", None),
    "GET /customers/{customer_id}/sessions": ("/customers/ABC/sessions", None),
    "GET /customers/{customer_id}/sessions/{session_id}": ("/customers/ABC/sessions/session-1", None),
    "GET /customers/{customer_id}/last-login": ("/customers/ABC/last-login", None),
    "DELETE /customers/{customer_id}/sessions": ("/customers/ABC/sessions", None),
    "DELETE /customers/{customer_id}": ("/customers/ABC", None),
}


def client_error(code: str, status: int = 400) -> Callable[[], Exception]:
    return lambda: ClientError(
        {"Error": {"Code": code, "Message": SAID}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
        "AnyOperation",
    )


MISCONFIGURED: dict[str, Callable[[], Exception]] = {
    "wrong table name": client_error("ResourceNotFoundException"),
    "missing permission": client_error("AccessDeniedException"),
    "no credentials": NoCredentialsError,
}
UNAVAILABLE: dict[str, Callable[[], Exception]] = {
    "throttled": client_error("ProvisionedThroughputExceededException"),
    "outage": client_error("InternalServerError", 500),
    "refused connection": lambda: EndpointConnectionError(endpoint_url=SAID),
    "timeout": lambda: ReadTimeoutError(endpoint_url=SAID),
}


class FailingClient:
    """Fails each call in the same way."""

    def __init__(self, error: Callable[[], Exception]) -> None:
        self._error = error

    def __getattr__(self, name: str) -> Callable[..., NoReturn]:
        def fail(**parameters: object) -> NoReturn:
            raise self._error()

        return fail


def gateway_with(error: Callable[[], Exception]) -> Gateway:
    client = cast("DynamoDBClient", FailingClient(error))
    return Gateway(SessionStore("sessions", dynamodb_client=client, clock=MovableClock()))


@pytest.mark.parametrize("request_line", REQUESTS)
@pytest.mark.parametrize("fault", MISCONFIGURED)
def test_what_an_operator_has_to_put_right_is_a_problem_without_details(
    request_line: str, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    gateway = gateway_with(MISCONFIGURED[fault])
    url, body = REQUESTS[request_line]
    reply = gateway.call(request_line.partition(" ")[0], url, body)
    assert reply.status == 503
    assert reply.json["type"] == "urn:session-store:problem:misconfigured"
    assert "errors" not in reply.json
    assert SAID not in reply.text
    assert "sessions" not in reply.json["detail"]
    assert TOKEN not in caplog.text + "".join(gateway.lines)


@pytest.mark.parametrize("request_line", REQUESTS)
@pytest.mark.parametrize("fault", UNAVAILABLE)
def test_what_may_pass_is_503_with_retry_after(request_line: str, fault: str, caplog: pytest.LogCaptureFixture) -> None:
    gateway = gateway_with(UNAVAILABLE[fault])
    url, body = REQUESTS[request_line]
    reply = gateway.call(request_line.partition(" ")[0], url, body)
    assert reply.status == 503
    assert reply.json["type"] == f"urn:session-store:problem:{'throttled' if fault == 'throttled' else 'unavailable'}"
    assert int(reply.headers["Retry-After"]) >= 1
    assert SAID not in reply.text
    assert "active" not in reply.json
    assert TOKEN not in caplog.text + "".join(gateway.lines)
