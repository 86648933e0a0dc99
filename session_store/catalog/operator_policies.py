"""The IAM policy of a command, as JSON has it: exact actions on exact ARNs."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from session_store.catalog.large_data import BUCKET, OBJECTS
from session_store.catalog.lifecycle import STREAM
from session_store.catalog.operator_commands import EVERYTHING, FUNCTIONS, LOG_GROUPS, OPERATOR_COMMANDS, STAGES
from session_store.catalog.pattern import ANY_SESSION_ID, Resource
from session_store.catalog.permissions import (
    OF_ENCRYPTION,
    QUEUE_KEY_ACTIONS,
    ROWS_OF_DATA_KEYS,
    for_store,
    key_actions,
    object_key_actions,
)
from session_store.storage.schema import INDEX_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from session_store.catalog.operator_commands import OperatorCommand
    from session_store.encryption.settings import EncryptionSettings

POLICIES: Final = {row.policy_name: row for row in OPERATOR_COMMANDS if row.permissions()}
"""The commands that need a policy, by the policy's name."""
STACK_ACTIONS: Final = ("cloudformation:DescribeStacks",)
"""With `--env`, besides: the stack is asked for its outputs."""


class Arns(NamedTuple):
    """The ARNs that a policy is about.

    Attributes:
        table: the table's.
        key: its customer-managed key's, None when it has none.
        stack: of the stack that names the table, None when it is not asked.
        others: of the queue and the bus of lifecycle events, where the command needs them, and of the bucket of large
            data and its objects, where there is one.
        queue_key: of the customer-managed key of that queue, None when it has none.
        encryption: of the data, with the ARNs of its keys, None for none.
    """

    table: str
    key: str | None = None
    stack: str | None = None
    others: Mapping[Resource, str] = MappingProxyType({})
    queue_key: str | None = None
    encryption: EncryptionSettings | None = None


def policy_document(command: OperatorCommand, arns: Arns) -> dict[str, Any]:
    """The policy of a command.

    Args:
        command: a row of the catalog.
        arns: of the table and what belongs to it.
    """
    permissions = command.permissions()
    if BUCKET in arns.others:
        permissions |= command.on_large_data()
    region = arns.table.split(":")[3]
    statements = [
        _statement(actions, arn)
        for resource, arn in (resources_of(arns.table) | dict(arns.others)).items()
        if (actions := sorted(action for action, target in permissions if target == resource))
    ]
    if arns.key is not None and (actions := list(key_actions(permissions))):
        statements.append(_statement(actions, arns.key) | _through("dynamodb", region))
    if arns.key is not None and (actions := list(object_key_actions(permissions))):
        statements.append(_statement(actions, arns.key) | _through("s3", region))
    if arns.queue_key is not None:
        statements.append(_statement(list(QUEUE_KEY_ACTIONS), arns.queue_key) | _through("sqs", region))
    if arns.encryption is not None:
        statements += _of_encryption(command, arns.table, arns.encryption)
    if arns.stack is not None:
        statements.append(_statement(list(STACK_ACTIONS), arns.stack))
    return {"Version": "2012-10-17", "Statement": statements}


def _of_encryption(command: OperatorCommand, table: str, encryption: EncryptionSettings) -> Iterator[dict[str, Any]]:
    keys, store = list(encryption.kms_keys), {"Condition": for_store(encryption.store_id or "")}
    if (may := OF_ENCRYPTION.get(command.data)) is not None:
        yield _statement(list(may.keys), keys) | store
        if may.first_key:
            yield _statement(list(may.first_key), keys[0]) | store
        yield _statement(list(may.rows), table) | {"Condition": ROWS_OF_DATA_KEYS}
    if command.on_keys:
        yield _statement([each.action for each in command.on_keys], keys)


def resources_of(table: str) -> dict[Resource, str]:
    """The ARN of each kind of resource that a command needs, by the ARN of its table."""
    _, partition, _, region, account, _ = table.split(":", 5)
    return {
        Resource.TABLE: table,
        Resource.INDEX: f"{table}/index/{INDEX_NAME}",
        STREAM: f"{table}/stream/*",
        FUNCTIONS: f"arn:{partition}:lambda:{region}:{account}:function:*",
        LOG_GROUPS: f"arn:{partition}:logs:{region}:{account}:log-group:*",
        STAGES: f"arn:{partition}:apigateway:{region}::/apis/*/stages",
        EVERYTHING: "*",
    }


def arns_of_bucket(partition: str, name: str) -> dict[Resource, str]:
    """The ARNs of a bucket of large data, and of the objects in it."""
    return {
        BUCKET: f"arn:{partition}:s3:::{name}",
        OBJECTS: f"arn:{partition}:s3:::{name}/{ANY_SESSION_ID}/*",
    }


def _through(service: str, region: str) -> dict[str, Any]:
    return {"Condition": {"StringEquals": {"kms:ViaService": f"{service}.{region}.amazonaws.com"}}}


def _statement(actions: list[str], arn: str | list[str]) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": arn}
