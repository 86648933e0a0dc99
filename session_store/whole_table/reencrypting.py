"""Encrypts what is not encrypted as a new row's data would be: after a new key, after other settings, at the start."""

from __future__ import annotations

import threading
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from session_store.errors import UnreadableDataError
from session_store.large_data.objects import NoObjectError
from session_store.large_data.pointers import key_of
from session_store.model import SessionState
from session_store.storage import conditions
from session_store.storage.changes import Change
from session_store.storage.items import UNREADABLE, new_item, read_record, row_key
from session_store.storage.requests import RefusedError
from session_store.storage.schema import KEY_SEPARATOR, PARTITION_KEY, EntityType
from session_store.whole_table.changing import changing
from session_store.whole_table.cursor import Cursor, beginning
from session_store.whole_table.large_rows import storing
from session_store.whole_table.progress import OnProgress, unwatched
from session_store.whole_table.scan import DEFAULT_SEGMENTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from session_store.encryption.codecs import EncryptedCodecs
    from session_store.encryption.config import Encryption
    from session_store.large_data.codecs import BoundLargeCodecs
    from session_store.large_data.config import LargeData
    from session_store.storage.attribute_values import Item
    from session_store.storage.changes import Value
    from session_store.storage.document import Codecs
    from session_store.storage.records import ChildKey, ChildRecord, SessionKey, SessionRecord
    from session_store.whole_table.table import Table

_UNREADABLE: Final = "unreadable"
_OVERTAKEN: Final = "overtaken"
_KINDS: Final = frozenset({EntityType.SESSION.value, EntityType.CHILD_SESSION.value})


@dataclass
class Reencrypted:
    """The outcome.

    Attributes:
        found: rows of sessions and child sessions that are not encrypted as new ones would be.
        changed: those of them that this call encrypted.
        overtaken: those that others have saved meanwhile, which encrypts them.
        unreadable: those that cannot be read, and stay as they are.
        rru: request units to read that were consumed.
        wru: request units to write that were consumed.
    """

    found: int = 0
    changed: int = 0
    overtaken: int = 0
    unreadable: int = 0
    rru: float = 0.0
    wru: float = 0.0


def reencrypt(
    table: Table,
    encryption: Encryption,
    *,
    compresses: bool = False,
    large_data: LargeData | None = None,
    dry_run: bool = False,
    cursor: Cursor | None = None,
    segments: int = DEFAULT_SEGMENTS,
    on_unreadable: Callable[[str], object] = lambda _: None,
    on_progress: OnProgress = unwatched,
) -> Reencrypted:
    """Encrypt the data of all sessions as new data is. Sessions stay as they are. Doing it again does no harm.

    Args:
        table: whose sessions.
        encryption: of its stores. Plain data is encrypted only where it accepts that: someone else may have put it in.
        compresses: whether its stores compress.
        large_data: of its stores, where they have it.
        dry_run: only count.
        cursor: where to begin. It is moved on, so that after an interruption it says where to go on.
        segments: how many parts of the table are read in parallel.
        on_unreadable: called with the id of each session whose row cannot be read.
        on_progress: called after each page.

    Raises:
        StoreUnavailableError: a fault lasted.
        StoreConfigurationError: table, key, permission, credentials or region are not right.
    """
    work = _Reencrypting(table, encryption.codecs(table.clock, compresses=compresses), large_data)
    cursor = cursor or beginning(segments)
    total, rows = table.describe().rows, 0
    with changing(table, cursor, work.stop) as (workers, pages):
        for page in pages:
            found = [row for row in page.rows if work.is_due(row)]
            work.result.found += len(found)
            if not dry_run:
                for row, outcome in zip(found, workers.map(work.change, found), strict=True):
                    setattr(work.result, outcome, getattr(work.result, outcome) + 1)
                    if outcome == _UNREADABLE:
                        on_unreadable(row[PARTITION_KEY]["S"].rpartition(KEY_SEPARATOR)[2])
            rows += len(page.rows)
            work.result.rru, work.result.wru = table.reads.units, table.writes.units
            on_progress(table.progress(rows, total))
    return work.result


class _Reencrypting:
    def __init__(self, table: Table, codecs: EncryptedCodecs, large_data: LargeData | None) -> None:
        self.result = Reencrypted()
        self.stop = threading.Event()
        self._table = table
        self._encryption = codecs
        self._codecs: Codecs = large_data.codecs(codecs) if large_data else codecs

    def is_due(self, row: Item) -> bool:
        """Whether it is a live session's or child session's row, with something that is to be encrypted."""
        if row.get("entity_type", {}).get("S") not in _KINDS:
            return False
        ended = row.get("session_state", {}).get("S") == SessionState.ENDED
        return not ended and not self._encryption.is_current(self._with_data(row))

    def _with_data(self, row: Item) -> Item:
        """A row with its large data in it. One whose object cannot be read stays as it is, and so is due."""
        if not self._codecs.large or key_of(row) is None:
            return row
        with suppress(NoObjectError, UnreadableDataError):
            return cast("BoundLargeCodecs", self._codecs.bound(self._table.requests())).joined(row)
        return row

    def change(self, row: Item) -> str:
        """Encrypt a row. Returns the outcome, by its name in `Reencrypted`.

        The version stays: nothing of the data changes. A save that is under way is based on it, and writes all of the
        data, or is refused by another codec or value, and repeated.
        """
        requests = self._table.requests()
        codecs = self._codecs.bound(requests)
        try:
            read = read_record(row, codecs)
            record = codecs.with_data(read, self._again(codecs)) if codecs.large else read
            if record is None or record.data.stored != read.data.stored:
                return _OVERTAKEN
            data = record.data.read()
            document = codecs.document(data, record.data, lambda new: new_item(record._replace(data=new)))
            values: dict[str, Value] = {"data": document}
            if "client" in row:
                values["client"] = self._encryption.bound(requests).sealed_client(row)
        except (*UNREADABLE, UnreadableDataError):
            return _UNREADABLE
        change = Change(row_key(row), values, conditions.not_ended() & conditions.version_is(record.version))
        try:
            with storing(codecs, document) if codecs.large else nullcontext():
                self._table.change(change, self.stop.is_set)
        except RefusedError:
            return _OVERTAKEN
        return "changed"

    def _again(self, codecs: Codecs) -> Callable[[SessionKey | ChildKey], SessionRecord | ChildRecord | None]:
        return lambda key: next((read_record(row, codecs) for row in self._table.read([key])), None)
