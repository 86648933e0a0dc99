"""The functions as they are deployed, and their roles' policies, which can be replaced for a while."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from session_store.access_patterns import Resource
from session_store.web.cookies import COOKIE_NAME
from tests.least_privilege import table_access
from tests.least_privilege.functions import FUNCTIONS
from tests.least_privilege.in_process import FORM_HEADERS, JSON_HEADERS, token_in
from tests.least_privilege.tour import Reply
from tests.support.http_client import ApiClient

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.support.protected_api import ProtectedApi


@dataclass(frozen=True)
class EmbeddedSystem:
    """The deployed functions, called over HTTP."""

    protected_api: ProtectedApi

    def back_end(self, method: str, url: str, body: Any) -> Reply:
        """Call a back-end route."""
        answer = self.protected_api.deployed.api.request(method, url, json_body=body)
        return Reply(answer.status, answer.json() if answer.body else None)

    def user(self, method: str, url: str, token: str, body: Any) -> Reply:
        """Call a user route with the session's token."""
        headers = {"authorization": f"Bearer {token}", **JSON_HEADERS}
        reply = self.protected_api.send(method, url, headers, "" if body is None else json.dumps(body))
        return Reply(reply.status, reply.json)

    def protected(self, token: str) -> int:
        """Call a route behind the authorizer; the status."""
        return self.protected_api.orders(authorization=f"Bearer {token}").status

    def page(self, method: str, path: str, token: str | None, fields: Mapping[str, str]) -> tuple[int, str | None]:
        """Open a page of the demo, or post a form; the status, and the token in the cookie."""
        cookie = {} if token is None else {"cookie": f"{COOKIE_NAME}={token}"}
        client = ApiClient(self.protected_api.deployed.demo_url, None)
        answer = client.request(method, path, body=urlencode(fields).encode(), headers={**cookie, **FORM_HEADERS})
        return answer.status, token_in([answer.headers["set-cookie"]] if "set-cookie" in answer.headers else [])

    def put_generation(self, customer_id: str) -> None:
        """Note an end of all the customer's sessions that reached no session yet."""
        deployed = self.protected_api.deployed
        table_access.put_generation(deployed.table_client(), deployed.table_name, customer_id)

    def make_refresh_due(self, session_id: str, customer_id: str) -> None:
        """Let some time pass for a session."""
        deployed = self.protected_api.deployed
        table_access.make_refresh_due(deployed.table_client(), deployed.table_name, session_id, customer_id)


@dataclass(frozen=True)
class DeployedPolicy:
    """The one policy of a deployed function's role."""

    iam: Any
    role: str
    name: str
    document: Mapping[str, Any]

    @contextmanager
    def without(self, action: str, resource: Resource) -> Iterator[None]:
        """Take one action on one resource away while the block runs."""
        statements = [_without(statement, action, resource) for statement in self.document["Statement"]]
        changed = {**self.document, "Statement": [statement for statement in statements if statement["Action"]]}
        assert changed != self.document
        self._put(changed)
        try:
            yield
        finally:
            self._put(self.document)

    def _put(self, document: Mapping[str, Any]) -> None:
        self.iam.put_role_policy(RoleName=self.role, PolicyName=self.name, PolicyDocument=json.dumps(document))


def deployed_policies(protected_api: ProtectedApi) -> dict[str, DeployedPolicy]:
    """The policy of every function's role."""
    aws = protected_api.deployed.aws
    client = aws.session().client("lambda", endpoint_url=aws.endpoint_url)
    iam = aws.session().client("iam", endpoint_url=aws.endpoint_url)
    roles = {
        name: found["Role"].rpartition("/")[2]
        for page in client.get_paginator("list_functions").paginate()
        for found in page["Functions"]
        if (name := found["Handler"].partition(".")[0]) in FUNCTIONS
    }
    return {function: _policy_of(iam, role) for function, role in roles.items()}


def _policy_of(iam: Any, role: str) -> DeployedPolicy:
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    return DeployedPolicy(iam, role, name, iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"])


def _without(statement: Mapping[str, Any], action: str, resource: Resource) -> dict[str, Any]:
    is_meant = ("/index/" in json.dumps(statement["Resource"])) is (resource is Resource.INDEX)
    actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
    return {**statement, "Action": [each for each in actions if not (is_meant and each == action)]}
