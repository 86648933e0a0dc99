"""Access patterns and back-end routes of all that a customer has."""

from __future__ import annotations

from typing import Final

from session_store.catalog import dynamodb_operations as calls
from session_store.catalog.costs import Cost, Per, Share
from session_store.catalog.functions import Function
from session_store.catalog.pattern import AccessPattern, DataUse, Operation
from session_store.catalog.route import CUSTOMERS, END_REASON, ENDING_PAGE, PAGE, Route
from session_store.catalog.sessions import NOT_FOUND

_LOOK_AT_THE_INDEX: Final = Share(Per.INDEX, rru=0.5)
_END_EACH: Final = (_LOOK_AT_THE_INDEX, Share(Per.ENDED, wru=1))

GET_LAST_LOGIN_TIME: Final = AccessPattern(
    name="getLastLoginTimeByCustomerId",
    methods=("get_last_login_time",),
    operations=(calls.query_index("the customer's newest session"),),
    costs=(Cost(rru=0.5),),
    summary="When a customer last signed in.",
)
GET_SESSION_OF_CUSTOMER: Final = AccessPattern(
    name="getSessionIdByCustomerId",
    methods=("get_session",),
    given="customer_id",
    grant="get_customer_session",
    data=DataUse.READS,
    operations=(Operation("dynamodb:GetItem", purpose="read the session by both keys"),),
    costs=(Cost(rru=1),),
    summary="Read a session only if it belongs to the customer.",
)
GET_CUSTOMER_SESSIONS: Final = AccessPattern(
    name="getSessionsByCustomerId",
    methods=("get_customer_sessions",),
    data=DataUse.READS,
    operations=(calls.query_index("one page of the customer's sessions"), calls.BATCH_GET),
    costs=(Cost(trips=2, shares=(_LOOK_AT_THE_INDEX, Share(Per.SESSION, rru=1))),),
    summary="List a customer's live sessions, newest first, a page at a time.",
)
END_CUSTOMER_SESSIONS: Final = AccessPattern(
    name="endCustomerSessions",
    methods=("end_customer_sessions",),
    operations=(
        calls.GET_CUSTOMER,
        Operation("dynamodb:UpdateItem", purpose="raise the generation, end each session, note that all are done"),
        calls.query_index("the customer's sessions"),
        Operation("dynamodb:BatchGetItem", purpose="read those that an earlier call has most likely ended"),
    ),
    costs=(
        Cost(rru=1, wru=2, trips=5, shares=_END_EACH),
        Cost(rru=1, wru=5, trips=5, shares=_END_EACH, when="all but one"),
        Cost(
            rru=1, wru=2, trips=5, shares=(_LOOK_AT_THE_INDEX, Share(Per.SESSION, rru=1)), when="again, within an hour"
        ),
    ),
    summary="End all sessions of a customer, all but one if asked to.",
)
ERASE_CUSTOMER: Final = AccessPattern(
    name="eraseCustomer",
    methods=("erase_customer",),
    operations=(
        calls.query_index("the customer's sessions"),
        Operation("dynamodb:UpdateItem", purpose="end each session, so that it gets no more children"),
        Operation("dynamodb:Query", purpose="the child sessions of each session"),
        Operation("dynamodb:BatchWriteItem", purpose="delete the customer's item and the rows"),
        Operation("dynamodb:GetItem", purpose="look for the customer's item when going on with a cursor"),
    ),
    costs=(
        Cost(
            wru=2,
            trips=2,
            shares=(_LOOK_AT_THE_INDEX, Share(Per.SESSION, rru=1, wru=1, trips=3), Share(Per.ROW, wru=2)),
        ),
        Cost(
            wru=2,
            trips=2,
            shares=(_LOOK_AT_THE_INDEX, Share(Per.SESSION, rru=1, wru=1, trips=4), Share(Per.ROW, wru=2)),
            when="sessions with children",
        ),
        Cost(
            rru=1,
            trips=2,
            shares=(_LOOK_AT_THE_INDEX, Share(Per.SESSION, rru=1, wru=1, trips=3), Share(Per.ROW, wru=2)),
            when="going on with a cursor",
        ),
    ),
    summary="Delete every row of a customer, for erasure requests.",
)

_CUSTOMER: Final = f"{CUSTOMERS}{{customer_id}}"

CUSTOMER_ROUTES: Final = (
    Route(
        "GET",
        f"{_CUSTOMER}/sessions",
        Function.READ,
        (GET_CUSTOMER_SESSIONS,),
        "getCustomerSessions",
        "List a customer's sessions",
        query=PAGE,
        answer="SessionPage",
    ),
    Route(
        "GET",
        f"{_CUSTOMER}/sessions/{{session_id}}",
        Function.READ,
        (GET_SESSION_OF_CUSTOMER,),
        "getCustomerSession",
        "Read a session if it belongs to the customer",
        answer="Session",
        problems={404: NOT_FOUND},
    ),
    Route(
        "GET",
        f"{_CUSTOMER}/last-login",
        Function.READ,
        (GET_LAST_LOGIN_TIME,),
        "getLastLoginTime",
        "When a customer last signed in",
        answer="LastLogin",
    ),
    Route(
        "DELETE",
        f"{_CUSTOMER}/sessions",
        Function.END,
        (END_CUSTOMER_SESSIONS,),
        "endCustomerSessions",
        "End all sessions of a customer",
        query=("except", *PAGE, END_REASON),
        schemas=ENDING_PAGE,
        answer="EndedSessions",
        problems={404: "The session to keep is not a live one of this customer; nothing was ended."},
    ),
    Route(
        "DELETE",
        _CUSTOMER,
        Function.ERASE,
        (ERASE_CUSTOMER,),
        "eraseCustomer",
        "Erase a customer: delete all their rows",
        query=PAGE,
        schemas={"cursor": "ending_cursor"},
        answer="DeletedRows",
    ),
)
