"""The use of a session: what it writes, once it is due, and the customer's row that has to let it be."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from session_store.catalog.metrics import Metric
from session_store.errors import InvalidTokenError, Refusal, SessionStoreError
from session_store.incidents import Incident, IncidentName
from session_store.model import EndReason
from session_store.operations import admission, customer_row
from session_store.operations.end import end
from session_store.operations.token_rules import ROTATING, Standing
from session_store.storage import conditions
from session_store.storage.changes import Change, ConditionFailedError

if TYPE_CHECKING:
    from session_store.operations.admission import Presented
    from session_store.operations.context import Context
    from session_store.storage.changes import Value
    from session_store.storage.conditions import Condition
    from session_store.storage.port import Rows
    from session_store.storage.records import ChildKey, CustomerRecord, SessionKey


def record(context: Context, rows: Rows, presented: Presented, standing: Standing, extend_to: int | None) -> Presented:
    """Write what this use leaves behind: the extension, and the use of a successor.

    One attempt, because the answer should not wait for it: when it fails for another reason than the session's end,
    that is counted and the read stands.

    Raises:
        InvalidTokenError: the session ended, or its token was replaced, since it was read.
    """
    rotates = standing in ROTATING
    now = context.now()
    extended = None if extend_to is None else extension(context, extend_to, now)
    rotation = _rotation(presented, standing, now) if rotates else None
    if presented.child:
        presented = _write(context, rows, presented, presented.root.key, extended)
        return _write(context, rows, presented, presented.key, rotation)
    both = extended.joined(rotation) if extended and rotation else extended or rotation
    return _write(context, rows, presented, presented.key, both)


class Use(NamedTuple):
    """The changes that a use of a session makes in its row."""

    values: dict[str, Value]
    condition: Condition
    counted: tuple[Metric, ...] = ()
    otherwise: Use | None = None  # still to be written when the condition did not hold

    def joined(self, other: Use) -> Use:
        """This use and another one in a single write, or this one alone if that write's condition does not hold."""
        return Use(
            self.values | other.values, self.condition & other.condition, self.counted + other.counted, otherwise=self
        )


def extension(context: Context, expires_at: int, now: int) -> Use:
    """A use that moves the idle end. It moves neither that nor the last activity back."""
    values: dict[str, Value] = {"last_seen_at": now, "expires_at": expires_at, "ttl": context.ttl(expires_at)}
    return Use(values, conditions.live(now) & conditions.not_extended_since(now, expires_at), (Metric.REFRESHED,))


def _rotation(presented: Presented, standing: Standing, now: int) -> Use:
    """The changes at the use of a successor: its first use, or the one that makes it the session's token."""
    token_hash, epoch = presented.token.token_hash, presented.record.epoch
    state = conditions.active() if presented.child else conditions.live(now)
    condition = state & conditions.epoch_is(epoch)
    if standing is Standing.FIRST:
        first_use: dict[str, Value] = {"first_used_at": now, "first_used": token_hash}
        return Use(first_use, condition & conditions.no_successor_used(), (Metric.ROTATED,))
    decision: dict[str, Value] = {"head": token_hash, "epoch": epoch + 1, "first_used_at": None, "first_used": None}
    return Use(decision, condition)


def _write(
    context: Context, rows: Rows, presented: Presented, key: SessionKey | ChildKey, use: Use | None
) -> Presented:
    if use is None:
        return presented
    try:
        presented = presented.updated(rows.change_once(Change(key, use.values, use.condition)))
    except ConditionFailedError as failure:
        presented = presented.updated(failure.records[0])
        admission.admit(context, rows, presented, context.now())
        return _write(context, rows, presented, key, use.otherwise)
    except SessionStoreError as error:
        rows.report(Incident(IncidentName.EXTENSION_FAILED, presented.root.session_id, type(error).__name__))
    else:
        rows.count(*use.counted)
    return presented


def require_current_generation(context: Context, rows: Rows, presented: Presented, *, ends: bool) -> Presented:
    """Refuse what the customer's row does not let be, and end it where that may be written.

    A fault here is an error. It decides who gets in.

    The session was read before the customer's row. An end-all that kept it may have come in between, so it is ended
    on condition that it is from before still, and judged anew when it is not. Under another row, or none, it stays
    refused: that row does not come back.
    """
    root = presented.root
    if root.customer_id is None:
        return presented
    return require_under(context, rows, presented, rows.customer(root.customer_id), ends=ends)


def require_under(
    context: Context, rows: Rows, presented: Presented, customer: CustomerRecord | None, *, ends: bool
) -> Presented:
    """The same with the customer's row that was read after the session."""
    root = presented.root
    if customer is not None and not customer_row.is_trusted(context, customer):
        raise InvalidTokenError(Refusal.REVOKED, session_id=root.session_id)
    if customer_row.is_valid_under(customer, root):
        return presented
    from_before = None
    if customer is not None and customer_row.is_its_row(customer, root):
        from_before = conditions.generation_below(customer.generation)
    if not (ends and end(context, rows, root.key, EndReason.ALL_ENDED, from_before)):
        presented = presented.updated(rows.session(root.key))
        admission.admit(context, rows, presented, context.now())
        if customer_row.is_valid_under(customer, presented.root):
            return presented
    raise InvalidTokenError(Refusal.REVOKED, session_id=root.session_id)
