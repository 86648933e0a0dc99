"""This commit, deployed over an earlier one on the embedded AWS: every session stays readable.

That commit made no row of the customer: a customer's session from then is valid until its next extension.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from local.deploy import deploy, deploy_app, local_url
from local.embedded_aws import EmbeddedAws, embedded_aws
from local.ports import free_port
from tests.support.checked_api import CheckedApi
from tests.support.embedded_aws import create_caller
from tests.support.reply import Reply
from tests.upgrades import earlier

CUSTOMER = "customer-1"
ADDED = {"ends_with_browser": False}  # to a session's answer, since then


class Left(NamedTuple):
    """The users' tokens before the upgrade, each with the session that it stood for."""

    sessions: dict[str, dict[str, Any]]  # the customer's first
    children: dict[str, dict[str, Any]]  # of the customer's session
    ended: str  # the token of a session that had ended
    to_change: tuple[dict[str, Any], str]  # another customer's session, and its token


class Upgraded(NamedTuple):
    """A system that ran the earlier commit and now runs this one, at the URL that it had."""

    api: CheckedApi
    left: Left
    table: tuple[Any, Any]  # name and moment of creation of the only one, before and after


class EarlierApi(CheckedApi):
    """The earlier commit's API, whose answers this commit's document does not describe."""

    def call(self, method: str, path: str, json_body: Any = None, **sent: Any) -> Reply:
        return self.request(method, path, json_body=json_body, **sent)


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upgraded]:
    if reason := earlier.why_unavailable():
        pytest.skip(reason)  # a shallow clone, or a history that was squashed: nothing that an installation could mend
    folder = tmp_path_factory.mktemp("upgrade")
    with embedded_aws(port=free_port(), folder=folder / "aws") as aws:
        outputs = deploy_app(aws, "earlier", "--app", str(earlier.cloud_assembly(folder)))
        api = CheckedApi(local_url(_output(outputs, "ApiUrl"), aws.port), create_caller(aws, "back-end"))
        left = _leave_sessions(EarlierApi(api.url, api.credentials))
        table = _table(aws, _output(outputs, "TableName"))
        deployment = deploy(aws)
        yield Upgraded(api, left, (table, _table(aws, deployment.table_name)))


def _leave_sessions(api: CheckedApi) -> Left:
    session, token = api.create(CUSTOMER, data={"cart": ["tea"], "visits": 3}, client="Firefox on Linux")
    short, short_token = api.create(CUSTOMER, idle_timeout=600, absolute_timeout=1200)
    anonymous, anonymous_token = api.create(data={"cart": []})
    child, child_token = api.create_child(session["session_id"], data={"app": "mail"}, customer_id=CUSTOMER)
    other, ended = api.create(CUSTOMER)
    api.call("DELETE", f"/sessions/{other['session_id']}")
    return Left(
        sessions={token: session, short_token: short, anonymous_token: anonymous},
        children={child_token: child},
        ended=ended,
        to_change=api.create("customer-2", data={"before": True}),
    )


def _output(outputs: Path, name: str) -> str:
    (value,) = (each[name] for each in json.loads(outputs.read_text()).values() if name in each)
    return str(value)


def _table(aws: EmbeddedAws, name: str) -> tuple[str, Any]:
    client = aws.session().client("dynamodb", endpoint_url=aws.endpoint_url)
    return name, client.describe_table(TableName=name)["Table"]["CreationDateTime"]


def test_the_table_is_the_same(upgraded: Upgraded) -> None:
    assert upgraded.table[0] == upgraded.table[1]


@pytest.mark.shows("T87")
def test_every_token_stands_for_the_session_that_it_stood_for(upgraded: Upgraded) -> None:
    for token, session in upgraded.left.sessions.items():
        answer = upgraded.api.introspect(token)
        assert (answer["active"], answer["session"]) == (True, session | ADDED)
    for token, child in upgraded.left.children.items():
        assert upgraded.api.introspect(token) == {"active": True, "child": child}


def test_every_session_is_read_as_it_was(upgraded: Upgraded) -> None:
    sessions = list(upgraded.left.sessions.values())
    for session in sessions:
        assert upgraded.api.call("GET", f"/sessions/{session['session_id']}").json == session | ADDED
    url = f"/sessions/{sessions[0]['session_id']}/children"
    assert upgraded.api.call("GET", url).json["children"] == list(upgraded.left.children.values())


def test_the_customers_sessions_are_listed_as_they_were(upgraded: Upgraded) -> None:
    own = [session | ADDED for session in upgraded.left.sessions.values() if session["customer_id"] == CUSTOMER]
    assert upgraded.api.call("GET", f"/customers/{CUSTOMER}/sessions").json["sessions"] == own[::-1]


def test_what_had_ended_stays_ended(upgraded: Upgraded) -> None:
    assert upgraded.api.introspect(upgraded.left.ended) == {"active": False}


def test_a_session_goes_on_to_be_changed_and_ended(upgraded: Upgraded) -> None:
    api = upgraded.api
    session, token = upgraded.left.to_change
    changed = api.call("PATCH", f"/sessions/{session['session_id']}", {"data": {"after": True}}).json
    assert changed["data"] == {"before": True, "after": True}
    assert api.introspect(token) == {"active": True, "session": changed}
    assert api.call("DELETE", f"/customers/{session['customer_id']}/sessions").json["expired"] == 1
    assert api.introspect(token) == {"active": False}
