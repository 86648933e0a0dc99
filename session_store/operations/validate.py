"""Validation: admission of a token, the customer's generation, and the refresh."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from session_store.errors import InvalidTokenError, ReauthenticationRequiredError, Refusal, SessionStoreError
from session_store.incidents import Incident, IncidentName
from session_store.operations import admission, token_rules
from session_store.operations.context import seconds
from session_store.operations.end import end
from session_store.storage import conditions, items, schema
from session_store.storage.attribute_values import number
from session_store.storage.dynamodb import ConditionFailedError, Update

if TYPE_CHECKING:
    from datetime import timedelta

    from session_store.model import ChildSession, Session
    from session_store.operations.admission import Holder
    from session_store.operations.context import Context
    from session_store.operations.token_rules import Secret
    from session_store.storage.attribute_values import AttributeValue, Item
    from session_store.storage.conditions import Condition
    from session_store.storage.dynamodb import Call, IfNotExists
    from session_store.storage.items import SessionRecord


class Check(NamedTuple):
    """What a caller asks of a validation; see `SessionStore.validate`."""

    child: bool
    audience: str | None
    strict: bool
    max_auth_age: timedelta | None


def validate(context: Context, text: str, check: Check) -> Session | ChildSession:
    """The live session, or child session, that a token stands for."""
    token = admission.parse(text, child=check.child)
    call = context.table.call()
    holder = admission.load(call, token)
    secret = admission.admit(context, call, holder)
    if holder.child and holder.child.audience != check.audience:
        raise InvalidTokenError(Refusal.WRONG_AUDIENCE, session_id=holder.root.session_id)
    now = context.now()
    refresh_to = due_expiry(holder.root, now)
    if check.strict or refresh_to is not None:
        holder = _require_current_generation(context, call, holder)
    _require_recent_sign_in(holder.root, check.max_auth_age, now)
    holder = touch(context, call, holder, secret, refresh_to)
    return holder.child.to_child_session(holder.root) if holder.child else holder.root.to_session()


def due_expiry(record: SessionRecord, now: int) -> int | None:
    """The expiry that a refresh would set; None when none is due.

    Due a tenth of the idle timeout after the last one, unless it would move the expiry back; otherwise a read writes
    nothing. Near the absolute end it moves `last_seen_at` alone: the customer's generation is checked at refreshes.
    """
    expires_at = min(now + record.idle_timeout, record.absolute_expires_at)
    due = (now - record.last_seen_at) * 10 >= record.idle_timeout
    return expires_at if due and expires_at >= record.expires_at else None


def touch(context: Context, call: Call, holder: Holder, secret: Secret, refresh_to: int | None) -> Holder:
    """Write what this use leaves behind: the refresh, and the first use of a rotated secret. Often nothing.

    One attempt, because the answer should not wait for it: when it fails for another reason than the session's end,
    that is counted and the read stands.

    Raises:
        InvalidTokenError: the session ended, or its token was replaced, since it was read.
    """
    now = context.now()
    refresh = None if refresh_to is None else _refresh(context, refresh_to, now)
    confirmation = _confirmation(holder, now) if token_rules.confirms(secret, holder.record) else None
    if holder.child:
        holder = _write(context, call, holder, holder.root.key, refresh)
        return _write(context, call, holder, holder.key, confirmation)
    both = refresh.joined(confirmation) if refresh and confirmation else refresh or confirmation
    return _write(context, call, holder, holder.key, both)


class _Touch(NamedTuple):
    assignments: dict[str, AttributeValue | IfNotExists]
    condition: Condition
    otherwise: _Touch | None = None  # what is still to be written when the condition did not hold

    def joined(self, other: _Touch) -> _Touch:
        return _Touch(self.assignments | other.assignments, self.condition & other.condition, otherwise=self)


def _refresh(context: Context, expires_at: int, now: int) -> _Touch:
    assignments: dict[str, AttributeValue | IfNotExists] = {
        "last_seen_at": number(now),
        "expires_at": number(expires_at),
        schema.TTL_ATTRIBUTE: context.ttl(expires_at),
    }
    return _Touch(assignments, conditions.live(now) & conditions.not_refreshed_since(now, expires_at))


def _confirmation(holder: Holder, now: int) -> _Touch:
    state = conditions.active() if holder.child else conditions.live(now)
    condition = state & conditions.token_hash_is(holder.token.token_hash) & conditions.not_confirmed()
    return _Touch({"confirmed_at": number(now)}, condition)


def _write(context: Context, call: Call, holder: Holder, key: Item, touch: _Touch | None) -> Holder:
    if touch is None:
        return holder
    update = Update(key, touch.assignments, touch.condition.expression, touch.condition.values)
    try:
        return holder.with_row(call.try_update(update))
    except ConditionFailedError as failure:
        holder = holder.with_row(failure.item)
        admission.admit(context, call, holder)
        return _write(context, call, holder, key, touch.otherwise)
    except SessionStoreError as error:
        context.on_incident(Incident(IncidentName.REFRESH_FAILED, holder.root.session_id, type(error).__name__))
    return holder


def _require_current_generation(context: Context, call: Call, holder: Holder) -> Holder:
    """Refuse, and end, a session from before the last end-all. A fault here is an error: it decides who gets in.

    The session was read before the customer's row: an end-all that kept it may have come in between, so it is ended
    on condition that it is from before still, and judged anew when it is not.
    """
    root = holder.root
    if root.customer_id is None:
        return holder
    generation = items.read_generation(call.get(items.customer_key(root.customer_id)))
    if root.generation >= generation:
        return holder
    if not end(context, call, root.key, conditions.generation_below(generation)):
        holder = holder.with_row(call.get(root.key))
        admission.admit(context, call, holder)
        if holder.root.generation >= generation:
            return holder
    raise InvalidTokenError(Refusal.REVOKED, session_id=root.session_id)


def _require_recent_sign_in(record: SessionRecord, max_auth_age: timedelta | None, now: int) -> None:
    if max_auth_age is None:
        return
    if record.last_login_time is None or now - record.last_login_time > seconds(max_auth_age):
        raise ReauthenticationRequiredError(record.session_id)
