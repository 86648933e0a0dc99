"""Validation: admission of a token, the customer's generation, and the extension."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from session_store import tokens
from session_store.catalog.metrics import Metric
from session_store.errors import InvalidTokenError, Refusal, SessionStoreError
from session_store.incidents import Incident, IncidentName
from session_store.model import EndReason, ValidatedSession
from session_store.operations import admission, customer_row, token_rules
from session_store.operations.context import seconds
from session_store.operations.end import end
from session_store.operations.token_rules import Standing
from session_store.storage import conditions
from session_store.storage.changes import Change, ConditionFailedError

if TYPE_CHECKING:
    from datetime import timedelta

    from session_store.model import ChildSession, Session
    from session_store.operations.admission import Presented
    from session_store.operations.context import Context
    from session_store.storage.changes import Value
    from session_store.storage.conditions import Condition
    from session_store.storage.port import Rows
    from session_store.storage.records import ChildKey, CustomerRecord, SessionKey, SessionRecord

# Under any idle timeout: a session that an end-all did not find is refused within this many seconds of use.
LONGEST_STEP: Final = 300


_RECORDED: Final = (Standing.FIRST, Standing.DECIDES)


class Requirements(NamedTuple):
    """A caller's requirements of a validation, see `SessionStore.validate`."""

    child: bool
    audience: str | None
    strict: bool = False
    max_auth_age: timedelta | None = None
    extends: bool = True
    writes: bool = True
    acrs: tuple[str, ...] = ()
    rotates: bool = False


def validate(context: Context, text: str, required: Requirements) -> Session | ChildSession:
    """The live session, or child session, that a token stands for."""
    rows = context.storage.rows()
    presented, _, _ = _perhaps_cached(context, rows, text, required)
    presented = _with_data(context, rows, presented, ends=required.writes)
    return presented.child.to_child_session(presented.root) if presented.child else presented.root.to_session()


def validate_and_rotate(context: Context, text: str, required: Requirements) -> ValidatedSession:
    """The live session that a token stands for, and a new token for it where one is due.

    Never for a visitor. The sign-in ends that session, and an answer to a request from before it would overwrite the
    sign-in's cookie.
    """
    rows = context.storage.rows()
    presented, standing, now = _perhaps_cached(context, rows, text, required._replace(rotates=True))
    presented = _with_data(context, rows, presented, ends=required.writes)
    due = rotation_is_due(context, presented, standing, now)
    return ValidatedSession(presented.root.to_session(), presented.successor(now) if due else None)


def rotation_is_due(context: Context, presented: Presented, standing: Standing, now: int) -> bool:
    """Whether the holder of a token that was judged is to get a new one."""
    root, interval = presented.root, seconds(context.settings.rotation_interval)
    if root.customer_id is None or standing is not Standing.HEAD:
        return False
    return token_rules.is_due(presented.token, root.token, root.created_at, now, interval)


def _perhaps_cached(context: Context, rows: Rows, text: str, required: Requirements) -> tuple[Presented, Standing, int]:
    found: tuple[Presented, Standing, int] = (context.cached or validated)(context, rows, text, required)
    return found


def validated(context: Context, rows: Rows, text: str, required: Requirements) -> tuple[Presented, Standing, int]:
    """A presented token with its records, once it has been judged and its use recorded, and the moment of that."""
    presented, standing, now = _admitted(context, rows, text, required)
    extend_to = due_expiry(presented.root, now)
    if required.strict or extend_to is not None:
        presented = _require_current_generation(context, rows, presented, ends=required.writes)
    if required.max_auth_age is not None or required.acrs:
        from session_store.operations import authentication  # noqa: PLC0415 - most validations do without

        presented = _with_data(context, rows, presented, ends=required.writes)
        authentication.require(presented.root, required.max_auth_age, required.acrs, now)
    if required.writes:
        presented = _record_use(context, rows, presented, standing, extend_to if required.extends else None)
    return presented, standing, now


def _admitted(context: Context, rows: Rows, text: str, required: Requirements) -> tuple[Presented, Standing, int]:
    """A presented token with its records, once it has been judged, and the moment of that.

    Raises:
        InvalidTokenError: refused.
        TokenReuseError: refused, and ended unless nothing may be written.
    """
    token = tokens.parse(text)
    if (token.child_session_id is not None) is not required.child:
        raise InvalidTokenError(Refusal.WRONG_KIND, session_id=token.session_id)
    presented = admission.load(rows, token)
    now = context.now()
    standing = admission.admit(context, rows, presented, now, ends=required.writes)
    if presented.child and presented.child.audience != required.audience:
        raise InvalidTokenError(Refusal.WRONG_AUDIENCE, session_id=presented.root.session_id)
    return presented, standing, now


def _with_data(context: Context, rows: Rows, presented: Presented, *, ends: bool) -> Presented:
    """The same with the data of its session at hand. One that was saved or ended meanwhile is judged anew."""
    record = presented.child or presented.root
    if record.data.codec is None:  # at hand in the row
        return presented
    read = rows.with_data(record)
    if read is not record:
        presented = presented.updated(read)
        admission.admit(context, rows, presented, context.now(), ends=ends)
    return presented


def due_expiry(record: SessionRecord, now: int) -> int | None:
    """The expiry that an extension would set, None when none is due.

    Due a tenth of the idle timeout after the last one, 5 minutes at most, unless it would move the expiry back.
    Otherwise a read writes nothing. Near the absolute end it moves `last_seen_at` alone. The customer's generation is
    checked at extensions.
    """
    if (now - record.last_seen_at) * 10 < min(record.idle_timeout, 10 * LONGEST_STEP):
        return None
    expires_at = idle_end(record, now)
    return expires_at if expires_at >= record.expires_at else None


def idle_end(record: SessionRecord, now: int) -> int:
    """When a session that is in use now ends without further activity."""
    return min(now + record.idle_timeout, record.absolute_expires_at)


def _record_use(
    context: Context, rows: Rows, presented: Presented, standing: Standing, extend_to: int | None
) -> Presented:
    """Write what this use leaves behind: the extension, and the use of a successor. Often nothing.

    One attempt, because the answer should not wait for it: when it fails for another reason than the session's end,
    that is counted and the read stands.

    Raises:
        InvalidTokenError: the session ended, or its token was replaced, since it was read.
    """
    rotates = standing in _RECORDED
    if extend_to is None and not rotates:
        return presented
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


def _require_current_generation(context: Context, rows: Rows, presented: Presented, *, ends: bool) -> Presented:
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
