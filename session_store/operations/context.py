"""The storage, the clock and the settings that every operation works with."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from session_store.errors import SessionNotFoundError
from session_store.storage.changes import FieldOr
from session_store.storage.records import SessionKey
from session_store.tokens import IdFactory
from session_store.values import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from session_store.checks import Reference
    from session_store.clock import Clock
    from session_store.settings import SessionSettings
    from session_store.storage.port import Rows, Storage
    from session_store.storage.records import SessionRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One store's settings, with its storage and clock, which tests replace.

    Attributes:
        cached: takes the place of `operations.validate.validated`, where the store has a cache of validations.
    """

    storage: Storage
    clock: Clock
    settings: SessionSettings
    cached: Callable[..., Any] | None = None
    ids: IdFactory = field(init=False)
    grace: int = field(init=False)  # of rotations, seconds
    accepts_from: int = field(init=False)  # the epoch second before which the store accepts no session; 0 for no limit

    def __post_init__(self) -> None:
        object.__setattr__(self, "ids", IdFactory(self.clock))
        object.__setattr__(self, "grace", seconds(self.settings.rotation_grace))
        not_before = self.settings.not_before
        object.__setattr__(self, "accepts_from", 0 if not_before is None else math.ceil(not_before.timestamp()))

    def now(self) -> int:
        """The current epoch second: the last whole one, as stored times are."""
        return int(self.clock.now())

    def accepts(self, record: SessionRecord) -> bool:
        """Whether a session is not from before the moment before which the store accepts none."""
        return record.created_at >= self.accepts_from

    def is_shown(self, record: SessionRecord) -> bool:
        """Whether reads serve a session."""
        return record.is_shown(self.now()) and self.accepts(record)

    def is_live(self, record: SessionRecord) -> bool:
        """Whether a session may be used and written."""
        return record.is_live(self.now()) and self.accepts(record)

    def kept_until(self, end: int) -> int:
        """TTL of a row that is of no more use at `end`. It stays for the retention."""
        return end + seconds(self.settings.retention)

    def ttl(self, end: int) -> FieldOr:
        """The TTL that a change gives a row: by its end, or that of the whole collection where there are children."""
        return FieldOr("collection_until", self.kept_until(end))


def seconds(duration: timedelta) -> int:
    """A duration of whole seconds as a number."""
    return int(duration.total_seconds())


def known_key(reference: Reference) -> SessionKey | None:
    """The row's key, None when only the id is known."""
    if reference.record is not None:
        return reference.record.key
    return None if reference.customer_id is None else SessionKey(reference.session_id, reference.customer_id)


def require_live(context: Context, reference: Reference, record: SessionRecord | None) -> SessionRecord:
    """The record of a session that may be used and written.

    Raises:
        SessionNotFoundError: there is none, or no longer.
    """
    if record is None or not context.is_live(record):
        raise SessionNotFoundError(reference.session_id)
    return record


def live_with_data(context: Context, rows: Rows, reference: Reference, record: SessionRecord | None) -> SessionRecord:
    """The same with its data at hand.

    Raises:
        SessionNotFoundError: there is none, or no longer.
        UnreadableDataError: the data cannot be read.
    """
    record = require_live(context, reference, record)
    read = rows.with_data(record)
    return record if read is record else require_live(context, reference, read)


def shown_with_data(context: Context, rows: Rows, record: SessionRecord | None) -> SessionRecord | None:
    """A session with its data at hand, if reads serve it, otherwise None."""
    if record is None or not context.is_shown(record):
        return None
    read = rows.with_data(record)
    return read if read is record or (read is not None and context.is_shown(read)) else None


def find_session(rows: Rows, reference: Reference) -> SessionRecord | None:
    """Read a session's record, in any state: by both keys when they are known, else by its id."""
    key = known_key(reference)
    return rows.session_by_id(reference.session_id) if key is None else rows.session(key)
