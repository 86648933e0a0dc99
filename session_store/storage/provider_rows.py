"""Rows about identity providers' own sessions and logouts: their keys, changes and conditions.

The first kind stands in the customer's partition of the index, where an erasure finds it. The other has no customer in
it. Both have hashes in place of what the provider said.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from session_store import tokens
from session_store.storage import schema
from session_store.storage.changes import Change, Member
from session_store.storage.conditions import Test, holds
from session_store.storage.records import CustomerKey, RowKey

if TYPE_CHECKING:
    from session_store.storage.changes import Value
    from session_store.storage.records import NotedRecord

MAX_SESSION_IDS: Final = 16
"""Of one provider's session. A row with so many stands for all sessions of the customer, and keeps to 1 KB."""


def sessions_partition(issuer: str, sid: str) -> str:
    """The partition of a provider's session: a row for each customer who has signed in with it."""
    return schema.provider_session_partition_key(_hash("sid", issuer, sid))


def with_session(partition: str, customer_id: str, session_id: str, ttl: int, known: NotedRecord | None) -> Change:
    """A change that adds a session to a provider's session.

    Args:
        partition: of the provider's session.
        customer_id: whose session it is.
        session_id: the session.
        ttl: when it is of no more use.
        known: the row that has refused the change of the try before, None at the first one.
    """
    values: dict[str, Value] = {"entity_type": schema.EntityType.PROVIDER_SESSION, "ttl": ttl}
    condition = holds("ttl", Test.ABSENT_OR_LESS, ttl + 1)  # the row outlasts each of its sessions
    if known is not None:
        values["ttl"] = max(ttl, known.ttl)
        condition = holds("ttl", Test.EQUAL, known.ttl)
    if known is None or len(known.session_ids) < MAX_SESSION_IDS:
        values["session_ids"] = Member(session_id)
        condition &= holds("session_ids", Test.ABSENT_OR_FEWER, MAX_SESSION_IDS)
    return Change(RowKey(partition, schema.customer_sort_key(customer_id)), values, condition)


def logout_of_session(issuer: str, sid: str) -> RowKey:
    """The row that says that a provider's session is over."""
    return _logout("sid", issuer, sid)


def logout_token(issuer: str, jti: str) -> RowKey:
    """The row of a logout token that has been served."""
    return _logout("jti", issuer, jti)


def noted_until(key: RowKey, ttl: int) -> Change:
    """A change that makes the row of a logout, unless there is one that lasts as long."""
    values: dict[str, Value] = {"entity_type": schema.EntityType.PROVIDER_LOGOUT, "ttl": ttl}
    return Change(key, values, holds("ttl", Test.ABSENT_OR_LESS, ttl))


def is_not_noted(key: RowKey, now: int) -> Change:
    """The part of a transaction that lets it fail where there is the row of a logout."""
    return Change(key, {}, holds("ttl", Test.ABSENT_OR_LESS, now))


def logged_out(customer_id: str, moment: int) -> Change:
    """A change that notes in the customer's row when the provider has logged them out of all sessions."""
    condition = holds("row_id", Test.EXISTS) & holds("provider_logout_at", Test.ABSENT_OR_LESS, moment)
    return Change(CustomerKey(customer_id), {"provider_logout_at": moment}, condition)


def _logout(kind: str, issuer: str, name: str) -> RowKey:
    key = schema.provider_logout_key(_hash(kind, issuer, name))
    return RowKey(key, key)


def _hash(*texts: str) -> str:
    return tokens.digest(json.dumps(texts)).hex()
