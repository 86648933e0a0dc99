"""Access patterns and back-end routes of one session."""

from __future__ import annotations

from typing import Final

from session_store.catalog import dynamodb_operations as calls
from session_store.catalog.costs import IN_S3, NEW_TO_PROCESS, OVERTAKEN, Cost, Per, Share
from session_store.catalog.functions import Function
from session_store.catalog.pattern import AccessPattern, DataUse, Operation, When
from session_store.catalog.route import END_REASON, IDEMPOTENCY_KEY, Route

CREATE_SESSION: Final = AccessPattern(
    name="createSession",
    methods=("create_session",),
    data=DataUse.WRITES,
    operations=(
        calls.GET_CUSTOMER,
        calls.MAKE_CUSTOMER,
        Operation("dynamodb:PutItem", purpose="put the session on condition of no such key"),
    ),
    costs=(
        Cost(rru=1, wru=2, trips=2),
        Cost(rru=1, wru=4, trips=3, when="the customer's first"),
        Cost(rru=1, wru=3, trips=3, when="the customer's item would run out before the session"),
        Cost(wru=2, when="anonymous"),
        Cost(rru=1, wru=6, trips=2, when="with `idempotency_key`"),
        Cost(rru=2, wru=7, trips=4, when="again with that key"),
        Cost(rru=2, wru=2, trips=3, when=NEW_TO_PROCESS),
        Cost(rru=1, wru=2, trips=3, when=IN_S3),
        Cost(rru=2, wru=4, trips=4, when="of encrypted data, the first of the week"),
    ),
    summary="Start a session for a customer, or an anonymous one.",
)
SIGN_IN: Final = AccessPattern(
    name="signIn",
    methods=("create_session",),
    given="replaces",
    grant="sign_in",
    data=DataUse.WRITES,
    operations=(
        calls.GET_CUSTOMER,
        calls.MAKE_CUSTOMER,
        Operation("dynamodb:Query", purpose="read the session that is replaced"),
        Operation("dynamodb:PutItem", purpose="the new session, part of the transaction"),
        Operation("dynamodb:UpdateItem", purpose="end of the old session, part of the transaction"),
    ),
    costs=(
        Cost(rru=2, wru=5, trips=3),
        Cost(rru=1, wru=5, trips=2, when="from a session already read"),
        Cost(rru=2, wru=7, trips=4, when="the customer's first"),
    ),
    summary="Start a session in place of an existing one, which ends in the same transaction.",
)
LIMIT_SESSIONS: Final = AccessPattern(
    name="limitSessionsByCustomerId",
    methods=("create_session",),
    given="max_sessions_per_customer",
    grant="limit_sessions",
    operations=(
        calls.query_index("the customer's newest sessions"),
        calls.BATCH_GET,
        Operation("dynamodb:UpdateItem", purpose="end each session beyond the limit"),
    ),
    costs=(
        Cost(shares=(Share(Per.INDEX, rru=0.5),)),
        Cost(
            trips=2,
            shares=(Share(Per.INDEX, rru=0.5), Share(Per.SESSION, rru=1), Share(Per.ENDED, wru=1, trips=1)),
            when="with more sessions than the limit",
        ),
    ),
    summary="End a customer's oldest sessions beyond a limit when they sign in.",
)
GET_SESSION: Final = AccessPattern(
    name="getSessionBySessionId",
    methods=("get_session",),
    data=DataUse.READS,
    operations=calls.READ_SESSION,
    costs=(Cost(rru=1), Cost(rru=2, trips=2, when=NEW_TO_PROCESS), Cost(rru=1, trips=2, when=IN_S3)),
    summary="Read one session by its id, strongly consistent.",
)
GET_SESSION_STRICTLY: Final = AccessPattern(
    name="getSessionStrictly",
    methods=("get_session",),
    given="strict=True",
    grant="get_session_strictly",
    data=DataUse.READS,
    operations=(*calls.READ_SESSION, calls.GET_CUSTOMER),
    costs=(Cost(rru=2, trips=2),),
    summary="Read one session by its id, and check that the customer's sessions have not all been ended.",
)
VALIDATE: Final = AccessPattern(
    name="validate",
    methods=("validate", "validate_and_rotate"),
    data=DataUse.READS,
    operations=(
        calls.QUERY_BY_TOKEN,
        Operation("dynamodb:GetItem", purpose="read the customer's generation, or the child session"),
        Operation(
            "dynamodb:UpdateItem",
            purpose="extend, record the use of a new token, or end a session whose token was stolen",
        ),
    ),
    costs=(
        Cost(rru=1),
        Cost(rru=2, trips=2, when="strict"),
        Cost(rru=2, wru=1, trips=3, when="at an extension"),
        Cost(rru=2, trips=2, when='with `activity="none"` where an extension is due'),
        Cost(rru=1, wru=1, trips=2, when="first use of a new token"),
        Cost(rru=1, wru=1, trips=2, when="a new token takes over"),
        Cost(rru=2, when="child's token"),
        Cost(rru=3, wru=1, trips=3, when="child's token, at an extension"),
        Cost(rru=2, trips=2, when=NEW_TO_PROCESS),
        Cost(rru=1, trips=2, when=IN_S3),
        Cost(trips=0, cache_trips=1, when="from the cache of validations"),
        Cost(rru=2, trips=2, cache_trips=4, when="with a cache that lacks it"),
    ),
    summary="Decide whether a token is good, and extend the session when that is due.",
)
VALIDATE_WITHOUT_DATA: Final = AccessPattern(
    name="validateWithoutData",
    methods=("validate_and_rotate",),
    given="with_data=False",
    grant="validate_without_data",
    operations=VALIDATE.operations,
    costs=(
        Cost(rru=1),
        Cost(rru=2, wru=1, trips=3, when="at an extension"),
        Cost(rru=1, when=NEW_TO_PROCESS),
        Cost(rru=1, when=IN_S3),
    ),
    summary="Decide whether a token is good, for code that looks at no data.",
)
VALIDATE_READ_ONLY: Final = AccessPattern(
    name="validateReadOnly",
    methods=("validate",),
    given='activity="read_only"',
    grant="validate_read_only",
    data=DataUse.READS,
    operations=(
        calls.QUERY_BY_TOKEN,
        Operation("dynamodb:GetItem", purpose="read the customer's generation, or the child session"),
    ),
    costs=(Cost(rru=2, trips=2), Cost(rru=3, trips=2, when="child's token")),
    summary="Decide whether a token is good, and write nothing.",
)
ROTATE: Final = AccessPattern(
    name="rotate",
    methods=("rotate",),
    operations=(
        calls.QUERY_BY_TOKEN,
        Operation("dynamodb:GetItem", purpose="read the customer's generation, or the child session"),
        Operation(
            "dynamodb:UpdateItem",
            purpose="extend, record the use of a new token, or end a session whose token was stolen",
        ),
    ),
    costs=(
        Cost(rru=1),
        Cost(rru=2, wru=1, trips=3, when="at an extension"),
        Cost(rru=1, wru=1, trips=2, when="first use of a new token"),
        Cost(rru=1, wru=1, trips=2, when="with `end_children`"),
        Cost(rru=2, when="child's token"),
        Cost(rru=3, wru=1, trips=3, when="child's token, at an extension"),
    ),
    summary="Make a new token for a session.",
)
UPDATE_DATA: Final = AccessPattern(
    name="updateData",
    methods=("update_data", "save_changes", "replace_data"),
    data=DataUse.WRITES,
    operations=(*calls.READ_SESSION, calls.UPDATE_SESSION),
    costs=(
        Cost(rru=1, wru=1, trips=2),
        Cost(wru=1, when="from a session already read"),
        Cost(wru=2, trips=2, when=OVERTAKEN),
        Cost(rru=1, wru=1, trips=4, when=IN_S3),
    ),
    summary="Merge changes into a session's data, or replace it; set a session to closing.",
)
INCREMENT: Final = AccessPattern(
    name="increment",
    methods=("increment",),
    data=DataUse.WRITES,
    operations=(*calls.READ_SESSION, calls.UPDATE_SESSION),
    costs=(
        Cost(rru=1, wru=1, trips=2),
        Cost(wru=1, when="from a session already read"),
        Cost(wru=2, trips=2, when=OVERTAKEN),
    ),
    summary="Add to a number in a session's data, atomically.",
)
EXTEND_SESSION: Final = AccessPattern(
    name="extendSession",
    methods=("extend_session",),
    data=DataUse.READS,
    operations=(*calls.READ_SESSION, calls.GET_CUSTOMER, calls.UPDATE_SESSION),
    costs=(Cost(rru=2, wru=1, trips=3), Cost(rru=1, wru=1, trips=2, when="anonymous")),
    summary="Extend a session, as activity does, up to its absolute end.",
)
TAKE: Final = AccessPattern(
    name="take",
    methods=("take",),
    data=DataUse.WRITES,
    operations=(*calls.READ_SESSION, calls.UPDATE_SESSION),
    costs=(
        Cost(rru=1, wru=1, trips=2),
        Cost(wru=1, when="from a session already read"),
        Cost(wru=2, trips=2, when=OVERTAKEN),
    ),
    summary="Remove a value from a session's data, for the one caller that gets it.",
)
END_SESSION: Final = AccessPattern(
    name="expireSession",
    methods=("end_session",),
    operations=(
        Operation("dynamodb:Query", when=When.CUSTOMER_UNKNOWN, purpose="find the customer's key"),
        calls.UPDATE_SESSION,
    ),
    costs=(
        Cost(wru=1),
        Cost(rru=1, wru=1, trips=2, when="by id alone"),
        Cost(wru=1, cache_trips=1, when="with a cache of validations"),
    ),
    summary="End a session and with it all its child sessions.",
)

