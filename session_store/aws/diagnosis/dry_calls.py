"""Calls that tell whether an action is allowed and change nothing. Each costs a request unit at most.

They name a session that does not exist. The writes have a condition that only an existing one could meet, but for the
batch, which deletes a row that is not there. Calls of other services name things that do not exist, either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from botocore.exceptions import ClientError

from session_store.aws.diagnosis.asking import FAILURES, ask
from session_store.catalog.operator_commands import EVERYTHING, FUNCTIONS, LOG_GROUPS, STAGES
from session_store.catalog.pattern import Resource
from session_store.storage import schema

if TYPE_CHECKING:
    from collections.abc import Callable

_VERDICTS: Final = {
    "AccessDenied": False,
    "AccessDeniedException": False,
    "ConditionalCheckFailedException": True,
    "TransactionCanceledException": True,
}
# Of services that look for the thing only after the permission.
_NOT_FOUND: Final = {"ResourceNotFoundException": True, "NotFoundException": True}
_ONLY_IF_THERE: Final = {
    "ConditionExpression": "attribute_exists(#pk)",
    "ExpressionAttributeNames": {"#pk": schema.PARTITION_KEY},
}
_OF_TABLE: Final = "dynamodb"
_SERVICES: Final = {"apigateway": "apigatewayv2"}
_NOTHING: Final = "session-store-none"
_ONE_COUNTED: Final = {"Select": "COUNT", "Limit": 1}


def try_call(client_of: Callable[[str], Any], table: str, action: str, resource: Resource) -> bool | None:
    """Whether an action is allowed, None when the call does not tell.

    Args:
        client_of: makes the client of a service.
        table: the table's name.
        action: as IAM names it.
        resource: what it is needed on.
    """
    method, parameters = _CALLS.get((action, resource), ("", None))
    if parameters is None:
        return None
    service = action.partition(":")[0]
    try:
        ask(client_of(_SERVICES.get(service, service)), method, **parameters(table))
    except ClientError as failure:
        verdicts = _VERDICTS if service == _OF_TABLE else _VERDICTS | _NOT_FOUND
        return verdicts.get(failure.response["Error"]["Code"])
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
    ("dynamodb:ConditionCheckItem", Resource.TABLE): (
        "transact_write_items",
        lambda table: {"TransactItems": [{"ConditionCheck": {"TableName": table, "Key": _key(), **_ONLY_IF_THERE}}]},
    ),
    ("dynamodb:BatchWriteItem", Resource.TABLE): (
        "batch_write_item",
        lambda table: {"RequestItems": {table: [{"DeleteRequest": {"Key": _key()}}]}},
    ),
    ("dynamodb:DescribeLimits", EVERYTHING): ("describe_limits", lambda _: {}),
    ("lambda:ListFunctions", EVERYTHING): ("list_functions", lambda _: {"MaxItems": 1}),
    ("lambda:GetAccountSettings", EVERYTHING): ("get_account_settings", lambda _: {}),
    ("lambda:GetFunctionConcurrency", FUNCTIONS): ("get_function_concurrency", lambda _: {"FunctionName": _NOTHING}),
    ("lambda:GetPolicy", FUNCTIONS): ("get_policy", lambda _: {"FunctionName": _NOTHING}),
    ("apigateway:GET", STAGES): ("get_stages", lambda _: {"ApiId": _NOTHING}),
    ("logs:FilterLogEvents", LOG_GROUPS): ("filter_log_events", lambda _: {"logGroupName": _NOTHING}),
}
