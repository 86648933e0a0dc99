"""A deployed system: its functions called over HTTP, its table, and its roles."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from local.deploy import deploy_app, local_url
from local.embedded_aws import EmbeddedAws
from local.paths import ROOT
from session_store.kernel.cookies import COOKIE_NAME
from session_store.settings import TABLE_NAME
from session_store.storage.attribute_values import number, string
from session_store.storage.items import key_item
from session_store.storage.records import CustomerKey
from tests.least_privilege.functions import FUNCTIONS
from tests.least_privilege.strict_app import STACKS
from tests.support.deployed import Deployed
from tests.support.http_client import ApiClient
from tests.support.protected_api import ProtectedApi
from tests.support.reply import Reply
from tests.support.visitor import SAME_ORIGIN, cookie_header

_AN_HOUR: Final = 3600
_FORM_HEADERS: Final = {"content-type": "application/x-www-form-urlencoded", **SAME_ORIGIN}
_JSON_HEADERS: Final = {"content-type": "application/json", "if-match": "2", **SAME_ORIGIN}


@dataclass(frozen=True)
class System:
    """The functions that work on one table."""

    protected_api: ProtectedApi

    @property
    def aws(self) -> EmbeddedAws:
        """Where it is deployed."""
        return self.protected_api.deployed.aws

    @property
    def table_name(self) -> str:
        """The session table's."""
        return self.protected_api.deployed.table_name

    def roles(self) -> dict[str, str]:
        """By function, the name of its role."""
        client = self.aws.session().client("lambda", endpoint_url=self.aws.endpoint_url)
        return {
            name: found["Role"].rpartition("/")[2]
            for page in client.get_paginator("list_functions").paginate()
            for found in page["Functions"]
            if found.get("Environment", {}).get("Variables", {}).get(TABLE_NAME) == self.table_name
            and (name := found["Handler"].partition(".")[0]) in FUNCTIONS
        }

    def back_end(self, method: str, url: str, body: Any) -> Reply:
        """Call a back-end route."""
        return self.protected_api.deployed.api.request(method, url, json_body=body)

    def user(self, method: str, url: str, token: str, body: Any = None, *, by_cookie: bool = False) -> Reply:
        """Call a user route with the session's token, as `Authorization: Bearer` or in the cookie."""
        credentials = {"cookie": cookie_header(token)} if by_cookie else {"authorization": f"Bearer {token}"}
        text = "" if body is None else json.dumps(body)
        return self.protected_api.send(method, url, {**credentials, **_JSON_HEADERS}, text)

    def protected(self, token: str) -> Reply:
        """Call a route behind the authorizer."""
        return self.protected_api.orders(authorization=f"Bearer {token}")

    def page(self, method: str, path: str, token: str | None, fields: Mapping[str, str]) -> Reply:
        """Open a page of the demo, or post a form."""
        cookie = {} if token is None else {"cookie": f"{COOKIE_NAME}={token}"}
        client = ApiClient(self.protected_api.deployed.demo_url, None)
        return client.request(method, path, body=urlencode(fields).encode(), headers={**cookie, **_FORM_HEADERS})

    def put_generation(self, customer_id: str) -> None:
        """Raise a customer's generation, as an end-all does before it ends the sessions."""
        item = key_item(CustomerKey(customer_id)) | {
            "entity_type": string("customer"),
            "customer_id": string(customer_id),
            "generation": number(int((time.time() + _AN_HOUR) * 1000)),
        }
        self.protected_api.deployed.table_client().put_item(TableName=self.table_name, Item=item)

    def make_old(self, session_id: str, customer_id: str) -> None:
        """Move a session's creation back by an hour, and its last use far back: a refresh is due, and a rotation."""
        earlier = time.time() - _AN_HOUR
        self.protected_api.deployed.set_times(session_id, customer_id, last_seen_at=1, created_at=earlier)


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
    api_url, demo_url, application_url = (
        local_url(outputs[name], port) for name in ("ApiUrl", "DemoUrl", "ApplicationUrl")
    )
    strict = Deployed(deployed.aws, api_url, demo_url, outputs["TableName"], deployed.credentials)
    return System(ProtectedApi(application_url.removeprefix("http://"), port, strict))
