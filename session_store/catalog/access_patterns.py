"""The access patterns as plain data: operations, IAM actions, resources, units and round trips.

Grants, the documentation's tables, the cost tests and the benchmark are all derived from this file. Units are request
units for items of at most 1 KB, index included: RRU for reads, WRU for writes. Trips are sequential round trips.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable


class Resource(StrEnum):
    """What an operation is allowed on: the table, or its index."""

    TABLE = "table"
    INDEX = "index"


class When(StrEnum):
    """In which calls an operation happens, as far as it decides about grants."""

    ALWAYS = "always"
    CUSTOMER_KNOWN = "customer known"  # both keys are known: a GetItem does
    CUSTOMER_UNKNOWN = "customer unknown"  # only the id is known: a Query on the partition


@dataclass(frozen=True, slots=True)
class Operation:
    """One DynamoDB permission that a pattern needs; a transaction is listed as the parts it consists of."""

    action: str
    resource: Resource = Resource.TABLE
    when: When = When.ALWAYS
    purpose: str = ""

    @property
    def iam_action(self) -> str:
        """The action as IAM names it."""
        return f"dynamodb:{self.action}"


@dataclass(frozen=True, slots=True)
class AccessPattern:
    """One access pattern: what it is called, what it does to the table and what that may cost."""

    name: str
    method: str
    operations: tuple[Operation, ...]
    units: str
    trips: str
    summary: str

    def permissions(self, *, customer_known: bool | None = None) -> frozenset[tuple[str, Resource]]:
        """IAM actions with the resource each is for.

        Args:
            customer_known: whether the caller always (True) or never (False) knows the customer's id;
                None when it may do either.
        """
        unwanted = {None: None, True: When.CUSTOMER_UNKNOWN, False: When.CUSTOMER_KNOWN}[customer_known]
        return frozenset((op.iam_action, op.resource) for op in self.operations if op.when is not unwanted)


_GET_KNOWN = Operation("GetItem", when=When.CUSTOMER_KNOWN, purpose="read the session by both keys")
_QUERY_BY_ID = Operation("Query", when=When.CUSTOMER_UNKNOWN, purpose="read the session by its id alone")
_READ_SESSION = (_GET_KNOWN, _QUERY_BY_ID)
_GET_CUSTOMER = Operation("GetItem", purpose="read the customer's generation")
_UPDATE_SESSION = Operation("UpdateItem", purpose="conditional write to the session")
_BATCH_GET = Operation("BatchGetItem", purpose="read the hits of the index strongly")


def _query_index(purpose: str) -> Operation:
    return Operation("Query", Resource.INDEX, purpose=purpose)


CREATE_SESSION: Final = AccessPattern(
    name="createSession",
    method="create_session",
    operations=(_GET_CUSTOMER, Operation("PutItem", purpose="put the session on condition of no such key")),
    units="1 RRU + 2 WRU; anonymous 2 WRU",
    trips="2; anonymous 1",
    summary="Start a session for a customer, or an anonymous one.",
)
SIGN_IN: Final = AccessPattern(
    name="signIn",
    method="create_session(replaces=)",
    operations=(
        _GET_CUSTOMER,
        Operation("Query", purpose="read the session that is replaced"),
        Operation("PutItem", purpose="the new session, part of the transaction"),
        Operation("UpdateItem", purpose="end of the old session, part of the transaction"),
    ),
    units="2 RRU + 5 WRU",
    trips="3",
    summary="Start a session in place of an existing one, which ends in the same transaction.",
)
LIMIT_SESSIONS: Final = AccessPattern(
    name="limitSessionsByCustomerId",
    method="create_session, with max_sessions_per_customer",
    operations=(
        _query_index("the customer's newest sessions"),
        _BATCH_GET,
        Operation("UpdateItem", purpose="end each session beyond the limit"),
    ),
    units="0.5 RRU per 4 KB; with more sessions than the limit + 1 RRU each + 1 WRU each beyond it",
    trips="1; with more sessions than the limit 2 + 1 each beyond it",
    summary="End a customer's oldest sessions beyond a limit when they sign in.",
)
GET_SESSION: Final = AccessPattern(
    name="getSessionBySessionId",
    method="get_session",
    operations=_READ_SESSION,
    units="1 RRU",
    trips="1",
    summary="Read one session by its id, strongly consistent.",
)
VALIDATE: Final = AccessPattern(
    name="validate",
    method="validate",
    operations=(
        Operation("Query", purpose="read the session by the id in the token"),
        Operation("GetItem", purpose="read the customer's generation, or the child session"),
        Operation("UpdateItem", purpose="refresh, confirm a rotation, or end a session whose token was stolen"),
    ),
    units="1 RRU; at a refresh 2 RRU + 1 WRU; child's token 2 RRU",
    trips="1; at a refresh 3",
    summary="Decide whether a token is good, and refresh the session when that is due.",
)
END_SESSION: Final = AccessPattern(
    name="expireSession",
    method="end_session",
    operations=(
        Operation("Query", when=When.CUSTOMER_UNKNOWN, purpose="find the customer's key"),
        _UPDATE_SESSION,
    ),
    units="1 WRU; by id alone 1 RRU + 1 WRU",
    trips="1; by id alone 2",
    summary="End a session and with it all its child sessions.",
)
CREATE_CHILD_SESSION: Final = AccessPattern(
    name="createChildSession",
    method="create_child_session",
    operations=(
        *_READ_SESSION,
        Operation("UpdateItem", purpose="the root is live, and stays as long as the child; part of the transaction"),
        Operation("PutItem", purpose="the child session, part of the transaction"),
    ),
    units="1 RRU + 5 WRU",
    trips="2",
    summary="Start a child session under a live session.",
)
END_CHILD_SESSION: Final = AccessPattern(
    name="endChildSession",
    method="end_child_session",
    operations=(_UPDATE_SESSION,),
    units="1 WRU",
    trips="1",
    summary="End one child session.",
)
GET_CHILD_SESSIONS: Final = AccessPattern(
    name="getChildSessionsBySessionId",
    method="get_child_sessions",
    operations=(Operation("Query", purpose="the session and its children in one collection"),),
    units="1 RRU per 4 KB",
    trips="1",
    summary="List the child sessions of a live session.",
)
GET_SESSION_BY_CHILD: Final = AccessPattern(
    name="getSessionByChildSessionId",
    method="get_session_by_child",
    operations=(_query_index("which session owns the child"), _BATCH_GET),
    units="2.5 RRU",
    trips="2",
    summary="Find the session that owns a child session.",
)
GET_LAST_LOGIN_TIME: Final = AccessPattern(
    name="getLastLoginTimeByCustomerId",
    method="get_last_login_time",
    operations=(_query_index("the customer's newest session"),),
    units="0.5 RRU",
    trips="1",
    summary="When a customer last signed in.",
)
GET_SESSION_OF_CUSTOMER: Final = AccessPattern(
    name="getSessionIdByCustomerId",
    method="get_session(customer_id=)",
    operations=(Operation("GetItem", purpose="read the session by both keys"),),
    units="1 RRU",
    trips="1",
    summary="Read a session only if it belongs to the customer.",
)
GET_CUSTOMER_SESSIONS: Final = AccessPattern(
    name="getSessionsByCustomerId",
    method="get_customer_sessions",
    operations=(_query_index("one page of the customer's sessions"), _BATCH_GET),
    units="0.5 RRU per 4 KB + 1 RRU each",
    trips="2",
    summary="List a customer's live sessions, newest first, a page at a time.",
)
ROTATE: Final = AccessPattern(
    name="rotate",
    method="rotate",
    operations=(
        Operation("Query", purpose="read the session by the id in the token"),
        Operation("GetItem", purpose="read the child session when the token is a child's"),
        _UPDATE_SESSION,
    ),
    units="1 RRU + 1 WRU",
    trips="2",
    summary="Replace a token's secret.",
)
UPDATE_DATA: Final = AccessPattern(
    name="updateData",
    method="update_data, replace_data",
    operations=(*_READ_SESSION, _UPDATE_SESSION),
    units="1 RRU + 1 WRU; from a session already read 1 WRU",
    trips="2; from a session already read 1",
    summary="Merge changes into a session's data, or replace it; set a session to closing.",
)
INCREMENT: Final = AccessPattern(
    name="increment",
    method="increment",
    operations=(*_READ_SESSION, _UPDATE_SESSION),
    units="1 RRU + 1 WRU; from a session already read 1 WRU",
    trips="2; from a session already read 1",
    summary="Add to a number in a session's data, atomically.",
)
END_CUSTOMER_SESSIONS: Final = AccessPattern(
    name="endCustomerSessions",
    method="end_customer_sessions",
    operations=(
        _GET_CUSTOMER,
        Operation("UpdateItem", purpose="raise the generation, end each session"),
        _query_index("the customer's sessions"),
    ),
    units="1 WRU each + 0.5 RRU per 4 KB of index + customer item",
    trips="2 + 1 each",
    summary="End all sessions of a customer, all but one if asked to.",
)
ERASE_CUSTOMER: Final = AccessPattern(
    name="eraseCustomer",
    method="erase_customer",
    operations=(
        Operation("UpdateItem", purpose="raise the generation and let the customer's item run out"),
        _query_index("the customer's sessions"),
        Operation("UpdateItem", purpose="end each session, so that it gets no more children"),
        Operation("Query", purpose="the child sessions of each session"),
        Operation("BatchWriteItem", purpose="delete the rows"),
    ),
    units="2 WRU per row, 1 WRU per session + reads",
    trips="2 + 4 each",
    summary="Delete every row of a customer, for erasure requests.",
)

ACCESS_PATTERNS: Final = (
    CREATE_SESSION,
    SIGN_IN,
    LIMIT_SESSIONS,
    GET_SESSION,
    VALIDATE,
    END_SESSION,
    CREATE_CHILD_SESSION,
    END_CHILD_SESSION,
    GET_CHILD_SESSIONS,
    GET_SESSION_BY_CHILD,
    GET_LAST_LOGIN_TIME,
    GET_SESSION_OF_CUSTOMER,
    GET_CUSTOMER_SESSIONS,
    ROTATE,
    UPDATE_DATA,
    INCREMENT,
    END_CUSTOMER_SESSIONS,
    ERASE_CUSTOMER,
)

_WRITING_ACTIONS: Final = frozenset(
    f"dynamodb:{action}" for action in ("BatchWriteItem", "DeleteItem", "PutItem", "UpdateItem")
)
_KEY_ACTIONS_TO_READ: Final = ("kms:Decrypt", "kms:DescribeKey")
_KEY_ACTIONS_TO_WRITE: Final = (
    *_KEY_ACTIONS_TO_READ,
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)


def key_actions(permissions: Iterable[tuple[str, Resource]]) -> tuple[str, ...]:
    """What the table's customer-managed key, where it has one, must allow whoever has these permissions.

    It is what DynamoDB asks of its callers, spelled out where its documentation writes `*`. kms:CreateGrant is not
    among them: only whoever creates the table needs it.
    """
    writes = any(action in _WRITING_ACTIONS for action, _ in permissions)
    return _KEY_ACTIONS_TO_WRITE if writes else _KEY_ACTIONS_TO_READ
