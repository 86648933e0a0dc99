"""Bad input on the deployed system: one of each kind, and what the gateway might change on the way."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from tests.support.checked_api import CheckedApi
from tests.support.deployed import Deployed

CREATIONS: dict[str, tuple[dict[str, Any], str]] = {
    "id with a control character": ({"customer_id": "a\x00b"}, "customer_id"),
    "id with a lone surrogate": ({"customer_id": "\ud800"}, "customer_id"),
    "data nested 31 deep": ({"data": json.loads('{"a":' * 31 + "1" + "}" * 31)}, "data"),
    "idle longer than absolute": ({"idle_timeout": 61, "absolute_timeout": 60}, "idle_timeout"),
    "no customer": ({"customer_id": None}, "customer_id"),
    "a customer who is anonymous": ({"anonymous": True}, "anonymous"),
    "unknown field": ({"user_id": "ABC"}, "user_id"),
}
NAN = {"body": b'{"data": {"a": NaN}}', "headers": {"content-type": "application/json"}}
OTHERS: dict[str, tuple[str, str, dict[str, Any], tuple[int, str]]] = {
    "NaN": ("POST", "/sessions", NAN, (400, "body")),
    "an item over 400 KB": (
        "POST",
        "/sessions",
        {"json_body": {"anonymous": True, "data": {"a": "x" * 410_000}}},
        (413, "data"),
    ),
    "id with a hash": ("GET", "/sessions/a%23b", {}, (400, "session_id")),
    "id that is no UUID": ("GET", "/sessions/no-id", {}, (400, "session_id")),
    "id with a newline": ("GET", "/sessions/a%0Ab", {}, (400, "session_id")),
    "id with a C1 control": ("GET", "/sessions/a%C2%85", {}, (400, "session_id")),
    "limit too large": ("GET", "/customers/ABC/sessions?limit=101", {}, (400, "limit")),
    "limit given twice": ("GET", "/customers/ABC/sessions?limit=1&limit=2", {}, (400, "limit")),
    "no cursor": ("GET", "/customers/ABC/sessions?cursor=garbage", {}, (400, "cursor")),
    "unknown parameter": ("GET", "/customers/ABC/sessions?page=2", {}, (400, "page")),
}


@pytest.mark.parametrize("name", CREATIONS)
def test_a_session_with_a_bad_field_is_refused_and_not_written(deployed: Deployed, api: CheckedApi, name: str) -> None:
    fields, field = CREATIONS[name]
    mark = f"mark-{uuid.uuid4()}"

    answer = api.call("POST", "/sessions", {"customer_id": "ABC", "client": mark} | fields)

    assert (answer.status, answer.json["errors"][0]["field"].partition(".")[0]) == (400, field)
    assert "Traceback" not in answer.text
    assert mark not in str(deployed.table_client().scan(TableName=deployed.table_name)["Items"])


@pytest.mark.parametrize("name", OTHERS)
def test_a_bad_request_is_refused(api: CheckedApi, name: str) -> None:
    method, path, sent, expected = OTHERS[name]
    answer = api.call(method, path, **sent)
    assert (answer.status, answer.json["errors"][0]["field"]) == expected


def test_a_body_of_another_content_type_is_refused(api: CheckedApi) -> None:
    assert api.call("POST", "/sessions", body=b"a=1").status == 415


@pytest.mark.parametrize("token", ["", "v1.a.b.c", "é" * 100])
def test_a_token_that_is_none_is_inactive(api: CheckedApi, token: str) -> None:
    assert api.introspect(token) == {"active": False}
