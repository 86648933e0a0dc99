"""The policies that `grant_invoke` makes, as IAM gets them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from session_store.catalog.route import Route
from session_store.cdk import SessionService
from tests.infra.templates import logical_id, new_role, new_stack, template_of

_RESOLVED: Final = {"AWS::Partition": "aws", "AWS::Region": "us-east-1", "AWS::AccountId": "000000000000"}


def api_policies(grants: Mapping[str, Iterable[Route | str]], *, api_id: str) -> dict[str, dict[str, Any]]:
    """The policy of a back end after each of the grants, which have names of letters only, for the API with an id."""
    stack = new_stack()
    service = SessionService(stack, "Sessions")
    for name, routes in grants.items():
        service.grant_invoke(new_role(stack, f"Caller{name}"), *routes).assert_success()
    policies = template_of(stack).properties("AWS::IAM::Policy")
    # By construct id: a logical id ends with a hash.
    documents = {logical_id(policy["Roles"][0])[:-8]: policy["PolicyDocument"] for policy in policies}
    return {name: _resolved(documents[f"Caller{name}"], api_id) for name in grants}


def _resolved(document: dict[str, Any], api_id: str) -> dict[str, Any]:
    """The document with its references replaced by what they stand for; of resources there is only the API."""

    def resolve(found: dict[str, Any]) -> Any:
        match found:
            case {"Ref": str(name)}:
                return _RESOLVED.get(name, api_id)
            case {"Fn::Join": [str(separator), parts]}:
                return separator.join(parts)
        return found

    resolved: dict[str, Any] = json.loads(json.dumps(document), object_hook=resolve)
    return resolved
