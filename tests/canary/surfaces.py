"""The visible surfaces of a deployed system, and its functions without their permissions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from tests.support.deployed import Deployed

_NO_ACCESS: Final = "canary-no-access"


def rows(deployed: Deployed) -> list[dict[str, Any]]:
    """The whole table, with DynamoDB's type tags."""
    pages = deployed.table_client().get_paginator("scan").paginate(TableName=deployed.table_name, ConsistentRead=True)
    return [row for page in pages for row in page["Items"]]


@contextmanager
def denied(deployed: Deployed, actions: tuple[str, ...]) -> Iterator[None]:
    """No function may do these on the table while the block runs."""
    iam = deployed.aws.session().client("iam", endpoint_url=deployed.aws.endpoint_url)
    roles = [role["RoleName"] for page in iam.get_paginator("list_roles").paginate() for role in page["Roles"]]
    statement = {"Effect": "Deny", "Action": [f"dynamodb:{action}" for action in actions], "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    for role in roles:
        iam.put_role_policy(RoleName=role, PolicyName=_NO_ACCESS, PolicyDocument=policy)
    try:
        yield
    finally:
        for role in roles:
            iam.delete_role_policy(RoleName=role, PolicyName=_NO_ACCESS)
