"""Validation: what is asked of a token, and what follows from its use. Most of them read one row, and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from session_store import tokens
from session_store.errors import InvalidTokenError, Refusal
from session_store.model import ValidatedSession
from session_store.operations import admission, token_rules
from session_store.operations.context import seconds
from session_store.operations.token_rules import Standing

if TYPE_CHECKING:
    from datetime import timedelta

    from session_store.model import ChildSession, Session
    from session_store.operations.admission import Presented
    from session_store.operations.context import Context
    from session_store.storage.port import Rows
    from session_store.storage.records import SessionRecord

# Under any idle timeout: a session that an end-all did not find is refused within this many seconds of use.
LONGEST_STEP: Final = 300


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
    with_data: bool = True


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
    if required.with_data:
        presented = _with_data(context, rows, presented, ends=required.writes)
    due = rotation_is_due(context, presented, standing, now)
    session = presented.root.to_session() if required.with_data else presented.root.without_data()
    return ValidatedSession(session, presented.successor(now) if due else None)


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
        from session_store.operations import uses  # noqa: PLC0415 - most validations only read

        presented = uses.require_current_generation(context, rows, presented, ends=required.writes)
    if required.max_auth_age is not None or required.acrs:
        from session_store.operations import authentication  # noqa: PLC0415 - most validations do without

        presented = _with_data(context, rows, presented, ends=required.writes)
        authentication.require(presented.root, required.max_auth_age, required.acrs, now)
    if not required.extends:
        extend_to = None
    if required.writes and (extend_to is not None or standing in token_rules.ROTATING):
        from session_store.operations import uses  # noqa: PLC0415 - likewise

        presented = uses.record(context, rows, presented, standing, extend_to)
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
    presented = presented.updated(read)
    if read is None or read._replace(data=record.data) != record:  # a newer row; a cache's has no secrets to judge by
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
