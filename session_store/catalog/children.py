"""Access patterns and back-end routes of child sessions."""

from __future__ import annotations

from typing import Final

from session_store.catalog import dynamodb_operations as calls
from session_store.catalog.costs import Cost, Per, Share
from session_store.catalog.functions import Function
from session_store.catalog.pattern import AccessPattern, DataUse, Operation
from session_store.catalog.route import END_REASON, PAGE, Route
from session_store.catalog.sessions import CONFLICT, NOT_FOUND, SESSION

CREATE_CHILD_SESSION: Final = AccessPattern(
    name="createChildSession",
    methods=("create_child_session",),
    data=DataUse.WRITES,
    operations=(
        *calls.READ_SESSION,
        Operation(
            "dynamodb:UpdateItem", purpose="the root is live, and stays as long as the child; part of the transaction"
        ),
        Operation("dynamodb:PutItem", purpose="the child session, part of the transaction"),
    ),
    costs=(Cost(rru=1, wru=5, trips=2), Cost(wru=5, when="from a session already read")),
    summary="Start a child session under a live session.",
)
END_CHILD_SESSION: Final = AccessPattern(
    name="endChildSession",
    methods=("end_child_session",),
    operations=(calls.UPDATE_SESSION,),
    costs=(Cost(wru=1),),
    summary="End one child session.",
)
GET_CHILD_SESSIONS: Final = AccessPattern(
    name="getChildSessionsBySessionId",
    methods=("get_child_sessions",),
    data=DataUse.READS,
    operations=(Operation("dynamodb:Query", purpose="the session and its children in one collection"),),
    costs=(
        Cost(shares=(Share(Per.COLLECTION, rru=1),)),
        Cost(rru=1, trips=2, shares=(Share(Per.COLLECTION, rru=1),), when="going on with a cursor"),
    ),
    summary="List the child sessions of a live session, oldest first, a page at a time.",
)
GET_SESSION_BY_CHILD: Final = AccessPattern(
    name="getSessionByChildSessionId",
    methods=("get_session_by_child",),
    data=DataUse.READS,
    operations=(calls.query_index("which session owns the child"), calls.BATCH_GET),
    costs=(Cost(rru=2.5, trips=2),),
    summary="Find the session that owns a child session.",
)

_CHILDREN: Final = f"{SESSION}/children"

CHILD_ROUTES: Final = (
    Route(
        "POST",
        _CHILDREN,
        Function.CREATE_CHILD,
        (CREATE_CHILD_SESSION,),
        "createChildSession",
        "Start a child session",
        success=201,
        body=("customer_id", "audience", "data"),
        schemas={"customer_id": "known_customer"},
        answer="CreatedChildSession",
        problems={404: NOT_FOUND, 409: CONFLICT},
    ),
    Route(
        "GET",
        _CHILDREN,
        Function.READ,
        (GET_CHILD_SESSIONS,),
        "getChildSessions",
        "List a session's child sessions",
        query=PAGE,
        schemas={"limit": "children_limit"},
        answer="ChildSessions",
        problems={404: NOT_FOUND},
    ),
    Route(
        "DELETE",
        f"{_CHILDREN}/{{child_session_id}}",
        Function.END,
        (END_CHILD_SESSION,),
        "endChildSession",
        "End one child session",
        success=204,
        query=(END_REASON,),
    ),
    Route(
        "GET",
        "/children/{child_session_id}/session",
        Function.READ,
        (GET_SESSION_BY_CHILD,),
        "getSessionByChild",
        "Find the session that owns a child session",
        answer="Session",
        problems={404: NOT_FOUND},
    ),
)
