"""Requests that are refused, most of them before any call to AWS, and what only looks bad."""

from __future__ import annotations

import json
from typing import Any

import pytest

from session_store.api.json_body import MAX_BODY_BYTES
from session_store.catalog.functions import Function
from tests.unit.gateway import NO_SESSION, Gateway

# The response's text about them.
NOT_STRICT_JSON: dict[str, tuple[str | bytes, ...]] = {
    "must be JSON; it is not at line 1, column": (
        *(" ", '{"data": {', '{"data": {},}', '{"data": {}} // x', "{'data': {}}", "{} {}", "\ufeff{}"),
    ),
    "must be JSON, which has no": tuple(
        f'{{"data": {{"a": {number}}}}}' for number in ("NaN", "Infinity", "-Infinity")
    ),
    "holds a number that is too large": ('{"data": {"a": 1e999}}',),
    "holds a number with too many digits": ('{"data": {"a": ' + "9" * 5000 + "}}",),
    "must not repeat a key within an object": ('{"data": {"a": 1, "a": 2}}', '{"data": {}, "data": {}}'),
    "must be a JSON object": ("[]", '"text"', "1", "null"),
    "is nested too deeply": ('{"data": ' + '{"a":' * 50_000 + "1" + "}" * 50_000 + "}", "[" * 100_000),
    "must be text in UTF-8": (b"\xff\xfe", b'{"client": "\xed\xa0\x80"}', '{"client": "x"}'.encode("utf-16")),
}


@pytest.mark.parametrize(
    ("problem", "text"),
    [(problem, text) for problem, texts in NOT_STRICT_JSON.items() for text in texts],
    ids=lambda text: repr(text[:30]),
)
def test_a_body_that_is_not_a_strict_json_object_is_400_and_the_answer_says_why(
    gateway_without_aws: Gateway, problem: str, text: str | bytes
) -> None:
    reply = gateway_without_aws.call("POST", "/sessions", text=text)
    (said,) = reply.json["errors"]
    assert (reply.status, said["field"]) == (400, "body")
    assert said["problem"].startswith(problem)
    assert "value" not in said


# All that is refused is in tests/unit/test_bad_input.py: it is the same check.
@pytest.mark.parametrize("data", [{"a": "\ud800"}, {"a": 10**38}, [1], "secret-content", False], ids=repr)
@pytest.mark.parametrize(
    "request_line", ["POST /sessions", f"PATCH /sessions/{NO_SESSION}", f"POST /sessions/{NO_SESSION}/children"]
)
def test_data_that_cannot_be_stored_is_400_without_showing_it(
    gateway_without_aws: Gateway, request_line: str, data: Any
) -> None:
    method, url = request_line.split()
    whose = {"customer_id": "ABC"} if method == "POST" else {}
    reply = gateway_without_aws.call(method, url, {**whose, "data": data})
    assert reply.status == 400
    assert reply.json["errors"][0]["field"].startswith("data")
    assert "value" not in reply.json["errors"][0]
    assert "secret-content" not in reply.text


@pytest.mark.parametrize("activity", ["read_only", "", True, ["none"]], ids=repr)
def test_another_activity_is_400_also_beside_a_token_that_is_not_good(
    gateway_without_aws: Gateway, activity: Any
) -> None:
    reply = gateway_without_aws.call("POST", "/sessions/introspect", {"token": "v1.x", "activity": activity})
    assert (reply.status, reply.json["errors"][0]["field"]) == (400, "activity")


def test_data_of_30_levels_is_stored_and_of_31_refused(gateway: Gateway) -> None:
    deep, too_deep = (
        {"anonymous": True, "data": json.loads('{"a":' * levels + "1" + "}" * levels)} for levels in (30, 31)
    )
    assert gateway.call("POST", "/sessions", deep).json["session"]["data"] == deep["data"]
    assert gateway.call("POST", "/sessions", too_deep).json["errors"][0]["field"] == "data"


def test_an_item_over_400_kb_is_413(gateway_without_aws: Gateway) -> None:
    reply = gateway_without_aws.call("POST", "/sessions", {"anonymous": True, "data": {"a": "x" * 410_000}})
    assert reply.outcome == (413, "data-too-large")
    assert reply.json["errors"][0]["field"] == "data"


