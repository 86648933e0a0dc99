from __future__ import annotations

import json
from typing import Any

import pytest

from session_store.api.json_body import MAX_BODY_BYTES
from session_store.catalog.functions import Function
from tests.unit.gateway import Gateway

NOT_STRICT_JSON = {
    "nothing but blanks": " ",
    "cut off": '{"data": {',
    "a trailing comma": '{"data": {},}',
    "a comment": '{"data": {}} // x',
    "single quotes": "{'data': {}}",
    "two values": "{} {}",
    "a byte order mark": "\ufeff{}",
    "NaN": '{"data": {"a": NaN}}',
    "Infinity": '{"data": {"a": Infinity}}',
    "-Infinity": '{"data": {"a": -Infinity}}',
    "a float beyond all bounds": '{"data": {"a": 1e999}}',
    "an integer with 5,000 digits": '{"data": {"a": ' + "9" * 5000 + "}}",
    "a key twice": '{"data": {"a": 1, "a": 2}}',
    "a field twice": '{"data": {}, "data": {}}',
    "an array": "[]",
    "a string": '"text"',
    "a number": "1",
    "null": "null",
    "a depth bomb": '{"data": ' + '{"a":' * 50_000 + "1" + "}" * 50_000 + "}",
    "a depth bomb of arrays": "[" * 100_000,
}


@pytest.mark.parametrize("text", NOT_STRICT_JSON.values(), ids=NOT_STRICT_JSON.keys())
def test_a_body_that_is_not_a_strict_json_object_is_400(gateway_without_aws: Gateway, text: str) -> None:
    reply = gateway_without_aws.call("POST", "/sessions", text=text)
    assert reply.status == 400
    assert [entry["field"] for entry in reply.json["errors"]] == ["body"]
    assert "value" not in reply.json["errors"][0]


# All that is refused is in tests/unit/test_bad_input.py: it is the same check.
DATA_NOT_ACCEPTED = {
    "31 levels": json.loads('{"a":' * 31 + "1" + "}" * 31),
    "a lone surrogate": {"a": "\ud800"},
    "an integer of 39 digits": {"a": 10**38},
    "an array": [1],
    "a string": "secret-content",
    "false": False,
}


@pytest.mark.parametrize("data", DATA_NOT_ACCEPTED.values(), ids=DATA_NOT_ACCEPTED.keys())
@pytest.mark.parametrize("request_line", ["POST /sessions", "PATCH /sessions/{id}", "POST /sessions/{id}/children"])
def test_data_that_cannot_be_stored_is_400_without_showing_it(
    gateway_without_aws: Gateway, request_line: str, data: Any
) -> None:
    method, _, path = request_line.replace("{id}", "session-1").partition(" ")
    reply = gateway_without_aws.call(method, path, {"data": data})
    assert reply.status == 400
    assert reply.json["errors"][0]["field"].startswith("data")
    assert "value" not in reply.json["errors"][0]
    assert "secret-content" not in reply.text


def test_data_of_30_levels_is_stored(gateway: Gateway) -> None:
    data = json.loads('{"a":' * 30 + "1" + "}" * 30)
    assert gateway.call("POST", "/sessions", {"data": data}).json["session"]["data"] == data


def test_an_item_over_400_kb_is_413(gateway_without_aws: Gateway) -> None:
    reply = gateway_without_aws.call("POST", "/sessions", {"data": {"a": "x" * 410_000}})
    assert (reply.status, reply.json["type"]) == (413, "urn:session-store:problem:data-too-large")
    assert reply.json["errors"][0]["field"] == "data"


def test_data_that_fit_do_so_in_any_escaping(gateway: Gateway) -> None:
    text = '{"data": {"a": "' + "\\u003c" * 400_000 + '"}}'
    reply = gateway.call("POST", "/sessions", text=text)
    assert (reply.status, reply.json["session"]["data"]) == (201, {"a": "<" * 400_000})


