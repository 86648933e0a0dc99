"""Extending by id: a back end says that a session is in use, where no token comes along."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from session_store.catalog.metrics import Metric
from session_store.errors import SessionNotFoundError
from session_store.operations import customer_row
from session_store.operations.context import find_session, live_with_data
from session_store.operations.uses import extension
from session_store.operations.validate import idle_end
from session_store.storage.changes import Change, ConditionFailedError

if TYPE_CHECKING:
    from session_store.checks import Reference
    from session_store.model import Session
    from session_store.operations.context import Context
    from session_store.storage.port import Rows
    from session_store.storage.records import CustomerRecord, SessionRecord


def extend_session(context: Context, reference: Reference) -> Session:
    """Move the idle end of a session that the customer's row lets be. It asks that row, as every extension does.

    Done again after a lost reply it finds the session extended, as it does where another one has extended it as far.
    """
    rows = context.storage.rows()
    record = live_with_data(context, rows, reference, find_session(rows, reference))
    customer = _customer_of(context, rows, record)
    now = context.now()
    expires_at = idle_end(record, now)
    use = extension(context, expires_at, now)
    condition = use.condition & customer_row.lets_be(customer) if customer else use.condition
    try:
        rows.change(Change(record.key, use.values, condition))
    except ConditionFailedError as failure:
        record = live_with_data(context, rows, reference, cast("SessionRecord | None", failure.records[0]))
        if customer and not customer_row.is_valid_under(customer, record):
            raise SessionNotFoundError(record.session_id) from None
        return record.to_session()
    rows.count(Metric.REFRESHED)
    return record._replace(last_seen_at=now, expires_at=expires_at).to_session()


def _customer_of(context: Context, rows: Rows, record: SessionRecord) -> CustomerRecord | None:
    """The customer's row, None for a visitor's session.

    Raises:
        SessionNotFoundError: the row lets no session be.
    """
    if record.customer_id is None:
        return None
    customer = rows.customer(record.customer_id)
    if customer is None or not customer_row.is_trusted(context, customer):
        raise SessionNotFoundError(record.session_id)
    return customer