def test_data_that_fit_do_so_in_any_escaping(gateway: Gateway) -> None:
    reply = gateway.call("POST", "/sessions", text='{"anonymous": true, "data": {"a": "' + "\\u003c" * 400_000 + '"}}')
    assert (reply.status, reply.json["session"]["data"]) == (201, {"a": "<" * 400_000})


def test_a_body_over_the_limit_is_413_also_in_base64(gateway_without_aws: Gateway) -> None:
    text = '{"data": {"a": "' + "é" * (MAX_BODY_BYTES // 2) + '"}}'
    for body in (text, text.encode()):
        assert gateway_without_aws.call("POST", "/sessions", text=body).outcome == (413, "body-too-large")


def test_a_body_that_is_not_the_base64_it_claims_to_be_is_400(gateway_without_aws: Gateway) -> None:
    event = {"routeKey": "POST /sessions", "headers": {"content-type": "application/json"}}
    reply = gateway_without_aws.send(Function.CREATE, event | {"body": "*", "isBase64Encoded": True})
    assert (reply.status, reply.json["errors"][0]["field"]) == (400, "body")


def test_a_body_in_base64_is_read_like_any_other(gateway: Gateway) -> None:
    reply = gateway.call("POST", "/sessions", text='{"anonymous": true, "client": "Café"}'.encode())
    assert (reply.status, reply.json["session"]["client"]) == (201, "Café")


TYPES = ("", "text/plain", *(f"application/{it}" for it in ("x-www-form-urlencoded", "jsonx", "json; charset=utf-16")))


@pytest.mark.parametrize("headers", [{}, *({"content-type": other} for other in TYPES)], ids=repr)
def test_a_body_that_does_not_say_it_is_json_in_utf_8_is_415(
    gateway_without_aws: Gateway, headers: dict[str, str]
) -> None:
    reply = gateway_without_aws.call("POST", "/sessions", {}, headers=headers)
    assert reply.outcome == (415, "unsupported-media-type")


@pytest.mark.parametrize("content_type", ["application/json", 'Application/JSON ; Charset="UTF-8"'])
def test_the_content_type_may_be_written_in_any_case_and_name_utf_8(gateway: Gateway, content_type: str) -> None:
    assert gateway.call("POST", "/sessions", {"anonymous": True}, headers={"Content-Type": content_type}).status == 201


def test_no_body_counts_as_an_empty_object(gateway: Gateway) -> None:
    session_id = gateway.call("POST", "/sessions", {"customer_id": "ABC"}).json["session"]["session_id"]
    assert gateway.call("POST", f"/sessions/{session_id}/children", headers={}).status == 201


def test_a_field_that_is_null_counts_as_absent(gateway: Gateway) -> None:
    fields = dict.fromkeys(("customer_id", "data", "client", "idle_timeout", "replaces", "carry_data"))
    session = gateway.call("POST", "/sessions", {**fields, "anonymous": True}).json["session"]
    assert (session["customer_id"], session["data"]) == (None, {})


@pytest.mark.shows("T15")
@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "customer_id"),
        ({"customer_id": None, "data": {}}, "customer_id"),
        ({"anonymous": False}, "customer_id"),
        ({"customer_id": None, "anonymous": None}, "customer_id"),
        ({"customer_id": "ABC", "anonymous": True}, "anonymous"),
        ({"customer_id": "", "anonymous": True}, "anonymous"),
        ({"anonymous": "true"}, "anonymous"),
    ],
    ids=repr,
)
def test_without_a_customer_only_a_session_that_is_said_to_be_anonymous_is_made(
    gateway_without_aws: Gateway, fields: dict[str, Any], field: str
) -> None:
    reply = gateway_without_aws.call("POST", "/sessions", fields)
    assert (reply.status, reply.json["errors"][0]["field"]) == (400, field)


BAD_FIELDS: dict[str, list[Any]] = {
    "customer_id": ["", "a" * 513, "é" * 501, "\ud800"],
    "client": [7],
    "idle_timeout": [0, 1.5, True, "60", 10**30],
    "absolute_timeout": [0, 400 * 24 * 3600 + 1],
    "carry_data": ["yes"],
}


