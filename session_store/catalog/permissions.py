"""The permissions of each function and of the table's key. Only deployments and tests need them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from session_store.catalog import access_patterns as patterns
from session_store.catalog.access_tokens import ISSUER_ROUTES
from session_store.catalog.functions import Function
from session_store.catalog.lifecycle import BY_ITS_CODE, BY_LAMBDA
from session_store.catalog.object_deletion import BY_DELETER, BY_LAMBDA_FOR_DELETER
from session_store.catalog.pattern import ANY_SESSION_ID, DataUse
from session_store.catalog.routes import ROUTES, routes_of
from session_store.catalog.sign_in import SIGN_IN_ROUTES
from session_store.storage.schema import data_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from session_store.catalog.pattern import AccessPattern, Resource
    from session_store.catalog.route import Route

EVERY_ROUTE: Final = (*ROUTES, *ISSUER_ROUTES, *SIGN_IN_ROUTES)
"""Those as well that only an issuer or a sign-in has."""
# Of functions that serve no route.
_PATTERNS_WITHOUT_A_ROUTE: Final = {Function.AUTHORIZER: (patterns.VALIDATE,)}
SIGNS_IN: Final = (Function.CREATE, Function.SIGN_IN)
"""The functions that hold customers to a limit of sessions."""
OF_STREAMS: Final = {
    Function.LIFECYCLE_EVENTS: BY_ITS_CODE | BY_LAMBDA,
    Function.DELETE_OBJECTS: BY_DELETER | BY_LAMBDA_FOR_DELETER,
}
"""Those that Lambda calls with changes of the table, with what they may do."""
_SESSION_ID: Final = re.compile(r"{\w*session_id}")
_PARAMETER: Final = re.compile(r"{[^}]*}")
_DYNAMODB: Final = "dynamodb:"
_WRITING_ACTIONS: Final = frozenset(
    f"{_DYNAMODB}{action}" for action in ("BatchWriteItem", "DeleteItem", "PutItem", "UpdateItem")
)
_KEY_ACTIONS_TO_READ: Final = ("kms:Decrypt", "kms:DescribeKey")
# The actions on a key that AWS's services need to encrypt, in full where their documentation writes `*`.
KEY_ACTIONS_TO_WRITE: Final = (
    *_KEY_ACTIONS_TO_READ,
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)
NETWORK_CREATES: Final = ("ec2:CreateNetworkInterface",)
NETWORK_CHANGES: Final = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:DeleteNetworkInterface",
    "ec2:UnassignPrivateIpAddresses",
)
NETWORK_DESCRIBES: Final = ("ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets")
VARIABLES_KEY_ACTIONS: Final = ("kms:Decrypt",)
QUEUE_KEY_ACTIONS: Final = ("kms:Decrypt", "kms:GenerateDataKey")


ROWS_OF_DATA_KEYS: Final = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [f"{data_key('')}*"]}}
"""The condition on the rows of the table that hold data keys."""


class OfEncryption(NamedTuple):
    """The actions that encrypted data takes besides.

    Attributes:
        keys: on each key in KMS, for the store's id alone.
        first_key: on the one that wraps new data keys, likewise.
        rows: on the rows of the table that hold data keys.
    """

    keys: tuple[str, ...]
    first_key: tuple[str, ...]
    rows: tuple[str, ...]


OF_ENCRYPTION: Final = {
    DataUse.READS: OfEncryption(("kms:Decrypt",), (), ("dynamodb:GetItem",)),
    DataUse.WRITES: OfEncryption(("kms:Decrypt",), ("kms:GenerateDataKey",), ("dynamodb:GetItem", "dynamodb:PutItem")),
}
"""By what is done with the data. The first writer of a week makes its data key."""


def for_store(store_id: str) -> dict[str, Any]:
    """The condition under which keys may be used: for the data of one store."""
    return {"StringEquals": {"kms:EncryptionContext:session-store": store_id}}


class ByProp(NamedTuple):
    """The permissions that Lambda needs in each function's role because of a prop."""

    prop: str
    actions: tuple[str, ...]
    resource: str  # in words


