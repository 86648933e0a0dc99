"""A deployed system: its functions called over HTTP, its table, and its roles."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

from local.deploy import deploy_app, local_url
from local.embedded_aws import EmbeddedAws
from local.paths import ROOT
from session_store.catalog.functions import Function
from session_store.settings import DEFAULT_COOKIE_NAME, TABLE_NAME
from session_store.storage.items import key_item
from session_store.storage.records import CustomerKey
from tests.least_privilege.functions import FUNCTIONS
from tests.least_privilege.lifecycle import Lifecycle
from tests.least_privilege.strict_app import STACKS
from tests.support.deployed import Deployed
from tests.support.http_client import ApiClient, whose
from tests.support.protected_api import ProtectedApi
from tests.support.provider import Browser, handler_over
from tests.support.reply import Reply
from tests.support.visitor import SAME_ORIGIN

_SUCCESSES: Final = (200, 201, 204, 303)  # the demo answers forms with a redirect
_AN_HOUR: Final = 3600
_FORM_HEADERS: Final = {"content-type": "application/x-www-form-urlencoded", **SAME_ORIGIN}
_JSON_HEADERS: Final = {"content-type": "application/json", "if-match": "2", **SAME_ORIGIN}


class FunctionFailedError(Exception):
    """A function answered with a fault of its own side, or left something undone; the message says what."""


@dataclass(frozen=True)
class System:
    """The functions that work on one table. Calls of theirs that meet a fault raise a `FunctionFailedError`."""

    protected_api: ProtectedApi

    @property
    def aws(self) -> EmbeddedAws:
        return self.protected_api.deployed.aws

    @property
    def table_name(self) -> str:
        return self.protected_api.deployed.table_name

    def roles(self) -> dict[str, str]:
        """By function, the name of its role."""
        return {name: found["Role"].rpartition("/")[2] for name, found in self._functions().items()}

    @property
    def lifecycle(self) -> Lifecycle:
        """The function of lifecycle events."""
        return Lifecycle(self.aws, self._functions()[Function.LIFECYCLE_EVENTS])

    def _functions(self) -> dict[str, dict[str, Any]]:
        client = self.aws.session().client("lambda", endpoint_url=self.aws.endpoint_url)
        return {
            name: found
            for page in client.get_paginator("list_functions").paginate()
            for found in page["Functions"]
            if found.get("Environment", {}).get("Variables", {}).get(TABLE_NAME) == self.table_name
            and (name := found["Handler"].partition(".")[0]) in FUNCTIONS
        }

    def new_processes(self, function: str) -> None:
        """Let a function forget what its processes keep: they end with a change of its settings."""
        client: Any = self.aws.session().client("lambda", endpoint_url=self.aws.endpoint_url)
        for page in client.get_paginator("list_functions").paginate():
            for found in page["Functions"]:
                if found["Handler"] == f"{function}.handler":
                    variables = found["Environment"]["Variables"] | {"CHANGED_BY_A_TEST": str(time.time())}
                    name = found["FunctionName"]
                    client.update_function_configuration(FunctionName=name, Environment={"Variables": variables})

    def call(self, method: str, url: str, body: Any = None, headers: Mapping[str, str] = {}) -> Any:
        """A back-end call that succeeds; its answer."""
        reply = self.protected_api.deployed.api.request(method, url, json_body=body, headers=headers)
        return _checked(reply, url, succeeds=True).json

    def user(self, method: str, url: str, token: str, body: Any = None, *, succeeds: bool = True) -> Any:
        """A user's call; its answer."""
        headers = {"authorization": f"Bearer {token}", **_JSON_HEADERS}
        reply = self.protected_api.send(method, url, headers, "" if body is None else json.dumps(body))
        return _checked(reply, url, succeeds=succeeds).json

    def protected(self, token: str, *, succeeds: bool) -> None:
        """A call through the authorizer."""
        reply = self.protected_api.orders(authorization=f"Bearer {token}")
        assert _checked(reply, "/orders", succeeds=succeeds).status in {200, 403}

    def browser(self) -> Browser:
        """A browser, whose user is a new one of the identity provider."""
        provider = self.protected_api.provider
        provider.claims = {"sub": new_customer()}
        return Browser(handler_over(self.protected_api.send), provider)

    def page(self, method: str, path: str, token: str | None = None, **fields: str) -> str | None:
        """A visit to a page of the demo; the token that the browser has then."""
        cookie = {}
        if token is not None:
            cookie["cookie"] = f"{DEFAULT_COOKIE_NAME}={token}"
            fields["binding"] = token.split(".")[1]
        client = ApiClient(self.protected_api.deployed.demo_url, None)
        reply = client.request(method, path, body=urlencode(fields).encode(), headers={**cookie, **_FORM_HEADERS})
        return _checked(reply, path, succeeds=True).cookie or token

    def session(self, customer_id: str | None = None, **fields: Any) -> tuple[str, str]:
        """A new session: its id and token."""
        created = self.call("POST", "/sessions", {**whose(customer_id), **fields})
        return created["session"]["session_id"], created["token"]

    def superseded_session(self) -> str:
        """The token of a session that an erasure has not reached, though the customer's row is gone."""
        customer_id = new_customer()
        _, token = self.session(customer_id)
        self.make_old(token)
        key = key_item(CustomerKey(customer_id))
        self.protected_api.deployed.table_client().delete_item(TableName=self.table_name, Key=key)
        return token

    def put_unreadable_row(self) -> str:
        """A new row of a session that no version of the code could read; its partition key."""
        row = {"PK": f"suuid#{uuid.uuid4()}", "SK": "a#0", "entity_type": "session", "session_state": "active"}
        item = {name: {"S": text} for name, text in row.items()}
        self.protected_api.deployed.table_client().put_item(TableName=self.table_name, Item=item)
        return row["PK"]

    def make_old(self, token: str) -> None:
        """Move a session's creation back by an hour, and its last use far back: an extension is due, and a rotation."""
        session = self.call("POST", "/sessions/introspect", {"token": token})["session"]
        times = {"last_seen_at": 1, "created_at": time.time() - _AN_HOUR}
        self.protected_api.deployed.set_times(session["session_id"], session["customer_id"], **times)


