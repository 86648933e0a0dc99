"""Logouts that an identity provider sends: by its own session, or of a customer from everywhere.

The mark comes first and refuses the sign-ins that are under way. Then the sessions end that were made before. The
token's id is noted last, so that a logout of which a part failed can be sent again.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, cast

from session_store import checks
from session_store.errors import ConflictError, InvalidInputError
from session_store.model import EndReason
from session_store.operations import customer_row, end_all
from session_store.operations.end import end
from session_store.operations.provider_sessions import check_moment, check_text
from session_store.operations.side_by_side import side_by_side
from session_store.storage import provider_rows
from session_store.storage.changes import Change, ConditionFailedError
from session_store.storage.records import SessionKey

if TYPE_CHECKING:
    from datetime import datetime

    from session_store.model import Progress
    from session_store.operations.context import Context
    from session_store.storage.port import Rows
    from session_store.storage.records import NotedRecord

# Longer than any sign-in is under way, and than clocks may differ.
_DAY: Final = 24 * 60 * 60
_TRIES: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Logout:
    """A logout, see `SessionStore.end_by_provider_logout`."""

    issuer: str
    jti: str
    issued_at: datetime
    expires_at: datetime
    sid: str | None
    customer_id: str | None

    def __post_init__(self) -> None:
        check_text("issuer", self.issuer)
        check_text("jti", self.jti)
        check_moment("issued_at", self.issued_at)
        check_moment("expires_at", self.expires_at)
        checks.check_optional_customer_id(self.customer_id)
        if self.sid is not None:
            check_text("sid", self.sid)
        elif self.customer_id is None:
            raise InvalidInputError("sid", "must be given where customer_id is not")


def end_by_logout(context: Context, logout: Logout) -> int:
    """End the sessions that a logout is about. How many this call has ended."""
    rows = context.storage.rows()
    token = provider_rows.logout_token(logout.issuer, logout.jti)
    if rows.noted(token.partition_key):
        return 0
    count = _end_everywhere(context, rows, logout) if logout.sid is None else _end_one(context, rows, logout)
    # With a deadline of its own: a customer's many sessions may have taken longer than one.
    _change(context.storage.rows(), provider_rows.noted_until(token, int(logout.expires_at.timestamp()) + _DAY))
    return count


def _end_one(context: Context, rows: Rows, logout: Logout) -> int:
    """End the sessions of one session of the provider. With a customer none of others: then the provider is wrong."""
    sid = cast("str", logout.sid)
    over = provider_rows.logout_of_session(logout.issuer, sid)
    _change(rows, provider_rows.noted_until(over, context.now() + _DAY))
    known = rows.noted(provider_rows.sessions_partition(logout.issuer, sid))
    meant = [each for each in known if logout.customer_id in {None, each.customer_id}]
    return sum(_end_known(context, rows, each) for each in meant)


def _end_known(context: Context, rows: Rows, known: NotedRecord) -> int:
    customer_id = cast("str", known.customer_id)
    if len(known.session_ids) >= provider_rows.MAX_SESSION_IDS:
        return _end_all(context, rows, customer_id)
    keys = [SessionKey(session_id, customer_id) for session_id in sorted(known.session_ids, reverse=True)]
    return sum(side_by_side(partial(_end, context, rows), keys))


def _end(context: Context, rows: Rows, key: SessionKey) -> bool:
    return end(context, rows, key, EndReason.PROVIDER)


def _end_everywhere(context: Context, rows: Rows, logout: Logout) -> int:
    """End all sessions of the customer, and refuse sign-ins with what the provider said before.

    A sign-in reads the customer's row before it writes. So it either reads the mark, or its session has a generation
    from before it is raised.
    """
    customer_id = cast("str", logout.customer_id)
    _mark(context, rows, customer_id, int(logout.issued_at.timestamp()))
    return _end_all(context, rows, customer_id)


def _mark(context: Context, rows: Rows, customer_id: str, moment: int) -> None:
    """Note the logout in the customer's row. It makes one that is missing: the first sign-in may be under way.

    Raises:
        ConflictError: others kept making and erasing the row.
    """
    fresh = customer_row.fresh(context, customer_id, context.now())._replace(provider_logout_at=moment)
    for _ in range(_TRIES):
        try:
            rows.change(provider_rows.logged_out(customer_id, moment))
        except ConditionFailedError as failure:
            if failure.records[0] is not None:
                return  # a later logout is noted
        else:
            return
        if _change(rows, Change(fresh.key, customer_row.values_of(fresh), customer_row.unchanged(None))):
            return
    raise ConflictError("the customer's row kept being changed by others")


def _end_all(context: Context, rows: Rows, customer_id: str) -> int:
    """End all sessions of a customer. Each deadline that passes has ended some.

    Raises:
        ConflictError: others kept ending them.
    """
    progress = _go_on(context, rows, customer_id, None)
    count = progress.count
    while progress.cursor is not None:
        progress = _go_on(context, context.storage.rows(), customer_id, progress.cursor)
        count += progress.count
    return count


def _go_on(context: Context, rows: Rows, customer_id: str, cursor: str | None) -> Progress:
    wanted = end_all.EndAll(None, None, None, checks.check_ending_cursor(cursor), EndReason.PROVIDER)
    with suppress(InvalidInputError):  # a cursor is refused once another call ends them all
        return end_all.end_sessions(context, rows, customer_id, wanted)
    raise ConflictError("the customer's sessions kept being ended by others")


def _change(rows: Rows, change: Change) -> bool:
    """Make a change. False when its condition did not hold."""
    with suppress(ConditionFailedError):
        rows.change(change)
        return True
    return False