BY_PROP: Final = (
    ByProp("vpc", NETWORK_CREATES, "interfaces in the function's subnets, with its security groups"),
    ByProp("vpc", NETWORK_CHANGES, "the account's interfaces in the region"),
    ByProp("vpc", NETWORK_DESCRIBES, "`*`, since AWS has nothing narrower"),
    ByProp("environment_encryption_key", VARIABLES_KEY_ACTIONS, "the key, called by Lambda"),
    ByProp("dead_letter_queue", ("sqs:SendMessage",), "the queue"),
    ByProp("dead_letter_queue", QUEUE_KEY_ACTIONS, "the queue's customer-managed key where it has one, called by SQS"),
    ByProp("tracing", ("xray:PutTelemetryRecords", "xray:PutTraceSegments"), "`*`, since AWS has nothing narrower"),
)


def permissions_of(function: Function, *, session_limit: bool = False) -> frozenset[tuple[str, Resource]]:
    """IAM actions with their resources: exactly what one function does to the table, or with its stream.

    Args:
        function: which one.
        session_limit: whether there is a limit on a customer's sessions, which the functions that create one hold
            them to.
    """
    if function in OF_STREAMS:
        return OF_STREAMS[function]
    of_routes = {
        permission
        for route in routes_of(function, EVERY_ROUTE)
        for pattern in route.patterns
        for permission in pattern.permissions(customer_known=route.customer_known)
    }
    further = _further(function, session_limit=session_limit)
    return frozenset(of_routes).union(*(pattern.permissions() for pattern in further))


def patterns_of(function: Function, *, session_limit: bool = False) -> frozenset[AccessPattern]:
    """The access patterns of one function. Arguments as above."""
    of_routes = (pattern for route in routes_of(function, EVERY_ROUTE) for pattern in route.patterns)
    return frozenset((*of_routes, *_further(function, session_limit=session_limit)))


def _further(function: Function, *, session_limit: bool) -> tuple[AccessPattern, ...]:
    """The patterns that no route of the function has."""
    limits = (patterns.LIMIT_SESSIONS,) if session_limit and function in SIGNS_IN else ()
    return (*_PATTERNS_WITHOUT_A_ROUTE.get(function, ()), *limits)


def invoke_path(route: Route) -> str:
    """A route's path with wildcards for its parameters, for the resource of a policy that allows to call it.

    A `*` goes on beyond a `/`, into the routes below. A `?` is one character, and ids have a fixed length.
    """
    return _PARAMETER.sub("*", _SESSION_ID.sub(ANY_SESSION_ID, route.path))


def writes(permissions: Iterable[tuple[str, Resource]]) -> bool:
    """Whether a principal with these permissions can change the table."""
    return not _WRITING_ACTIONS.isdisjoint(action for action, _ in permissions)


def key_actions(permissions: Iterable[tuple[str, Resource]]) -> tuple[str, ...]:
    """The actions on the table's customer-managed key, if it has one, that a principal with these permissions needs.

    DynamoDB asks its callers for them. Principals that do not call DynamoDB need none. kms:CreateGrant is not among
    them, because only the principal that creates the table needs it.
    """
    actions = {action for action, _ in permissions if action.startswith(_DYNAMODB)}
    if not actions:
        return ()
    return _KEY_ACTIONS_TO_READ if actions.isdisjoint(_WRITING_ACTIONS) else KEY_ACTIONS_TO_WRITE


def object_key_actions(permissions: Iterable[tuple[str, Resource]]) -> tuple[str, ...]:
    """The same for the objects of large data, which are under the table's key. S3 asks its callers for them."""
    actions = {action for action, _ in permissions}
    if "s3:PutObject" in actions:
        return ("kms:Decrypt", "kms:GenerateDataKey")
    return ("kms:Decrypt",) if "s3:GetObject" in actions else ()
