from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
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


@pytest.mark.parametrize("cursor", ["garbage", "", "a%23b", "x" * 129, "%00"])
def test_a_cursor_that_is_none_of_the_lists_is_400(gateway_without_aws: Gateway, cursor: str) -> None:
    reply = gateway_without_aws.call("GET", f"/customers/ABC/sessions?cursor={cursor}")
    assert (reply.status, reply.json["errors"][0]["field"]) == (400, "cursor")


@pytest.mark.parametrize("value", ["", "a%23b", "x" * 129])
def test_a_bad_session_id_to_keep_is_400(gateway_without_aws: Gateway, value: str) -> None:
    reply = gateway_without_aws.call("DELETE", f"/customers/ABC/sessions?except={value}")
    assert (reply.status, reply.json["errors"][0]["field"]) == (400, "except")


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


@pytest.mark.parametrize("session_id", ["a%23b", "x" * 129, "a%00b", "a%0Ab", "a%C2%85b"])
@pytest.mark.parametrize("method_and_rest", ["GET ", "DELETE ", "GET /children", "POST /children"])
def test_an_id_that_cannot_be_one_is_400(gateway_without_aws: Gateway, method_and_rest: str, session_id: str) -> None:
    method, _, rest = method_and_rest.partition(" ")
    reply = gateway_without_aws.call(method, f"/sessions/{session_id}{rest}")
    assert (reply.status, reply.json["errors"][0]["field"]) == (400, "session_id")
