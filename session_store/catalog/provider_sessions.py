"""Access patterns of sign-ins with an identity provider, and of its logouts. No route of the back ends has them."""

from __future__ import annotations

from typing import Final

from session_store.catalog import dynamodb_operations as calls
from session_store.catalog.costs import Cost, Per, Share
from session_store.catalog.pattern import AccessPattern, DataUse, Operation

PROVIDER_SIGN_IN: Final = AccessPattern(
    name="signInWithProvider",
    methods=("create_session",),
    given="provider_session",
    grant="provider_sign_in",
    data=DataUse.WRITES,
    operations=(
        calls.GET_CUSTOMER,
        calls.MAKE_CUSTOMER,
        Operation("dynamodb:Query", purpose="read the session that is replaced"),
        Operation("dynamodb:PutItem", purpose="the new session, part of the transaction"),
        Operation(
            "dynamodb:UpdateItem",
            purpose="the entry in the provider's session, and the end of the old session, parts of the transaction",
        ),
        Operation("dynamodb:ConditionCheckItem", purpose="the provider's session is not over, part of the transaction"),
    ),
    costs=(
        Cost(rru=1, wru=8, trips=2),
        Cost(rru=1, wru=7, trips=2, when="in a provider's session that is known"),
        Cost(rru=1, wru=10, trips=3, when="the customer's first"),
        Cost(rru=2, wru=10, trips=3, when="with `replaces`"),
    ),
    summary="Start a session, and note it under an identity provider's own, whose logout ends it.",
)
PROVIDER_LOGOUT: Final = AccessPattern(
    name="endByProviderLogout",
    methods=("end_by_provider_logout",),
    grant="provider_logout",
    operations=(
        Operation("dynamodb:Query", purpose="look for the token's id, and for the sessions of the provider's session"),
        calls.GET_CUSTOMER,
        Operation("dynamodb:UpdateItem", purpose="note the logout, end each session, note the token's id"),
        calls.query_index("the customer's sessions"),
        Operation("dynamodb:BatchGetItem", purpose="read those that an earlier call has most likely ended"),
    ),
    costs=(
        Cost(rru=2, wru=4, trips=5, shares=(Share(Per.ENDED, wru=1),)),
        Cost(
            rru=2,
            wru=5,
            trips=8,
            shares=(Share(Per.INDEX, rru=0.5), Share(Per.ENDED, wru=1)),
            when="with `customer_id` alone",
        ),
        Cost(
            rru=2,
            wru=5,
            trips=8,
            shares=(Share(Per.INDEX, rru=0.5), Share(Per.SESSION, rru=1)),
            when="with `customer_id` alone again, within an hour",
        ),
        Cost(rru=2, wru=4, trips=4, when="before its session"),
        Cost(rru=1, when="the same token again"),
    ),
    summary="End the sessions that an identity provider's logout is about.",
)
