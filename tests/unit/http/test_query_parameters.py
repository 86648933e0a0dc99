from __future__ import annotations

import pytest

from tests.unit.gateway import Gateway


@pytest.mark.parametrize(
    "request_line", ["GET /customers/ABC/sessions", "DELETE /customers/ABC/sessions", "DELETE /customers/ABC"]
)
@pytest.mark.parametrize("limit", ["0", "-1", "101", "ten", "", "1.5", "+5", "%205", "٣", "1_0", "9" * 5000])
def test_a_limit_that_is_not_1_to_100_is_400(gateway_without_aws: Gateway, request_line: str, limit: str) -> None:
    method, _, path = request_line.partition(" ")
    reply = gateway_without_aws.call(method, f"{path}?limit={limit}")
    assert (reply.status, reply.json["errors"][0]["field"]) == (400, "limit")
    assert "value" in reply.json["errors"][0]


def test_a_parameter_given_twice_is_400(gateway_without_aws: Gateway) -> None:
    reply = gateway_without_aws.call("GET", "/customers/ABC/sessions?limit=1&limit=2")
    assert reply.json["errors"][0] == {"field": "limit", "problem": "must be a whole number", "value": "'1,2'"}


NO_ID = ["a%23b", "x" * 129, "a%00b", "a%0Ab", "a%C2%85b"]


@pytest.mark.parametrize(
    ("request_line", "field"),
    [
        *((f"GET /customers/ABC/sessions?cursor={bad}", "cursor") for bad in ("garbage", "", *NO_ID)),
        *((f"DELETE /customers/ABC/sessions?except={bad}", "except") for bad in ("", *NO_ID)),
        *((f"{method} /sessions/{bad}", "session_id") for bad in NO_ID for method in ("GET", "DELETE")),
        *((f"{method} /sessions/{bad}/children", "session_id") for bad in NO_ID for method in ("GET", "POST")),
    ],
)
def test_what_can_be_no_id_and_no_cursor_is_400_and_named(
    gateway_without_aws: Gateway, request_line: str, field: str
) -> None:
    reply = gateway_without_aws.call(*request_line.split(" ", 1))
    assert (reply.status, reply.json["errors"][0]["field"]) == (400, field)


@pytest.mark.parametrize(
    ("request_line", "known"),
    [
        ("GET /customers/ABC/sessions", "limit, cursor"),
        ("DELETE /customers/ABC/sessions", "except, limit, cursor"),
        ("GET /customers/ABC/last-login", "it has none"),
    ],
)
def test_an_unknown_parameter_is_400_and_the_known_ones_are_listed(
    gateway_without_aws: Gateway, request_line: str, known: str
) -> None:
    method, _, path = request_line.partition(" ")
    reply = gateway_without_aws.call(method, f"{path}?page=secret-value")
    assert (reply.status, reply.json["errors"][0]["field"]) == (400, "page")
    assert known in reply.json["detail"]
    assert "secret-value" not in reply.text
