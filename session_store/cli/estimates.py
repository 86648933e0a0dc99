"""The request units of ending and erasing, from the costs that the catalog declares."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from session_store.catalog import access_patterns as patterns
from session_store.catalog.costs import Per
from session_store.cli.columns import Column

if TYPE_CHECKING:
    from session_store.catalog.costs import Amount
    from session_store.cli.connect import Connection

_INDEX_ENTRIES_PER_UNIT: Final = 16  # of about 250 bytes each, in 4 KB
_PAGE: Final = 100
COLUMNS: Final = (
    Column("live sessions", "sessions"),
    Column("read units", "rru", "{:g}".format),
    Column("write units", "wru", "{:g}".format),
)
"""Of a dry run."""


def live_sessions(connection: Connection, customer_id: str) -> int:
    """How many live sessions a customer has. It reads no data, so it needs neither a key nor an object."""
    store = connection.store_with()
    count, cursor, unread = 0, None, len(connection.unread.ids)
    while True:
        page = store.get_customer_sessions(customer_id, limit=_PAGE, cursor=cursor)
        count, cursor = count + len(page.sessions), page.cursor
        if cursor is None:
            return count + len(connection.unread.ids) - unread


def of_ending_one() -> Amount:
    """The cost of ending one session by its id."""
    return patterns.END_SESSION.cost("by id alone").amount()


def of_ending(sessions: int, *, all_but_one: bool) -> Amount:
    """The cost of ending a customer's sessions."""
    cost = patterns.END_CUSTOMER_SESSIONS.cost("all but one" if all_but_one else "")
    return cost.amount({Per.INDEX: _index_units(sessions), Per.ENDED: sessions})


def of_erasing(sessions: int) -> Amount:
    """The cost of erasing a customer with so many sessions that have neither children nor ended ones beside them."""
    cost = patterns.ERASE_CUSTOMER.cost()
    return cost.amount({Per.INDEX: _index_units(sessions), Per.SESSION: sessions, Per.ROW: sessions})


def units_of(amount: Amount) -> dict[str, Any]:
    """Request units as a part of a row."""
    return {"rru": amount.rru, "wru": amount.wru}


def in_words(amount: Amount) -> str:
    """Request units for people."""
    return f"about {amount.rru:g} RRU and {amount.wru:g} WRU"


def _index_units(entries: int) -> int:
    return math.ceil(entries / _INDEX_ENTRIES_PER_UNIT) or 1
