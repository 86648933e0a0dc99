"""What is to be seen of a deployed system, and its functions without their permissions."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from session_store.storage.attribute_values import number
from session_store.storage.items import key_item
from session_store.storage.records import SessionKey

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.deployed import Deployed

_NO_ACCESS: Final = "canary-no-access"
_MOST_LINES: Final = 10_000


@dataclass(frozen=True)
class LogLine:
    """One line of a log group."""

    group: str
    text: str


def log_lines(deployed: Deployed) -> list[LogLine]:
    """Every line of every log group: the functions' logs, with the metrics in them."""
    logs = deployed.aws.session().client("logs", endpoint_url=deployed.aws.endpoint_url)
    pages = logs.get_paginator("describe_log_groups").paginate()
    return [line for page in pages for group in page["logGroups"] for line in _lines_of(logs, group["logGroupName"])]


def _lines_of(logs: Any, group: str) -> Iterator[LogLine]:
    events = logs.filter_log_events(logGroupName=group)["events"]
    assert len(events) < _MOST_LINES, "the embedded AWS gives no more at once, and no further page"
    yield from (LogLine(group, event["message"]) for event in events)


def rows(deployed: Deployed) -> list[dict[str, Any]]:
    """The whole table, with DynamoDB's type tags."""
    pages = deployed.table_client().get_paginator("scan").paginate(TableName=deployed.table_name, ConsistentRead=True)
    return [row for page in pages for row in page["Items"]]


def make_refresh_due(deployed: Deployed, session_id: str, customer_id: str) -> None:
    """As if a session had not been used for long."""
    deployed.table_client().update_item(
        TableName=deployed.table_name,
        Key=key_item(SessionKey(session_id, customer_id)),
        UpdateExpression="SET last_seen_at = :long_ago",
        ExpressionAttributeValues={":long_ago": number(1)},
    )


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
