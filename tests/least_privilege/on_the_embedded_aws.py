"""The functions as they are deployed, and their roles' policies, which can be replaced for a while."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from session_store.access_patterns import Resource
from session_store.http.routes import Function
from tests.least_privilege import table_access
from tests.least_privilege.in_process import JSON_HEADERS
from tests.least_privilege.tour import Reply

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


def deployed_policies(protected_api: ProtectedApi) -> dict[Function, DeployedPolicy]:
    """The policy of every function's role."""
    aws = protected_api.deployed.aws
    client = aws.session().client("lambda", endpoint_url=aws.endpoint_url)
    iam = aws.session().client("iam", endpoint_url=aws.endpoint_url)
    names = {function.value for function in Function}
    roles = {
        Function(name): found["Role"].rpartition("/")[2]
        for page in client.get_paginator("list_functions").paginate()
        for found in page["Functions"]
        if (name := found["Handler"].partition(".")[0]) in names
    }
    return {function: _policy_of(iam, role) for function, role in roles.items()}


def _policy_of(iam: Any, role: str) -> DeployedPolicy:
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    return DeployedPolicy(iam, role, name, iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"])


def _without(statement: Mapping[str, Any], action: str, resource: Resource) -> dict[str, Any]:
    is_meant = ("/index/" in json.dumps(statement["Resource"])) is (resource is Resource.INDEX)
    actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
    return {**statement, "Action": [each for each in actions if not (is_meant and each == action)]}