SESSION: Final = "/sessions/{session_id}"
NOT_FOUND: Final = "There is no such live session."
CONFLICT: Final = "Another request changed the session meanwhile. Nothing was written."

SESSION_ROUTES: Final = (
    Route(
        "POST",
        "/sessions",
        Function.CREATE,
        (CREATE_SESSION, SIGN_IN),
        "createSession",
        "Start a session, or sign in over an existing one",
        success=201,
        optional_headers=(IDEMPOTENCY_KEY,),
        body=(
            "customer_id",
            "anonymous",
            "data",
            "client",
            "idle_timeout",
            "absolute_timeout",
            "replaces",
            "carry_data",
            "ends_with_browser",
        ),
        schemas={"customer_id": "signed_in_customer"},
        body_rule="CustomerOrAnonymous",
        answer="CreatedSession",
        problems={409: CONFLICT, 422: "The idempotency key belongs to another request. Nothing was written."},
    ),
    Route(
        "POST",
        "/sessions/introspect",
        Function.INTROSPECT,
        (VALIDATE,),
        "introspectToken",
        "Validate a token",
        body=("token", "audience", "strict", "max_auth_age", "required_acr", "activity"),
        required=("token",),
        schemas={"audience": "asking_audience"},
        answer="Introspection",
    ),
    Route(
        "GET",
        SESSION,
        Function.READ,
        (GET_SESSION,),
        "getSession",
        "Read a session",
        answer="Session",
        problems={404: NOT_FOUND},
    ),
    Route(
        "PATCH",
        SESSION,
        Function.UPDATE,
        (UPDATE_DATA,),
        "updateSession",
        "Merge into a session's data, or set it to closing",
        body=("data", "session_state", "last_write_wins"),
        schemas={"data": "data_patch"},
        answer="Session",
        problems={404: NOT_FOUND, 409: CONFLICT},
    ),
    Route(
        "POST",
        f"{SESSION}/extend",
        Function.UPDATE,
        (EXTEND_SESSION,),
        "extendSession",
        "Extend a session, as activity does",
        answer="Session",
        problems={404: NOT_FOUND},
    ),
    Route(
        "DELETE",
        SESSION,
        Function.END,
        (END_SESSION,),
        "endSession",
        "End a session",
        success=204,
        query=(END_REASON,),
    ),
)
