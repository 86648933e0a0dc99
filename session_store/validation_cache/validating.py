"""Validation through the cache: answered from it, or by the table, whose answer it then keeps."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from session_store import tokens
from session_store.catalog.metrics import Metric
from session_store.errors import StoreConfigurationError, StoreUnavailableError
from session_store.operations import admission, customer_row, uses, validate
from session_store.operations.token_rules import Standing
from session_store.tokens import same
from session_store.validation_cache.waiting import SKEW_SECONDS

if TYPE_CHECKING:
    from session_store.operations.admission import Presented
    from session_store.operations.context import Context
    from session_store.operations.validate import Requirements
    from session_store.storage.records import CustomerRecord
    from session_store.validation_cache.rows import CachedRows


def validated(context: Context, rows: CachedRows, text: str, required: Requirements) -> tuple[Presented, Standing, int]:
    """The same as `validate.validated`, with the cache."""
    token = tokens.parse(text)
    if not _may_use(required) or token.is_child is not required.child:
        return validate.validated(context, rows, text, required)
    presented, customer, lease = rows.cached(token)
    if presented:
        standing, now = _standing(presented), context.now()
        if _lets_be(context, customer, presented) and _answers(context, presented, standing, now, required):
            rows.count(Metric.CACHE_HITS)
            return presented, standing, now
    rows.count(Metric.CACHE_MISSES)
    read_at = context.clock.now()
    presented, standing, now = validate.validated(context, rows, text, required)
    if lease is not None and not rows.wrote and _is_current(presented, standing):
        presented = _under_customer(context, rows, presented)
        rows.keep(presented, read_at, lease)
    return presented, standing, now


def _may_use(required: Requirements) -> bool:
    """Whether the caller does not ask for what the table alone says."""
    return required.writes and not required.strict and required.max_auth_age is None and not required.acrs


def _standing(presented: Presented) -> Standing:
    """As it was stored: an entry's token is the one that its session goes by."""
    return Standing.HEAD if presented.record.first_used_at is None else Standing.SUCCESSOR


def _is_current(presented: Presented, standing: Standing) -> bool:
    """Whether it is the token that its session goes by: no successor is in use, or it is the first one that was."""
    if standing is Standing.HEAD:
        return True
    return standing is Standing.SUCCESSOR and same(presented.record.first_used, presented.token.token_hash)


def _answers(context: Context, presented: Presented, standing: Standing, now: int, required: Requirements) -> bool:
    """Whether an entry answers a validation that needs neither a write nor the table's word."""
    root, child, used_at = presented.root, presented.child, presented.record.first_used_at
    return (
        admission.refusal(context, presented, standing, now) is None
        and (child is None or child.audience == required.audience)
        and validate.due_expiry(root, now) is None
        and not (required.rotates and validate.rotation_is_due(context, presented, standing, now))
        # From then on a use of it, or of another successor, is written down.
        and (used_at is None or now + SKEW_SECONDS < used_at + 2 * context.grace)
    )


def _lets_be(context: Context, customer: CustomerRecord | None, presented: Presented) -> bool:
    """Whether the customer's row is known, and lets the session be. A visitor's needs none."""
    if presented.root.customer_id is None or customer is None:
        return presented.root.customer_id is None
    return customer_row.is_trusted(context, customer) and customer_row.is_valid_under(customer, presented.root)


def _under_customer(context: Context, rows: CachedRows, presented: Presented) -> Presented:
    """The same once the customer's row lets it be, which the cache then has as well.

    Raises:
        InvalidTokenError: the row does not let it be.
    """
    if presented.root.customer_id is None:
        return presented
    customer, lease = rows.cached_customer(presented.root)
    if _lets_be(context, customer, presented):
        return presented
    read_at = context.clock.now()
    with suppress(StoreUnavailableError, StoreConfigurationError):  # the validation stands, it was not asked for that
        customer = rows.customer(presented.root.customer_id)
        presented = uses.require_under(context, rows, presented, customer, ends=True)
        if customer is not None and lease is not None:
            rows.keep_customer(customer, read_at, lease)
    return presented
