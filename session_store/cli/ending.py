"""Ending sessions: one by its id, or all of a customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from session_store.cli import asking, estimates
from session_store.cli.batch import Batch
from session_store.cli.columns import Column
from session_store.cli.ids import check_session_id, each_id, each_session_id
from session_store.cli.progress import progress
from session_store.errors import UnreadableDataError
from session_store.model import EndReason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from session_store.cli.connect import Connection
    from session_store.cli.exits import Exit
    from session_store.cli.output import Printer

_ENDED: Final = (
    Column("session", "session_id"),
    Column("ended", "ended", lambda ended: "yes" if ended else "no, it was not live"),
)
_ALL_ENDED: Final = (Column("customer", "customer_id"), Column("sessions ended", "sessions_ended"))
_SESSION_WOULD_END: Final = (Column("session", "session_id"), *estimates.COLUMNS)
_ALL_WOULD_END: Final = (Column("customer", "customer_id"), *estimates.COLUMNS)


class How(NamedTuple):
    """Whether it asks first, and whether it only counts."""

    yes: bool
    dry_run: bool


class All(NamedTuple):
    """The sessions of a customer.

    Attributes:
        customer: the id, or `-` for ids from stdin.
        kept: the id of a session to keep.
        cursor: from an interrupted command.
    """

    customer: str
    kept: str | None
    cursor: str | None


def end_sessions(connection: Connection, printer: Printer, session: str, how: How) -> Exit:
    """End the session, or those whose ids come from stdin.

    Raises:
        Failure: it should have asked, and cannot.
    """
    store = connection.store_with()

    def count(name: str) -> Iterator[dict[str, Any]]:
        session_id = check_session_id(name)
        try:
            live = store.get_session(session_id) is not None
        except UnreadableDataError:  # which does not keep it from being ended
            live = True
        yield {"session_id": session_id, "sessions": int(live), **estimates.units_of(estimates.of_ending_one())}

    def end(name: str) -> Iterator[dict[str, Any]]:
        session_id = check_session_id(name)
        yield {"session_id": session_id, "ended": store.end_session(session_id, reason=EndReason.OPERATOR)}

    with Batch(session, each_session_id(session)) as batch:
        if how.dry_run:
            batch.print_results(printer, count, _SESSION_WOULD_END)
        else:
            if batch.several and not how.yes:
                asking.refuse()
            batch.print_results(printer, end, _ENDED)
    return batch.status


def end_all(connection: Connection, printer: Printer, wanted: All, how: How) -> Exit:
    """End all sessions of the customer, or of those whose ids come from stdin.

    Raises:
        Failure: it should have asked and cannot, or another text was typed than the id.
    """
    store = connection.store_with()
    kept = None if wanted.kept is None else check_session_id(wanted.kept)
    asked_about: int | None = None

    def count(name: str) -> Iterator[dict[str, Any]]:
        number = _to_end(connection, name, kept)
        cost = estimates.of_ending(number, all_but_one=kept is not None)
        yield {"customer_id": name, "sessions": number, **estimates.units_of(cost)}

    def end(name: str) -> Iterator[dict[str, Any]]:
        ended = 0
        with progress("Ending", unit="sessions", total=asked_about) as tally:
            while True:
                done = store.end_customer_sessions(
                    name, except_session_id=kept, cursor=batch.cursor, reason=EndReason.OPERATOR
                )
                ended += done.count
                batch.cursor = done.cursor
                cost = estimates.of_ending(done.count, all_but_one=kept is not None)
                tally.add(done.count, rru=cost.rru, wru=cost.wru)
                if done.cursor is None:
                    break
        yield {"customer_id": name, "sessions_ended": ended}

    with Batch(wanted.customer, each_id(wanted.customer), cursor=wanted.cursor) as batch:
        if how.dry_run:
            batch.print_results(printer, count, _ALL_WOULD_END)
        else:
            if not how.yes:
                asked_about = _ask(connection, batch, wanted.customer, kept)
            batch.print_results(printer, end, _ALL_ENDED)
    return batch.status


def _ask(connection: Connection, batch: Batch, customer: str, kept: str | None) -> int:
    """Ask where more than one session ends; how many they are."""
    if batch.several:
        asking.refuse()
    asking.check_terminal()
    number = _to_end(connection, customer, kept)
    if number > 1:
        cost = estimates.in_words(estimates.of_ending(number, all_but_one=kept is not None))
        asking.ask_to_type(
            customer, f"{number} sessions of {customer} will end, for {cost}. To end them type {customer}"
        )
    return number


def _to_end(connection: Connection, customer: str, kept: str | None) -> int:
    live = estimates.live_sessions(connection, customer)
    return max(0, live - (kept is not None))
