"""A walk through the whole table that changes rows side by side, and leaves no thread at work when it is broken off."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from session_store.whole_table.scan import scanning

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator

    from session_store.whole_table.cursor import Cursor
    from session_store.whole_table.scan import Page
    from session_store.whole_table.table import Table

_WORKERS: Final = 16


@contextmanager
def changing(
    table: Table, cursor: Cursor, stop: threading.Event
) -> Iterator[tuple[ThreadPoolExecutor, Iterator[Page]]]:
    """Yields the threads that change rows, and the pages of the table.

    Args:
        table: to walk through.
        cursor: where to begin. It is moved on.
        stop: is set at the end. Changes that are under way look at it, and are not tried again.
    """
    with ThreadPoolExecutor(_WORKERS) as workers, scanning(table, cursor) as pages:
        try:
            yield workers, pages
        finally:
            stop.set()
            workers.shutdown(wait=True, cancel_futures=True)
