"""The policies of the deployed functions' roles, from which an action can be taken away for a while."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from session_store.catalog.pattern import Resource
from tests.least_privilege.system import System


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


def deployed_policies(system: System) -> dict[str, DeployedPolicy]:
    """The policy of every function's role."""
    iam = system.aws.session().client("iam", endpoint_url=system.aws.endpoint_url)
    return {function: _policy_of(iam, role) for function, role in system.roles().items()}


def _policy_of(iam: Any, role: str) -> DeployedPolicy:
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    return DeployedPolicy(iam, role, name, iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"])


def _without(statement: Mapping[str, Any], action: str, resource: Resource) -> dict[str, Any]:
    is_meant = ("/index/" in json.dumps(statement["Resource"])) is (resource is Resource.INDEX)
    actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
    return {**statement, "Action": [each for each in actions if not (is_meant and each == action)]}
