"""Bad input on the deployed system: a problem that names the field, nothing written, no stack trace.

One of each kind, and what the gateway might change on the way; every field by itself is in `tests/unit/http`.
"""

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
    "unknown field": ({"user_id": "ABC"}, "user_id"),
}


@pytest.fixture
def api(deployed: Deployed) -> CheckedApi:
    return CheckedApi(deployed.api)


@pytest.mark.parametrize("name", CREATIONS)
def test_a_session_with_a_bad_field_is_refused_and_not_written(deployed: Deployed, api: CheckedApi, name: str) -> None:
    fields, field = CREATIONS[name]
    mark = f"mark-{uuid.uuid4()}"
    answer = api.call("POST", "/sessions", {"client": mark} | fields)
    assert (answer.status, answer.json["errors"][0]["field"].partition(".")[0]) == (400, field)
    assert "Traceback" not in answer.text
    assert mark not in str(deployed.table_client().scan(TableName=deployed.table_name)["Items"])


def test_data_with_nan_is_refused(api: CheckedApi) -> None:
    answer = api.call("POST", "/sessions", body=b'{"data": {"a": NaN}}', headers={"content-type": "application/json"})
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, "body")


def test_an_item_over_400_kb_is_refused(api: CheckedApi) -> None:
    answer = api.call("POST", "/sessions", {"data": {"a": "x" * 410_000}})
    assert (answer.status, answer.json["errors"][0]["field"]) == (413, "data")


def test_a_body_of_another_content_type_is_refused(api: CheckedApi) -> None:
    assert api.call("POST", "/sessions", body=b"a=1").status == 415


@pytest.mark.parametrize("path", ["/sessions/a%23b", f"/sessions/{'x' * 129}", "/sessions/a%0Ab", "/sessions/a%C2%85"])
def test_an_id_that_cannot_be_one_is_refused(api: CheckedApi, path: str) -> None:
    answer = api.call("GET", path)
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, "session_id")


@pytest.mark.parametrize(
    ("query", "field"),
    [("limit=101", "limit"), ("limit=1&limit=2", "limit"), ("cursor=garbage", "cursor"), ("page=2", "page")],
)
def test_a_bad_query_parameter_is_refused(api: CheckedApi, query: str, field: str) -> None:
    answer = api.call("GET", f"/customers/ABC/sessions?{query}")
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, field)


@pytest.mark.parametrize("token", ["", "v1.a.b.c", "é" * 100])
def test_a_token_that_is_none_is_inactive(api: CheckedApi, token: str) -> None:
    assert api.introspect(token) == {"active": False}
