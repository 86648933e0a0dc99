"""A scan in parallel segments, page by page, under the table's rate of reads."""

from __future__ import annotations

import queue
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from session_store.storage import schema
from session_store.whole_table.table import StoppedError, projection

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from session_store.storage.attribute_values import Item
    from session_store.whole_table.cursor import Cursor
    from session_store.whole_table.table import Table

DEFAULT_SEGMENTS: Final = 4
# A page of 1 MB takes the SDK tens of MB to read. This many rows of usual sessions take a few.
_PAGE_ROWS: Final = 500
_LOOK_AGAIN: Final = 0.2  # seconds after which a thread that waits for room notices a stop


class Page(NamedTuple):
    """Rows that follow each other in one segment.

    Attributes:
        segment: which.
        rows: in the table's order, a session before its children.
        after: the key that the segment goes on after, None at its end.
    """

    segment: int
    rows: list[Item]
    after: Item | None


class Request(NamedTuple):
    """The parts of a scan's request that differ.

    Attributes:
        names: the attributes to read besides the keys, all by default. It costs the same.
        of_index: whether to read the index in place of the table.
        consistent: whether to see all that was written before. It costs twice as much. The index never does.
    """

    names: Sequence[str] = ()
    of_index: bool = False
    consistent: bool = False


WHOLE_ROWS: Final = Request()


@contextmanager
def scanning(table: Table, cursor: Cursor, request: Request = WHOLE_ROWS) -> Iterator[Iterator[Page]]:
    """Scan while the block runs. The pages come as they arrive, and `cursor` moves on after each.

    The cursor counts a page as done when the next one is asked for: what its reader did with it is done by then.
    The threads end with the block.

    Args:
        table: to read.
        cursor: where to begin. It is moved on.
        request: what to read.

    Raises:
        StoreUnavailableError: a fault lasted. The cursor says how far the scan got.
        StoreConfigurationError: table, permission, credentials or region are not right.
    """
    walk = _Walk(table, cursor.segments, request)
    threads = [threading.Thread(target=walk.run, args=begin, daemon=True) for begin in cursor.begins()]
    for thread in threads:
        thread.start()
    try:
        yield walk.pages(cursor, len(threads))
    finally:
        walk.stop.set()
        for thread in threads:
            thread.join()


class _Walk:
    """The ways of the threads through their segments."""

    def __init__(self, table: Table, segments: int, request: Request) -> None:
        self.stop = threading.Event()
        self._table = table
        self._parameters = _parameters(table, request)
        self._segments = segments
        # As many pages as segments wait at most: with a slow reader the memory stays bounded.
        self._arrived: queue.Queue[Page | BaseException | None] = queue.Queue(segments)

    def pages(self, cursor: Cursor, running: int) -> Iterator[Page]:
        """The pages of so many threads as they arrive."""
        while running:
            page = self._arrived.get()
            if page is None:
                running -= 1
            elif isinstance(page, BaseException):
                raise page
            else:
                yield page
                cursor.reached[page.segment] = page.after

    def run(self, segment: int, after: Item | None) -> None:
        """Read one segment. The last word is None, or an error."""
        word: BaseException | None = None
        parameters = self._parameters | self._share(segment)
        try:
            while True:
                start = {"ExclusiveStartKey": after} if after else {}
                reply = self._table.send("Scan", parameters | start, self.stop.is_set)
                after = reply.get("LastEvaluatedKey") or None
                self._put(Page(segment, reply["Items"], after))
                if after is None:
                    break
        except StoppedError:
            pass
        except BaseException as error:  # noqa: BLE001 - it is raised where the pages are read
            word = error
        self._put(word)

    def _share(self, segment: int) -> dict[str, Any]:
        return {"Segment": segment, "TotalSegments": self._segments} if self._segments > 1 else {}

    def _put(self, word: Page | BaseException | None) -> None:
        while not self.stop.is_set():
            try:
                self._arrived.put(word, timeout=_LOOK_AGAIN)
            except queue.Full:
                continue
            return


def _parameters(table: Table, request: Request) -> dict[str, Any]:
    # Under a low rate a page is so small that it costs about a second's allowance.
    parameters: dict[str, Any] = {"Limit": max(1, min(_PAGE_ROWS, int(table.reads.per_second)))}
    if request.of_index:
        parameters["IndexName"] = schema.INDEX_NAME
    if request.consistent:
        parameters["ConsistentRead"] = True
    return parameters | (projection(request.names) if request.names else {})