@pytest.mark.parametrize("in_base64", [False, True])
def test_a_body_over_the_limit_is_413(gateway_without_aws: Gateway, in_base64: bool) -> None:  # noqa: FBT001
    text = '{"data": {"a": "' + "é" * (MAX_BODY_BYTES // 2) + '"}}'
    reply = gateway_without_aws.call(
        "POST", "/sessions", **({"content": text.encode()} if in_base64 else {"text": text})
    )
    assert (reply.status, reply.json["type"]) == (413, "urn:session-store:problem:body-too-large")


@pytest.mark.parametrize("content", [b"\xff\xfe", b'{"client": "\xed\xa0\x80"}', '{"client": "x"}'.encode("utf-16")])
def test_a_body_that_is_not_utf_8_is_400(gateway_without_aws: Gateway, content: bytes) -> None:
    reply = gateway_without_aws.call("POST", "/sessions", content=content)
    assert (reply.status, reply.json["errors"][0]["field"]) == (400, "body")


def test_a_body_that_is_not_the_base64_it_claims_to_be_is_400(gateway_without_aws: Gateway) -> None:
    event = {"routeKey": "POST /sessions", "headers": {"content-type": "application/json"}}
    reply = gateway_without_aws.send(Function.CREATE, event | {"body": "*", "isBase64Encoded": True})
    assert (reply.status, reply.json["errors"][0]["field"]) == (400, "body")


def test_a_body_in_base64_is_read_like_any_other(gateway: Gateway) -> None:
    reply = gateway.call("POST", "/sessions", content='{"client": "Café"}'.encode())
    assert (reply.status, reply.json["session"]["client"]) == (201, "Café")


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonx",
        "application/json; charset=utf-16",
        "",
        None,
    ],
)
def test_a_body_that_does_not_say_it_is_json_in_utf_8_is_415(
    gateway_without_aws: Gateway, content_type: str | None
) -> None:
    headers = {} if content_type is None else {"content-type": content_type}
    reply = gateway_without_aws.call("POST", "/sessions", {}, headers=headers)
    assert reply.outcome == (415, "unsupported-media-type")


@pytest.mark.parametrize("content_type", ["application/json", 'Application/JSON ; Charset="UTF-8"'])
def test_the_content_type_may_be_written_in_any_case_and_name_utf_8(gateway: Gateway, content_type: str) -> None:
    assert gateway.call("POST", "/sessions", {}, headers={"Content-Type": content_type}).status == 201


def test_no_body_counts_as_an_empty_object(gateway: Gateway) -> None:
    assert gateway.call("POST", "/sessions", headers={}).status == 201


def test_a_field_that_is_null_counts_as_absent(gateway: Gateway) -> None:
    fields = dict.fromkeys(("customer_id", "data", "client", "idle_timeout", "replaces", "carry_data"))
    session = gateway.call("POST", "/sessions", fields).json["session"]
    assert (session["customer_id"], session["data"]) == (None, {})


def test_an_unknown_field_is_400_and_the_known_ones_are_listed(gateway_without_aws: Gateway) -> None:
    reply = gateway_without_aws.call("POST", "/sessions", {"customerId": "secret-value"})
    assert reply.status == 400
    assert reply.json["errors"][0]["field"] == "customerId"
    assert "customer_id, data, client" in reply.json["detail"]
    assert "secret-value" not in reply.text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("customer_id", ""),
        ("customer_id", "a#b"),
        ("customer_id", "\ud800"),
        ("client", 7),
        ("idle_timeout", 0),
        ("idle_timeout", 1.5),
        ("idle_timeout", True),
        ("idle_timeout", "60"),
        ("idle_timeout", 10**30),
        ("absolute_timeout", 0),
        ("absolute_timeout", 400 * 24 * 3600 + 1),
        ("carry_data", "yes"),
    ],
)
def test_a_bad_field_is_400_and_named_with_its_value(gateway_without_aws: Gateway, field: str, value: Any) -> None:
    reply = gateway_without_aws.call("POST", "/sessions", {field: value})
    assert reply.status == 400
    entry = reply.json["errors"][0]
    assert (entry["field"], entry["value"]) == (
        field,
        repr(value) if len(repr(value)) <= 64 else repr(value)[:64] + "...",
    )
    assert entry["problem"] in reply.json["detail"]


def test_an_idle_timeout_longer_than_the_absolute_one_is_400(gateway_without_aws: Gateway) -> None:
    reply = gateway_without_aws.call("POST", "/sessions", {"idle_timeout": 61, "absolute_timeout": 60})
    assert (reply.status, reply.json["errors"][0]["field"]) == (400, "idle_timeout")


@pytest.mark.parametrize("body", [{}, {"token": None}, {"token": 7}, {"token": ["secret-value"]}])
def test_a_token_that_is_no_string_is_400_and_not_shown(gateway_without_aws: Gateway, body: dict[str, Any]) -> None:
    reply = gateway_without_aws.call("POST", "/sessions/introspect", body)
    assert (reply.status, reply.json["errors"][0]["field"]) == (400, "token")
    assert "value" not in reply.json["errors"][0]
    assert "secret-value" not in reply.text
