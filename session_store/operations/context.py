"""What every operation works with: the table, the clock and the store's settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from session_store.storage import items
from session_store.storage.attribute_values import number
from session_store.storage.dynamodb import IfNotExists
from session_store.tokens import IdFactory

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from session_store.checks import Reference
    from session_store.clock import Clock
    from session_store.incidents import Incident
    from session_store.settings import SessionSettings
    from session_store.storage.attribute_values import Item
    from session_store.storage.dynamodb import Call, Table
    from session_store.storage.items import SessionRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One store's settings and seams."""

    table: Table
    clock: Clock
    settings: SessionSettings
    on_incident: Callable[[Incident], None]
    ids: IdFactory = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ids", IdFactory(self.clock))

    def now(self) -> int:
        """The current epoch second: the last whole one, as stored times are."""
        return int(self.clock.now())

    def kept_until(self, end: int) -> int:
        """TTL of a row that is of no more use at `end`: it stays for the retention."""
        return end + seconds(self.settings.retention)

    def ttl(self, end: int) -> IfNotExists:
        """What an update sets a row's TTL to: by its end, or that of the whole collection where there are children."""
        return IfNotExists("collection_until", number(self.kept_until(end)))


def seconds(duration: timedelta) -> int:
    """A duration of whole seconds as a number."""
    return int(duration.total_seconds())


def known_key(reference: Reference) -> Item | None:
    """The row's key, None when only the id is known."""
    if reference.record is not None:
        return reference.record.key
    if reference.customer_id is not None:
        return items.session_key(reference.session_id, reference.customer_id)
    return None


def find_session(call: Call, reference: Reference) -> SessionRecord | None:
    """Read a session's row, whatever its state: by both keys when they are known, else by its partition."""
    key = known_key(reference)
    item = call.get_session(reference.session_id) if key is None else call.get(key)
    return items.read_session(item) if item else None