def _checked(reply: Reply, url: str, *, succeeds: bool) -> Reply:
    if reply.status >= 500:
        raise FunctionFailedError(f"{reply.status} to {url}")
    assert (reply.status in _SUCCESSES) is succeeds, (url, reply)
    return reply


def new_customer() -> str:
    """A customer of this call alone."""
    return f"customer-{uuid.uuid4()}"


@contextmanager
def strict_system(deployed: Deployed) -> Iterator[System]:
    """Deploy `strict_app.py` beside the system that is there, and remove it afterwards; takes about ten seconds."""
    yield _deploy_strict_system(deployed)
    stacks = deployed.aws.session().client("cloudformation", endpoint_url=deployed.aws.endpoint_url)
    for name in STACKS:
        stacks.delete_stack(StackName=name)
        stacks.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 1})


def _deploy_strict_system(deployed: Deployed) -> System:
    program = f"env PYTHONPATH={ROOT} python3 -m tests.least_privilege.strict_app"
    file = deploy_app(deployed.aws, "strict", "--app", program)
    outputs = {key: value for stack in json.loads(file.read_text()).values() for key, value in stack.items()}
    port = deployed.aws.port
    api_url, demo_url, host = (local_url(outputs[name], port) for name in ("ApiUrl", "DemoUrl", "ApplicationUrl"))
    strict = replace(deployed, url=api_url, demo_url=demo_url, table_name=outputs["TableName"])
    return System(ProtectedApi(host.removeprefix("http://"), port, strict))
