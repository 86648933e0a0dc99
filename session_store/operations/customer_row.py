"""The customer's row says which of their sessions are valid. The first sign-in makes it, erasing deletes it.

A session is valid only while this row is there, is the one under which the session was created, and has no higher
generation than the session. So a row that is gone refuses all sessions, and a new one those of the row before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from session_store.errors import ConflictError, StoreConfigurationError
from session_store.storage import conditions
from session_store.storage.changes import Change, ConditionFailedError
from session_store.storage.records import CustomerKey, CustomerRecord, new_write_id

if TYPE_CHECKING:
    from session_store.operations.context import Context
    from session_store.storage.changes import Value
    from session_store.storage.port import Rows
    from session_store.storage.records import SessionRecord

# No clock that is looked after is so wrong: a generation beyond it was not written by this library's rules.
MAX_AHEAD_MILLISECONDS: Final = 5 * 60 * 1000
_DAY: Final = 24 * 60 * 60  # what every TTL of this row keeps beyond the last session
_TRIES: Final = 4


def read(context: Context, rows: Rows, customer_id: str) -> CustomerRecord | None:
    """The row, None when there is none.

    Raises:
        StoreConfigurationError: see `trusted`.
    """
    return trusted(context, rows.customer(customer_id))


def for_sign_in(context: Context, rows: Rows, customer_id: str, end: int) -> CustomerRecord:
    """The row for a session that runs until `end` at most: made when there is none, and kept for as long as that.

    It comes before the session: a session without it would be refused. Two first sign-ins at once share the row of the
    one that was first.

    Raises:
        ConflictError: others kept changing it.
        StoreConfigurationError: see `trusted`.
    """
    known = read(context, rows, customer_id)
    for _ in range(_TRIES):
        if known is not None and known.ttl >= end + _DAY:
            return known
        kept = context.kept_until(end + _DAY)
        if known is None:
            wanted = CustomerRecord(customer_id, new_write_id(), now_ms(context), kept)
            values: dict[str, Value] = {"row_id": wanted.row_id, "generation": wanted.generation, "ttl": kept}
            condition = conditions.no_customer_row()
        else:
            wanted = known._replace(ttl=kept)
            values = {"ttl": kept}
            condition = conditions.customer_row_is(known.row_id) & conditions.runs_out_before(kept)
        try:
            rows.change(Change(CustomerKey(customer_id), values, condition))
        except ConditionFailedError as failure:
            known = trusted(context, cast("CustomerRecord | None", failure.records[0]))
        else:
            return wanted
    raise ConflictError("the customer's row kept being changed by others")


def trusted(context: Context, customer: CustomerRecord | None) -> CustomerRecord | None:
    """The row, if its generation can be true.

    Else it decides nothing: no session is let in, none is ended, and no new one starts under it.

    Raises:
        StoreConfigurationError: the generation is more than 5 minutes ahead of this machine's clock.
    """
    if customer is not None and customer.generation > now_ms(context) + MAX_AHEAD_MILLISECONDS:
        raise StoreConfigurationError(
            "the generation in the customer's row is more than 5 minutes ahead of the clock: put the clock right, or "
            "end all that the row speaks of by erase_customer"
        )
    return customer


def is_valid_under(customer: CustomerRecord | None, record: SessionRecord) -> bool:
    """Whether the customer's row lets a session be."""
    return is_its_row(customer, record) and record.generation >= cast("CustomerRecord", customer).generation


def is_its_row(customer: CustomerRecord | None, record: SessionRecord) -> bool:
    """Whether a session was created under this row, and not under one that was erased."""
    return customer is not None and customer.row_id == record.customer_row


def next_generation(context: Context, customer: CustomerRecord) -> int:
    """A generation above that of the row: the current moment, or one more where the row's is not below it."""
    return max(now_ms(context), customer.generation + 1)


def now_ms(context: Context) -> int:
    """The current moment in epoch milliseconds."""
    return int(context.clock.now() * 1000)
