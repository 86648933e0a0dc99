"""A scan in parallel segments, page by page, under the table's rate of reads."""

from __future__ import annotations

import queue
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from session_store.storage import schema
from session_store.whole_table.table import StoppedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

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


@contextmanager
def scanning(table: Table, cursor: Cursor, request: Request = Request()) -> Iterator[Iterator[Page]]:
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
    stop = threading.Event()
    # As many pages as segments wait at most: with a slow reader the memory stays bounded.
    arrived: queue.Queue[Page | Exception | None] = queue.Queue(cursor.segments)
    begins = cursor.begins()
    threads = [
        threading.Thread(target=_walk, args=(table, cursor.segments, begin, request, arrived, stop), daemon=True)
        for begin in begins
    ]
    for thread in threads:
        thread.start()
    try:
        yield _pages(arrived, len(threads), cursor)
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _pages(arrived: queue.Queue[Page | Exception | None], running: int, cursor: Cursor) -> Iterator[Page]:
    while running:
        page = arrived.get()
        if page is None:
            running -= 1
        elif isinstance(page, Exception):
            raise page
        else:
            yield page
            cursor.reached[page.segment] = page.after


def _walk(
    table: Table,
    segments: int,
    begin: tuple[int, Item | None],
    request: Request,
    arrived: queue.Queue[Page | Exception | None],
    stop: threading.Event,
) -> None:
    """Read one segment in a thread of its own. Its last word is None, or its error."""
    segment, after = begin
    parameters = _parameters(table, segment, segments, request)
    word: Exception | None = None
    try:
        while True:
            start = {"ExclusiveStartKey": after} if after else {}
            reply = table.send("Scan", parameters | start, stop.is_set)
            after = reply.get("LastEvaluatedKey") or None
            _put(arrived, Page(segment, reply["Items"], after), stop.is_set)
            if after is None:
                break
    except StoppedError:
        pass
    except Exception as error:  # noqa: BLE001 - it is raised where the pages are read
        word = error
    _put(arrived, word, stop.is_set)


def _put(
    arrived: queue.Queue[Page | Exception | None], word: Page | Exception | None, stopped: Callable[[], bool]
) -> None:
    while not stopped():
        try:
            arrived.put(word, timeout=_LOOK_AGAIN)
        except queue.Full:
            continue
        return


def _parameters(table: Table, segment: int, segments: int, request: Request) -> dict[str, Any]:
    # Under a low rate a page is so small that it costs about a second's allowance.
    parameters: dict[str, Any] = {"Limit": max(1, min(_PAGE_ROWS, int(table.reads.per_second)))}
    if segments > 1:
        parameters |= {"Segment": segment, "TotalSegments": segments}
    if request.of_index:
        parameters["IndexName"] = schema.INDEX_NAME
    if request.consistent:
        parameters["ConsistentRead"] = True
    if request.names:
        wanted = dict.fromkeys((schema.PARTITION_KEY, schema.SORT_KEY, *request.names))
        parameters["ProjectionExpression"] = ", ".join(f"#{name}" for name in wanted)
        parameters["ExpressionAttributeNames"] = {f"#{name}": name for name in wanted}
    return parameters
