"""Logouts that an identity provider sends: by its own session, or of a customer from everywhere.

The mark comes first and refuses the sign-ins that are under way. Then the sessions end that were made before. The
token's id is noted last, so that a logout of which a part failed can be sent again.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
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
    return _Ending(context, logout).run()


class _Ending:
    """One logout on its way. All sessions of a customer may take more than one deadline. Each one ends some."""

    def __init__(self, context: Context, logout: Logout) -> None:
        self._context = context
        self._rows = context.storage.rows()
        self._logout = logout

    def run(self) -> int:
        """Mark, end, and note the token."""
        logout = self._logout
        token = provider_rows.logout_token(logout.issuer, logout.jti)
        if self._rows.noted(token.partition_key):
            return 0
        count = self._end_everywhere() if logout.sid is None else self._end_in(logout.sid)
        self._change(provider_rows.noted_until(token, int(logout.expires_at.timestamp()) + _DAY))
        return count

    def _end_in(self, sid: str) -> int:
        """End the sessions of one session of the provider. With a customer none of others: then it is mistaken."""
        over = provider_rows.logout_of_session(self._logout.issuer, sid)
        self._change(provider_rows.noted_until(over, self._context.now() + _DAY))
        known = self._rows.noted(provider_rows.sessions_partition(self._logout.issuer, sid))
        meant = [each for each in known if self._logout.customer_id in {None, each.customer_id}]
        return sum(map(self._end_known, meant))

    def _end_known(self, known: NotedRecord) -> int:
        customer_id = cast("str", known.customer_id)
        if len(known.session_ids) >= provider_rows.MAX_SESSION_IDS:
            return self._end_all(customer_id)
        return sum(side_by_side(self._end, [SessionKey(each, customer_id) for each in sorted(known.session_ids)]))

    def _end(self, key: SessionKey) -> bool:
        return end(self._context, self._rows, key, EndReason.PROVIDER)

    def _end_everywhere(self) -> int:
        """End all sessions of the customer, and refuse sign-ins with what the provider said before.

        A sign-in reads the customer's row before it writes. So it either reads the mark, or its session has a
        generation from before it is raised.
        """
        customer_id = cast("str", self._logout.customer_id)
        self._mark(customer_id, int(self._logout.issued_at.timestamp()))
        return self._end_all(customer_id)

    def _mark(self, customer_id: str, moment: int) -> None:
        """Note the logout in the customer's row. It makes one that is missing: the first sign-in may be under way.

        Raises:
            ConflictError: others kept making and erasing the row.
        """
        now = self._context.now()
        fresh = customer_row.fresh(self._context, customer_id, now)._replace(provider_logout_at=moment)
        make = Change(fresh.key, customer_row.values_of(fresh), customer_row.unchanged(None))
        for _ in range(_TRIES):
            try:
                self._rows.change(provider_rows.logged_out(customer_id, moment))
            except ConditionFailedError as failure:
                if failure.records[0] is not None:
                    return  # a later logout is noted
            else:
                return
            if self._change(make):
                return
        raise ConflictError("the customer's row kept being changed by others")

    def _end_all(self, customer_id: str) -> int:
        count, cursor = 0, None
        while True:
            progress = self._end_page(customer_id, cursor)
            count += progress.count
            if progress.cursor is not None or cursor is not None:  # the deadline has passed, or another one may have
                self._rows = self._context.storage.rows()
            cursor = progress.cursor
            if cursor is None:
                return count

    def _end_page(self, customer_id: str, cursor: str | None) -> Progress:
        """End what there is time for.

        Raises:
            ConflictError: others kept ending the customer's sessions.
        """
        wanted = end_all.EndAll(None, None, None, checks.check_ending_cursor(cursor), EndReason.PROVIDER)
        with suppress(InvalidInputError):  # a cursor is refused once another call ends them all
            return end_all.end_sessions(self._context, self._rows, customer_id, wanted)
        raise ConflictError("the customer's sessions kept being ended by others")

    def _change(self, change: Change) -> bool:
        """Make a change. False when its condition did not hold."""
        with suppress(ConditionFailedError):
            self._rows.change(change)
            return True
        return False
