"""Counts of what a table holds: sessions by state, by hour, by client and by age."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from session_store.model import SessionState
from session_store.storage.schema import EntityType
from session_store.whole_table.cursor import beginning
from session_store.whole_table.progress import OnProgress, unwatched
from session_store.whole_table.scan import DEFAULT_SEGMENTS, Request, scanning

if TYPE_CHECKING:
    from session_store.storage.attribute_values import Item
    from session_store.whole_table.table import Table

_HOUR: Final = 3600
_HOURS: Final = 24
# Up to these ages in hours, the last group is older.
AGES: Final = {"under an hour": 1, "under a day": 24, "under a week": 7 * 24, "under 30 days": 30 * 24}
OLDER: Final = "30 days and more"
OTHER: Final = "(others)"
_MOST_CLIENTS: Final = 1000  # different descriptions that are counted: they are any text, and memory is not
_NAMES: Final = ("entity_type", "session_state", "expires_at", "created_at", "last_seen_at", "client", "customer_id")


@dataclass
class Counts:
    """The contents of a table.

    Attributes:
        active: sessions that may be used.
        closing: sessions that are shown and refused.
        expired: sessions that ran out and whose rows are kept for the retention.
        ended: tombstones of sessions.
        anonymous: of the active sessions those without a customer.
        customers: customers' own rows.
        children: child sessions that are not ended, whether or not their root is alive.
        unknown: rows that cannot be read.
        signed_in: hour -> active sessions that began in it. The last 24 hours, as UTC.
        seen: hour -> active sessions that were last in use in it.
        clients: description of device or browser -> active sessions. Beyond 1,000 different ones the rest is together.
        ages: active sessions by age.
        rows: all rows.
        rru: request units to read that counting consumed.
    """

    active: int = 0
    closing: int = 0
    expired: int = 0
    ended: int = 0
    anonymous: int = 0
    customers: int = 0
    children: int = 0
    unknown: int = 0
    signed_in: dict[str, int] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)
    clients: Counter[str] = field(default_factory=Counter)
    ages: dict[str, int] = field(default_factory=lambda: dict.fromkeys((*AGES, OLDER), 0))
    rows: int = 0
    rru: float = 0.0


def count(table: Table, segments: int = DEFAULT_SEGMENTS, on_progress: OnProgress = unwatched) -> Counts:
    """Count what a table holds. Rows that change meanwhile are counted before or after.

    Args:
        table: to read.
        segments: how many parts of it are read in parallel.
        on_progress: called after each page.

    Raises:
        StoreUnavailableError: a fault lasted.
        StoreConfigurationError: table, permission, credentials or region are not right.
    """
    now = int(table.clock.now())
    counts = Counts()
    for hours in range(_HOURS - 1, -1, -1):
        counts.signed_in[_hour(now - hours * _HOUR)] = counts.seen[_hour(now - hours * _HOUR)] = 0
    total = table.describe().rows
    with scanning(table, beginning(segments), Request(names=_NAMES)) as pages:
        for page in pages:
            for row in page.rows:
                _add(counts, row, now)
            counts.rows += len(page.rows)
            counts.rru = table.reads.units
            on_progress(table.progress(counts.rows, total))
    return counts


def _add(counts: Counts, row: Item, now: int) -> None:
    try:
        kind: Any = row["entity_type"]["S"]
        if kind == EntityType.SESSION:
            _add_session(counts, row, now)
        elif kind == EntityType.CHILD_SESSION:
            counts.children += row["session_state"]["S"] != SessionState.ENDED
        elif kind == EntityType.CUSTOMER:
            counts.customers += 1
        else:
            counts.unknown += kind not in set(EntityType)
    except (LookupError, TypeError, ValueError):
        counts.unknown += 1


def _add_session(counts: Counts, row: Item, now: int) -> None:
    state = SessionState(row["session_state"]["S"])
    created, seen, expires = (int(row[name]["N"]) for name in ("created_at", "last_seen_at", "expires_at"))
    if state is SessionState.ENDED:
        counts.ended += 1
    elif expires <= now:
        counts.expired += 1
    elif state is SessionState.CLOSING:
        counts.closing += 1
    else:
        counts.active += 1
        counts.anonymous += "customer_id" not in row
        for by_hour, moment in ((counts.signed_in, created), (counts.seen, seen)):
            if (hour := _hour(moment)) in by_hour:
                by_hour[hour] += 1
        client = row.get("client", {"S": "(none)"}).get("S", "(encrypted)")
        known = client in counts.clients or len(counts.clients) < _MOST_CLIENTS
        counts.clients[client if known else OTHER] += 1
        hours = (now - created) / _HOUR
        counts.ages[next((name for name, most in AGES.items() if hours < most), OLDER)] += 1


def _hour(moment: int) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:00Z}"
