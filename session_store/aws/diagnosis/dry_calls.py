"""Calls that tell whether an action is allowed and change nothing. Each costs a request unit at most.

They name a session that does not exist. The writes have a condition that only an existing one could meet, but for the
batch, which deletes a row that is not there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from botocore.exceptions import ClientError

from session_store.aws.diagnosis.asking import FAILURES, ask
from session_store.catalog.pattern import Resource
from session_store.storage import schema

if TYPE_CHECKING:
    from collections.abc import Callable

_VERDICTS: Final = {"AccessDenied": False, "AccessDeniedException": False, "ConditionalCheckFailedException": True}
_ONLY_IF_THERE: Final = {
    "ConditionExpression": "attribute_exists(#pk)",
    "ExpressionAttributeNames": {"#pk": schema.PARTITION_KEY},
}
_ONE_COUNTED: Final = {"Select": "COUNT", "Limit": 1}


def try_call(client: Any, table: str, action: str, resource: Resource) -> bool | None:  # noqa: ANN401 - made at run time
    """Whether an action is allowed, None when the call does not tell."""
    method, parameters = _CALLS.get((action, resource), ("", None))
    if parameters is None:
        return None
    try:
        ask(client, method, **parameters(table))
    except ClientError as failure:
        return _VERDICTS.get(failure.response["Error"]["Code"])
    except FAILURES:
        return None
    return True


def _key() -> dict[str, Any]:
    nothing = str(uuid4())
    return {
        schema.PARTITION_KEY: {"S": schema.session_partition_key(nothing)},
        schema.SORT_KEY: {"S": schema.anonymous_sort_key(nothing)},
    }


def _query(attribute: str) -> dict[str, Any]:
    return {
        "KeyConditionExpression": "#key = :key",
        "ExpressionAttributeNames": {"#key": attribute},
        "ExpressionAttributeValues": {":key": _key()[attribute]},
        "Limit": 1,
    }


_CALLS: Final[dict[tuple[str, Resource], tuple[str, Callable[[str], dict[str, Any]]]]] = {
    ("dynamodb:GetItem", Resource.TABLE): ("get_item", lambda table: {"TableName": table, "Key": _key()}),
    ("dynamodb:BatchGetItem", Resource.TABLE): (
        "batch_get_item",
        lambda table: {"RequestItems": {table: {"Keys": [_key()]}}},
    ),
    ("dynamodb:Query", Resource.TABLE): ("query", lambda table: {"TableName": table, **_query(schema.PARTITION_KEY)}),
    ("dynamodb:Query", Resource.INDEX): (
        "query",
        lambda table: {
            "TableName": table,
            "IndexName": schema.INDEX_NAME,
            **_query(schema.INDEX_PARTITION_KEY),
        },
    ),
    ("dynamodb:Scan", Resource.TABLE): ("scan", lambda table: {"TableName": table, **_ONE_COUNTED}),
    ("dynamodb:Scan", Resource.INDEX): (
        "scan",
        lambda table: {"TableName": table, "IndexName": schema.INDEX_NAME, **_ONE_COUNTED},
    ),
    ("dynamodb:DescribeTable", Resource.TABLE): ("describe_table", lambda table: {"TableName": table}),
    ("dynamodb:DescribeTimeToLive", Resource.TABLE): ("describe_time_to_live", lambda table: {"TableName": table}),
    ("dynamodb:DeleteItem", Resource.TABLE): (
        "delete_item",
        lambda table: {"TableName": table, "Key": _key(), **_ONLY_IF_THERE},
    ),
    ("dynamodb:PutItem", Resource.TABLE): (
        "put_item",
        lambda table: {"TableName": table, "Item": _key(), **_ONLY_IF_THERE},
    ),
    ("dynamodb:UpdateItem", Resource.TABLE): (
        "update_item",
        lambda table: {"TableName": table, "Key": _key(), **_ONLY_IF_THERE},
    ),
    ("dynamodb:BatchWriteItem", Resource.TABLE): (
        "batch_write_item",
        lambda table: {"RequestItems": {table: [{"DeleteRequest": {"Key": _key()}}]}},
    ),
}
