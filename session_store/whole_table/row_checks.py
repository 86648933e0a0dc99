"""Rules for single rows and for a session with its children, without any call."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from session_store.model import SessionState
from session_store.operations.customer_row import is_trusted
from session_store.operations.end import ERASED
from session_store.storage import schema
from session_store.storage.attribute_values import number
from session_store.storage.records import ChildRecord, CustomerRecord, SessionRecord
from session_store.whole_table.findings import Kind
from session_store.whole_table.rows import RowError, read_row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from session_store.operations.context import Context
    from session_store.storage.attribute_values import Item
    from session_store.storage.records import Record


class Checked(NamedTuple):
    """A row that was read once.

    Attributes:
        row: as it is stored.
        record: None of one in another form.
        problems: its faults by itself, with details.
    """

    row: Item
    record: Record | None
    problems: tuple[tuple[Kind, str], ...]


def check(context: Context, row: Item) -> Checked:
    """Read a row, and look for its faults."""
    try:
        record = read_row(row)
    except RowError as error:
        problem = (Kind.NO_TTL, "") if _lacks_only_its_ttl(row) else (Kind.UNREADABLE, str(error))
        return Checked(row, None, (problem,))
    return Checked(row, record, tuple(_problems(context, record, row)))


def _problems(context: Context, record: Record, row: Item) -> Iterator[tuple[Kind, str]]:
    if isinstance(record, CustomerRecord):
        if not is_trusted(context, record):
            yield Kind.FROM_THE_FUTURE, ""
    elif isinstance(record, SessionRecord | ChildRecord):
        if record.session_state is SessionState.ENDED:
            if rest := leftovers(row):
                yield Kind.LEFTOVERS, ", ".join(rest)
        elif isinstance(record, SessionRecord) and record.ttl < record.expires_at and record.is_shown(context.now()):
            yield Kind.EARLY_TTL, ""


def leftovers(item: Item) -> list[str]:
    """The attributes of an ended session's row that ending removes."""
    return [name for name in ERASED if name in item]


def readable(item: Item) -> Record | None:
    """The record of a row, None of one in another form."""
    try:
        return read_row(item)
    except RowError:
        return None


def _lacks_only_its_ttl(item: Item) -> bool:
    if schema.TTL_ATTRIBUTE in item:
        return False
    return isinstance(readable(item | {schema.TTL_ATTRIBUTE: number(0)}), SessionRecord | ChildRecord)