@pytest.mark.parametrize(("field", "value"), [(field, bad) for field, values in BAD_FIELDS.items() for bad in values])
def test_a_bad_field_is_400_and_named_with_its_value(gateway_without_aws: Gateway, field: str, value: Any) -> None:
    reply = gateway_without_aws.call("POST", "/sessions", {"customer_id": "ABC", field: value})
    (entry,) = reply.json["errors"]
    shown = repr(value) if len(repr(value)) <= 64 else repr(value)[:64] + "..."
    assert (reply.status, entry["field"], entry["value"]) == (400, field, shown)
    assert entry["problem"] in reply.json["detail"]


def test_an_idle_timeout_longer_than_the_absolute_one_is_400(gateway_without_aws: Gateway) -> None:
    reply = gateway_without_aws.call(
        "POST", "/sessions", {"customer_id": "ABC", "idle_timeout": 61, "absolute_timeout": 60}
    )
    assert (reply.status, reply.json["errors"][0]["field"]) == (400, "idle_timeout")


@pytest.mark.parametrize("body", [{}, {"token": None}, {"token": 7}, {"token": ["secret-value"]}])
def test_a_token_that_is_no_string_is_400_and_not_shown(gateway_without_aws: Gateway, body: dict[str, Any]) -> None:
    reply = gateway_without_aws.call("POST", "/sessions/introspect", body)
    assert (reply.status, reply.json["errors"][0]["field"]) == (400, "token")
    assert "value" not in reply.json["errors"][0]
    assert "secret-value" not in reply.text


PAGED = ("GET /customers/ABC/sessions", "DELETE /customers/ABC/sessions", "DELETE /customers/ABC")
NO_LIMIT = ("0", "-1", "1001", "ten", "", "1.5", "+5", "%205", "٣", "1_0", "9" * 5000, "1&limit=2")
NO_ID = ("a%23b", "x" * 129, "a%00b", "a%0Ab", "a%C2%85b")
NO_UUID = ("x", NO_SESSION.upper(), NO_SESSION.replace("-", ""), f"%7B{NO_SESSION}%7D", *NO_ID)


@pytest.mark.parametrize(
    ("request_line", "field"),
    [
        *((f"{paged}?limit={bad}", "limit") for paged in PAGED for bad in NO_LIMIT),
        *((f"GET /customers/ABC/sessions?cursor={bad}", "cursor") for bad in ("garbage", "", *NO_ID)),
        *((f"DELETE /customers/ABC/sessions?except={bad}", "except") for bad in ("", *NO_ID)),
        *((f"{method} /sessions/{bad}", "session_id") for bad in NO_UUID for method in ("GET", "DELETE")),
        *((f"{method} /sessions/{bad}/children", "session_id") for bad in NO_UUID for method in ("GET", "POST")),
    ],
)
def test_a_limit_an_id_and_a_cursor_that_are_none_are_400_and_named(
    gateway_without_aws: Gateway, request_line: str, field: str
) -> None:
    reply = gateway_without_aws.call(*request_line.split(" ", 1))
    assert (reply.status, reply.json["errors"][0]["field"]) == (400, field)
    assert "value" in reply.json["errors"][0]


@pytest.mark.parametrize(
    ("request_line", "body", "field", "known"),
    [
        ("GET /customers/ABC/sessions?page=secret-value", None, "page", "limit, cursor"),
        ("DELETE /customers/ABC/sessions?page=secret-value", None, "page", "except, limit, cursor"),
        ("GET /customers/ABC/last-login?page=secret-value", None, "page", "it has none"),
        ("POST /sessions", {"customerId": "secret-value"}, "customerId", "customer_id, anonymous, data, client"),
    ],
)
def test_an_unknown_parameter_or_field_is_400_and_the_known_ones_are_listed(
    gateway_without_aws: Gateway, request_line: str, body: Any, field: str, known: str
) -> None:
    method, url = request_line.split()
    reply = gateway_without_aws.call(method, url, body)
    assert (reply.status, reply.json["errors"][0]["field"]) == (400, field)
    assert known in reply.json["detail"]
    assert "secret-value" not in reply.text
