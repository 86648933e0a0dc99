"""The customer's row says which of their sessions are valid. The first sign-in makes it, erasing deletes it.

A session is valid only while this row is there, is the one under which the session was created, and has no higher
generation than the session. So a row that is gone refuses all sessions, and a new one those of the row before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from session_store.errors import ConflictError
from session_store.storage import conditions
from session_store.storage.changes import Change, ConditionFailedError
from session_store.storage.records import CustomerRecord, new_write_id

if TYPE_CHECKING:
    from session_store.operations.context import Context
    from session_store.storage.changes import Value
    from session_store.storage.conditions import Condition
    from session_store.storage.port import Rows
    from session_store.storage.records import SessionRecord

# AWS refuses requests that are signed by a clock so wrong: a generation beyond it was not written by this library.
_MAX_AHEAD_MILLISECONDS: Final = 5 * 60 * 1000
_DAY: Final = 24 * 60 * 60  # what every TTL of this row keeps beyond the last session
_TRIES: Final = 4


def for_sign_in(context: Context, rows: Rows, new: CustomerRecord, end: int) -> CustomerRecord:
    """The row for a session that runs until `end` at most: the new one where there is none, kept for as long as that.

    It comes before the session. A session without it would be refused. Two first sign-ins at once share the row of the
    one that was first.

    Raises:
        ConflictError: others kept changing it.
    """
    known = rows.customer(new.customer_id)
    for _ in range(_TRIES):
        if known is None or not is_trusted(context, known):
            wanted = new
            values, condition = values_of(wanted), unchanged(known)
        elif known.ttl < end + _DAY:
            wanted = known._replace(ttl=_ttl(context, end))
            values = {"ttl": wanted.ttl}
            condition = conditions.customer_row_is(known.row_id) & conditions.runs_out_before(wanted.ttl)
        else:
            return known
        try:
            rows.change(Change(new.key, values, condition))
        except ConditionFailedError as failure:
            known = cast("CustomerRecord | None", failure.records[0])
        else:
            return wanted
    raise ConflictError("the customer's row kept being changed by others")


def fresh(context: Context, customer_id: str, end: int) -> CustomerRecord:
    """A row under which no session was created, for sessions that run until `end` at most."""
    return CustomerRecord(customer_id, new_write_id(), now_ms(context), _ttl(context, end))


def values_of(customer: CustomerRecord) -> dict[str, Value]:
    """The values of a fresh row. They leave nothing of one that was there."""
    return {
        "row_id": customer.row_id,
        "generation": customer.generation,
        "ttl": customer.ttl,
        "covered": None,
        "kept": None,
        "provider_logout_at": customer.provider_logout_at or None,
    }


def unchanged(customer: CustomerRecord | None) -> Condition:
    """The row, or that there is none, is as it was read, but for its TTL and what was noted in it."""
    if customer is None:
        return conditions.no_customer_row()
    return conditions.customer_row_is(customer.row_id) & conditions.generation_is(customer.generation)


def is_trusted(context: Context, customer: CustomerRecord) -> bool:
    """Whether a row's generation can be true: not if it is more than 5 minutes ahead of the clock.

    Such a row was garbled, or forged. Its sessions are refused and not ended. A sign-in puts a fresh row in its place.
    """
    return customer.generation <= now_ms(context) + _MAX_AHEAD_MILLISECONDS


def is_valid_under(customer: CustomerRecord | None, record: SessionRecord) -> bool:
    """Whether a row that is trusted lets a session be."""
    return is_its_row(customer, record) and record.generation >= cast("CustomerRecord", customer).generation


def lets_be(customer: CustomerRecord) -> Condition:
    """The same as a condition of a write to the session."""
    return conditions.under_customer_row(customer.row_id) & conditions.generation_at_least(customer.generation)


def is_its_row(customer: CustomerRecord | None, record: SessionRecord) -> bool:
    """Whether a session was created under this row, and not under one that was erased."""
    return customer is not None and customer.row_id == record.customer_row


def _ttl(context: Context, end: int) -> int:
    return context.kept_until(end + _DAY)


def now_ms(context: Context) -> int:
    """The current moment in epoch milliseconds."""
    return int(context.clock.now() * 1000)
