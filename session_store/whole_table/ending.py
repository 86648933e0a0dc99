"""Ends all sessions that began before a moment, under a rate."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from session_store.clock import to_datetime
from session_store.errors import InvalidInputError
from session_store.model import EndReason, SessionState
from session_store.operations.end import tombstone
from session_store.settings import DEFAULT_SETTINGS
from session_store.storage import conditions
from session_store.storage.attribute_values import item_bytes
from session_store.storage.changes import Change
from session_store.storage.items import UNREADABLE, read_session, row_key
from session_store.storage.requests import RefusedError
from session_store.storage.schema import EntityType
from session_store.whole_table.changing import changing
from session_store.whole_table.cursor import Cursor, beginning
from session_store.whole_table.progress import OnProgress, unwatched
from session_store.whole_table.scan import DEFAULT_SEGMENTS

if TYPE_CHECKING:
    from session_store.settings import SessionSettings
    from session_store.storage.attribute_values import Item
    from session_store.whole_table.table import Table

_UNIT_BYTES: Final = 1024
# AWS refuses requests signed by a clock more wrong than that. On another machine a session may not have run out yet.
_CLOCKS_DIFFER: Final = 5 * 60


@dataclass
class Ended:
    """The outcome.

    Attributes:
        found: sessions that began before the moment and had not ended.
        ended: those of them that this call ended.
        unreadable: sessions' rows in another form, which count as ended and stay as they are.
        rru: request units to read that were consumed.
        wru: request units to write that were consumed. Of a dry run those that ending would take, about.
    """

    found: int = 0
    ended: int = 0
    unreadable: int = 0
    rru: float = 0.0
    wru: float = 0.0


def end_created_before(
    table: Table,
    moment: int,
    *,
    dry_run: bool = False,
    cursor: Cursor | None = None,
    segments: int = DEFAULT_SEGMENTS,
    settings: SessionSettings = DEFAULT_SETTINGS,
    on_progress: OnProgress = unwatched,
) -> Ended:
    """End all sessions that began before a moment. Their child sessions end with them. Doing it again does no harm.

    Args:
        table: whose sessions.
        moment: epoch seconds. It has passed: a session that begins meanwhile is none of them.
        dry_run: only count.
        cursor: where to begin. It is moved on, so that after an interruption it says where to go on.
        segments: how many parts of the table are read in parallel.
        settings: of the table's sessions: how long ended ones are kept.
        on_progress: called after each page.

    Raises:
        InvalidInputError: the moment has not passed.
        StoreUnavailableError: a fault lasted.
        StoreConfigurationError: table, permission, credentials or region are not right.
    """
    if moment > table.clock.now():
        raise InvalidInputError("created_before", "must have passed", value=to_datetime(moment).isoformat())
    work = _Ending(table, moment, settings)
    cursor = cursor or beginning(segments)
    total, rows = table.describe().rows, 0
    with changing(table, cursor, work.stop) as (workers, pages):
        for page in pages:
            found = work.select(page.rows)
            work.result.found += len(found)
            if dry_run:
                work.result.wru += sum(-(-item_bytes(row) // _UNIT_BYTES) for row in found)
            else:
                work.result.ended += sum(workers.map(work.end, found))
                work.result.wru = table.writes.units
            rows += len(page.rows)
            work.result.rru = table.reads.units
            on_progress(table.progress(rows, total))
    return work.result


class _Ending:
    def __init__(self, table: Table, moment: int, settings: SessionSettings) -> None:
        self.result = Ended()
        self.stop = threading.Event()
        self._table = table
        self._moment = moment
        self._context = table.context(settings)
        self._still_runs_at = self._context.now() - _CLOCKS_DIFFER

    def select(self, rows: list[Item]) -> list[Item]:
        """The rows of sessions that are to be ended."""
        return [row for row in rows if row.get("entity_type", {}).get("S") == EntityType.SESSION and self._is_due(row)]

    def end(self, row: Item) -> bool:
        """End a session. True when this call did it."""
        values = tombstone(self._context, self._context.now(), EndReason.OPERATOR)
        try:
            self._table.change(Change(row_key(row), values, conditions.not_ended()), self.stop.is_set)
        except RefusedError as refusal:
            (current,) = refusal.items  # our own write, whose reply was lost, or another's
            return current is not None and current.get("write_id", {}).get("B") == values["write_id"]
        return True

    def _is_due(self, row: Item) -> bool:
        try:
            record = read_session({name: value for name, value in row.items() if name not in {"data", "data_codec"}})
        except UNREADABLE:
            self.result.unreadable += 1
            return False
        ended = record.session_state is SessionState.ENDED or record.expires_at < self._still_runs_at
        return not ended and record.created_at < self._moment
