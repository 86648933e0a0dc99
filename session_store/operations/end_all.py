"""Ends all sessions of a customer: first the generation, which refuses them all, then the rows, while time is left.

The generation ends sessions that the index does not show yet. Ending the rows makes that visible to reads, and removes
the data. Sessions that an earlier call has ended are not written again, see `_Walk`.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from session_store import tokens
from session_store.checks import MAX_ENDED, Cursor
from session_store.errors import ConflictError, InvalidInputError, SessionNotFoundError, StoreUnavailableError
from session_store.model import Progress, SessionState
from session_store.operations import customer_row
from session_store.operations.end import children_ended, end
from session_store.operations.side_by_side import side_by_side
from session_store.storage import conditions
from session_store.storage.changes import Change, ConditionFailedError
from session_store.storage.records import SessionKey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from session_store.model import EndReason
    from session_store.operations.context import Context
    from session_store.storage.changes import Value
    from session_store.storage.port import Rows
    from session_store.storage.records import CustomerRecord, Hit, SessionRecord

_CHUNK: Final = 100  # of a page: what one batch reads
# How far the index may lag behind, clocks may differ and a sign-in may take, together and with much to spare.
_SLACK_MILLISECONDS: Final = 60 * 60 * 1000
_TRIES: Final = 4


class EndAll(NamedTuple):
    """The arguments of a caller, see `SessionStore.end_customer_sessions`."""

    except_session_id: str | None
    first_session_id: str | None
    limit: int | None
    cursor: Cursor | None
    reason: EndReason


def end_sessions(context: Context, rows: Rows, customer_id: str, wanted: EndAll) -> Progress:
    """Raise the generation, then end the sessions' rows until the deadline."""
    customer = rows.customer(customer_id)
    if wanted.cursor is not None:
        _check_cursor(wanted.cursor, customer)
    elif customer is None:
        if wanted.except_session_id is not None:
            raise SessionNotFoundError(wanted.except_session_id)
    else:
        customer = _raise_generation(context, rows, customer, wanted.except_session_id)
    return _Walk(context, rows, customer_id, customer, wanted).run()


def _check_cursor(cursor: Cursor, customer: CustomerRecord | None) -> None:
    """Refuse a cursor that is not of the last end-all. Without a row all are refused already, and any will do."""
    if customer is not None and (cursor.generation, cursor.row_id) != (customer.generation, customer.row_id.hex()):
        problem = "is not of the last call that ended all of this customer's sessions: begin anew, without it"
        raise InvalidInputError("cursor", problem, value=str(cursor))


def _raise_generation(
    context: Context, rows: Rows, customer: CustomerRecord, except_session_id: str | None
) -> CustomerRecord:
    """Raise the generation, with a session to keep in one transaction with its copy in there. Returns the row as it is.

    After a lost reply it is raised again, which does no harm. An equal one may belong to another call, which kept a
    session. A row that is not trusted says of no session whether it may be kept. Without one, a fresh row takes its
    place.
    """
    for _ in range(_TRIES):
        if customer_row.is_trusted(context, customer):
            raised = customer._replace(generation=max(customer_row.now_ms(context), customer.generation + 1))
            values: dict[str, Value] = {"generation": raised.generation}
        elif except_session_id is None:
            raised = customer_row.fresh(context, customer.customer_id, context.now())
            values = customer_row.values_of(raised)
        else:
            raise SessionNotFoundError(except_session_id)
        change = Change(customer.key, values, customer_row.unchanged(customer))
        try:
            if except_session_id is None:
                rows.change(change)
            else:
                rows.transact(_kept(context, customer, except_session_id, raised.generation), change)
        except ConditionFailedError as failure:
            known = cast("CustomerRecord | None", failure.records[-1])
            if known is None:  # the session is not to be kept, or all has been erased meanwhile
                if except_session_id is not None:
                    raise SessionNotFoundError(except_session_id) from None
                return customer
            customer = known
        else:
            return raised
    raise ConflictError("the customer's sessions kept being ended by others")


def _kept(context: Context, customer: CustomerRecord, session_id: str, generation: int) -> Change:
    """A write that keeps a session, on condition that it is valid. Its children end, because others may hold them."""
    # A session that an earlier end-all ended is not kept, even if the index never showed it and it looks alive.
    valid = conditions.live(context.now()) & customer_row.lets_be(customer)
    if context.accepts_from:
        valid &= conditions.created_since(context.accepts_from)
    return Change(SessionKey(session_id, customer.customer_id), {"generation": generation} | children_ended(), valid)


