"""Operations on the table that several access patterns have in common."""

from __future__ import annotations

from typing import Final

from session_store.catalog.pattern import Operation, Resource, When

READ_SESSION: Final = (
    Operation("dynamodb:GetItem", when=When.CUSTOMER_KNOWN, purpose="read the session by both keys"),
    Operation("dynamodb:Query", when=When.CUSTOMER_UNKNOWN, purpose="read the session by its id alone"),
)
QUERY_BY_TOKEN: Final = Operation("dynamodb:Query", purpose="read the session by the id in the token")
GET_CUSTOMER: Final = Operation("dynamodb:GetItem", purpose="read the customer's generation")
MAKE_CUSTOMER: Final = Operation("dynamodb:UpdateItem", purpose="make the customer's item, or move its TTL")
UPDATE_SESSION: Final = Operation("dynamodb:UpdateItem", purpose="conditional write to the session")
BATCH_GET: Final = Operation("dynamodb:BatchGetItem", purpose="read the hits of the index strongly")


def query_index(purpose: str) -> Operation:
    """A Query on the index, whose permission is apart from the table's."""
    return Operation("dynamodb:Query", Resource.INDEX, purpose=purpose)
