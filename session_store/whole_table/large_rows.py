"""Rows of an export with their large data in them, which the table has in S3."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any, Final

from session_store.errors import UnreadableDataError
from session_store.large_data.objects import NoObjectError
from session_store.large_data.pointers import key_of
from session_store.storage.changes import ConditionFailedError
from session_store.storage.document import Codecs, session_id_of
from session_store.storage.items import UNREADABLE, read_record, row_key
from session_store.storage.requests import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from session_store.large_data.codecs import BoundLargeCodecs
    from session_store.large_data.config import LargeData
    from session_store.storage.attribute_values import Item
    from session_store.storage.document import Document
    from session_store.whole_table.table import Table

_TRIES: Final = 4


class LargeRows:
    """The rows of one table.

    Args:
        table: the table.
        large_data: of its stores, None where it is not known.
    """

    def __init__(self, table: Table, large_data: LargeData | None) -> None:
        self._table = table
        self._large_data = large_data

    def joined(self, row: Item, on_left: Callable[[str], object]) -> Item:
        """A row with its data in it, as it is now if that was replaced meanwhile.

        Args:
            row: as it was read.
            on_left: called with the session's id where its data cannot be had. The row keeps its pointer.

        Raises:
            StoreUnavailableError: a fault outlasted the deadline.
            StoreConfigurationError: bucket, account, permission or credentials are not right.
        """
        for _ in range(_TRIES):
            if key_of(row) is None:
                return row
            if self._large_data is None:
                break
            try:
                return self._codecs(self._large_data).joined(row)
            except NoObjectError as error:
                newer = next(iter(self._table.read([row_key(row)])), None)
                if newer is None or newer.get("data") == row.get("data"):
                    if error.fault:
                        raise error.fault from None
                    break
                row = newer
            except UnreadableDataError:
                break
        on_left(session_id_of(row))
        return row

    def parted(self, row: Item) -> tuple[Item, AbstractContextManager[None]]:
        """A row as it is stored, and a block that creates it, once its object is in S3."""
        if self._large_data is None:
            return row, nullcontext()
        codecs = self._codecs(self._large_data)
        row, document = codecs.parted(row)
        return row, nullcontext() if document is None else storing(codecs, document)

    def _codecs(self, large_data: LargeData) -> BoundLargeCodecs:
        return large_data.codecs(Codecs()).bound(self._table.requests())


@contextmanager
def storing(codecs: Codecs, document: Document) -> Iterator[None]:
    """A block that writes one row, once its object is in S3 where it has one.

    Raises:
        RefusedError: as the block did.
    """
    refused: list[RefusedError] = []
    try:
        with codecs.storing([(0, document)]):
            try:
                yield
            except RefusedError as refusal:
                refused.append(refusal)
                raise ConditionFailedError([_record(refusal.items[0])], uncertain=refusal.uncertain) from None
    except ConditionFailedError:
        raise refused[0] from None


def _record(item: Item | None) -> Any:  # noqa: ANN401 - of any kind
    with suppress(*UNREADABLE):
        return item and read_record(item)
    return None
