"""Sample data: sessions of a file as if their customers had just come back.

The tokens are new and thrown away. Those of published samples can be worked out, and would open the sessions. Rows of
the published schema for session management, which lack most attributes, become rows of this one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from session_store.model import SessionState, Timeouts
from session_store.operations import customer_row
from session_store.settings import DEFAULT_SETTINGS
from session_store.storage import schema
from session_store.storage.changes import ConditionFailedError
from session_store.storage.document import NO_DATA
from session_store.storage.items import row_key
from session_store.storage.records import ChildRecord, SessionRecord, TokenRecord
from session_store.tokens import Token, is_session_id, new_rotation_key
from session_store.whole_table.rows import RowError, read_row
from session_store.whole_table.sample_files import read_samples

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from session_store.operations.context import Context
    from session_store.settings import SessionSettings
    from session_store.storage.attribute_values import Item
    from session_store.whole_table.table import Table

# Of rows that do not say: long enough to come back to after a break.
_TIMEOUTS: Final = Timeouts(idle=timedelta(days=7), absolute=timedelta(days=30))
_ID_BITS: Final = 66  # of an id that are neither time, version and variant, nor the home byte


@dataclass
class Samples:
    """The outcome.

    Attributes:
        created: sessions and child sessions that were created.
        there: those that the table had already.
        left_out: rows of other kinds, and ended sessions.
        broken: rows that cannot be read.
    """

    created: int = 0
    there: int = 0
    left_out: int = 0
    broken: int = 0


class _Collection(NamedTuple):
    """A session with its children."""

    root: SessionRecord
    children: list[ChildRecord]


def import_samples(
    table: Table,
    path: Path,
    settings: SessionSettings = DEFAULT_SETTINGS,
    *,
    on_problem: Callable[[int, str], object] = lambda _number, _problem: None,
) -> Samples:
    """Create the sessions of a file, with their children and customers. It changes no row that is there.

    Args:
        table: to create them in.
        path: of the file, see `read_samples`.
        settings: of the table's sessions: how long rows are kept.
        on_problem: called with the number of each row that is skipped, and why.

    Raises:
        InvalidInputError: the file is none of NoSQL Workbench's.
        OSError: it cannot be read.
        StoreUnavailableError: a fault lasted.
        StoreConfigurationError: table, permission, credentials or region are not right.
    """
    context, result = table.context(settings), Samples()

    def skip(number: int, problem: str) -> None:
        result.broken += 1
        on_problem(number, problem)

    for collection in _collections(context, path, result, skip):
        _create(context, collection, result)
    return result


def _collections(context: Context, path: Path, result: Samples, skip: Callable[[int, str], None]) -> list[_Collection]:
    found: dict[str, _Collection] = {}
    children: list[tuple[int, Item]] = []
    for number, row in read_samples(path):
        try:
            if isinstance(row, RowError):
                raise row
            if row_key(row).sort_key.startswith(schema.CHILDREN_SORT_KEYS):
                children.append((number, row))
            elif record := _session(context, row):
                found[row_key(row).partition_key] = _Collection(record, [])
            else:
                result.left_out += 1
        except ValueError as error:
            skip(number, str(error))
    for number, row in children:  # their roots may come later in the file
        try:
            _add_child(found.get(row_key(row).partition_key), row)
        except ValueError as error:
            skip(number, str(error))
    return list(found.values())


def _add_child(collection: _Collection | None, row: Item) -> None:
    if collection is None:
        raise RowError("a child session without its root")
    collection.children.append(_child(collection.root, row))


def _session(context: Context, row: Item) -> SessionRecord | None:
    """The session of a row, from now on. None of another kind of row, and of an ended session."""
    if "entity_type" in row:
        record = read_row(row)
        if not isinstance(record, SessionRecord) or record.session_state is SessionState.ENDED:
            return None
    else:
        record = _published(row)
    now = context.now()
    later = now - record.last_seen_at
    expires_at = record.expires_at + later
    return record._replace(
        last_seen_at=now,
        expires_at=expires_at,
        absolute_expires_at=record.absolute_expires_at + later,
        ttl=context.kept_until(expires_at),
        collection_until=None,
        child_mark=None,
        earlier_write_ids=(),
        token=_token(record.session_id),
    )


def _child(root: SessionRecord, row: Item) -> ChildRecord:
    if "entity_type" in row:
        record = read_row(row)
        if not isinstance(record, ChildRecord):
            raise RowError("its key is a child session's, and its entity_type is not")
    else:
        record = _published_child(root, row)
    return record._replace(
        absolute_expires_at=root.absolute_expires_at,
        child_mark=None,
        write_id=b"",
        token=_token(root.session_id, record.child_session_id),
    )


def _create(context: Context, collection: _Collection, result: Samples) -> None:
    root = collection.root
    until = context.kept_until(root.absolute_expires_at)
    if collection.children:
        root = root._replace(ttl=until, collection_until=until)
    if root.customer_id is not None:
        end = root.absolute_expires_at
        fresh = customer_row.fresh(context, root.customer_id, end)
        customer = customer_row.for_sign_in(context, context.storage.rows(), fresh, end)
        root = root._replace(generation=customer.generation, customer_row=customer.row_id)
    records: list[SessionRecord | ChildRecord] = [root]
    records += (child._replace(ttl=until) for child in collection.children)
    for record in records:
        try:
            context.storage.rows().transact(record)
        except ConditionFailedError:
            result.there += 1
        else:
            result.created += 1


# Rows of the published schema


def _published(row: Item) -> SessionRecord:
    key = row_key(row)
    customer_id = _customer_of(key.sort_key)
    name = schema.session_id_of(key.partition_key)
    login = _moment(row)
    idle, absolute = (int(timeout.total_seconds()) for timeout in (_TIMEOUTS.idle, _TIMEOUTS.absolute))
    return SessionRecord(
        session_id=_id(name, login),
        customer_id=customer_id,
        session_state=_state(row),
        data=NO_DATA,
        version=1,
        generation=0,
        created_at=login,
        last_login_time=login,
        last_seen_at=login,
        idle_timeout=idle,
        expires_at=login + idle,
        absolute_expires_at=login + absolute,
        ttl=0,
        client=None,
        write_id=b"",
        token=TokenRecord(),
    )


def _published_child(root: SessionRecord, row: Item) -> ChildRecord:
    name = schema.child_session_id_of(row_key(row).sort_key)
    return ChildRecord(
        session_id=root.session_id,
        child_session_id=_id(name, root.created_at),
        customer_id=root.customer_id,
        session_state=_state(row),
        data=NO_DATA,
        version=1,
        created_at=root.created_at,
        last_login_time=root.last_login_time,
        absolute_expires_at=root.absolute_expires_at,
        ttl=0,
        token=TokenRecord(),
    )


def _customer_of(sort_key: str) -> str:
    begin = schema.customer_sort_key("")
    if not sort_key.startswith(begin) or sort_key == begin:
        raise RowError("its key is neither a session's nor a child session's")
    return sort_key.removeprefix(begin)


def _moment(row: Item) -> int:
    text = row.get("last_login_time", {}).get("S", "")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise RowError("last_login_time is no moment like 2023-05-12T11:30:00") from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def _state(row: Item) -> SessionState:
    try:
        return SessionState(row.get("session_state", {}).get("S", ""))
    except ValueError:
        raise RowError("session_state is none of active, closing and ended") from None


def _id(name: str, moment: int) -> str:
    """The id of a sample: its own, or one made from its name and time, so that it is the same each time."""
    if is_session_id(name):
        return name
    random = int.from_bytes(hashlib.sha256(name.encode()).digest()) & (1 << _ID_BITS) - 1
    variant = f"{0x8 | random >> 64:x}00{random & (1 << 52) - 1:013x}"
    digits = f"{moment * 1000:012x}7{random >> 52 & 0xFFF:03x}{variant}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _token(session_id: str, child_session_id: str | None = None) -> TokenRecord:
    token = Token.new(session_id, child_session_id)
    return TokenRecord(token.family_hash, new_rotation_key(), token.token_hash)