class _Walk:
    """One call's way along the index, newest first.

    An earlier end-all that got to the end of the index has ended every session from before it, but the one that it
    kept. So this one ends that one by its id, and stops at the first session that is older by more than the index can
    lag behind. In between lies what most likely has ended. It is read, and only what has not ended is written.
    """

    def __init__(
        self, context: Context, rows: Rows, customer_id: str, customer: CustomerRecord | None, wanted: EndAll
    ) -> None:
        self._context = context
        self._rows = rows
        self._customer_id = customer_id
        self._customer = customer
        self._wanted = wanted
        cursor = wanted.cursor
        without_row = cursor.generation if cursor else customer_row.now_ms(context)
        self._generation = without_row if customer is None else customer.generation
        self._covered = 0 if customer is None else customer.covered
        self._reached = cursor and cursor.session_id  # all up to this one is done
        self._count = 0
        self._begun = False  # whether a session of the index was looked at

    def run(self) -> Progress:
        """End what there is time for."""
        if self._wanted.cursor is None:
            self._end_known()
        left = self._wanted.limit
        while True:
            limit = MAX_ENDED if left is None else min(left, MAX_ENDED)
            page = self._rows.sessions_of(self._customer_id, limit=limit, after=self._reached)
            hits = [hit for hit in page.hits if tokens.made_at(hit.session_id) >= self._covered - _SLACK_MILLISECONDS]
            for start in range(0, len(hits), _CHUNK):
                if not self._end_chunk(hits[start : start + _CHUNK]):
                    return self._progress()
            if page.cursor is None or len(hits) < len(page.hits):
                self._note_the_end()
                return Progress(self._count, None)
            self._reached = page.cursor
            if left is not None:
                left -= len(page.hits)
                if left <= 0:
                    return self._progress()

    def _progress(self) -> Progress:
        row_id = "" if self._customer is None else self._customer.row_id.hex()
        return Progress(self._count, str(Cursor(self._generation, row_id, cast("str", self._reached))))

    def _end_known(self) -> None:
        """End what is known by its id: what the caller names, and what an earlier end-all has kept."""
        kept = None if self._customer is None else self._customer.kept
        known = dict.fromkeys((self._wanted.first_session_id, kept))
        for session_id in known:
            if session_id is not None and session_id != self._wanted.except_session_id:
                self._count += self._end(SessionKey(session_id, self._customer_id))

    def _end_chunk(self, hits: Sequence[Hit]) -> bool:
        """End some sessions side by side. False when there was no time for all of them."""
        deadline = self._rows.deadline
        if self._begun and deadline.passed:
            return False
        alive = self._alive(hits)
        # Even when there is no time left, or a fault lasts: a call that gets nowhere fails.
        must_end = None if self._begun or not alive else alive[0]
        self._begun = True

        def end_in_time(hit: Hit) -> bool | None:
            if hit is must_end:
                return self._end(hit.key)
            with suppress(StoreUnavailableError):
                return None if deadline.passed else self._end(hit.key)
            return None

        outcomes = side_by_side(end_in_time, alive)
        self._count += sum(map(bool, outcomes))
        if None in outcomes:
            undone = hits.index(alive[outcomes.index(None)])
            self._reached = hits[undone - 1].session_id if undone else self._reached
            return False
        self._reached = hits[-1].session_id
        return True

    def _alive(self, hits: Sequence[Hit]) -> list[Hit]:
        """The hits that may not have ended. That much index, generation and rows know."""
        now, kept = self._context.now(), self._wanted.except_session_id
        running = [hit for hit in hits if hit.absolute_expires_at > now and hit.session_id != kept]
        covered = [hit.key for hit in running if tokens.made_at(hit.session_id) < self._covered]
        read = cast("list[SessionRecord]", self._rows.read_all(covered))
        ended = set(covered) - {record.key for record in read if record.session_state is not SessionState.ENDED}
        return [hit for hit in running if hit.key not in ended]

    def _end(self, key: SessionKey) -> bool:
        from_before = conditions.generation_below(self._generation)
        return end(self._context, self._rows, key, self._wanted.reason, from_before)

    def _note_the_end(self) -> None:
        """Note that this end-all got to the end of the index, unless a later one has. A fault costs writes, no more."""
        if self._customer is None or not self._begun:
            return
        values: dict[str, Value] = {"covered": self._generation, "kept": self._wanted.except_session_id}
        condition = conditions.customer_row_is(self._customer.row_id) & conditions.covered_below(self._generation)
        with suppress(ConditionFailedError, StoreUnavailableError):
            self._rows.change_once(Change(self._customer.key, values, condition))
