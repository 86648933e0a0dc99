"""A store on tables in memory."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from itertools import chain, count
from typing import TYPE_CHECKING, Final

from session_store.errors import InvalidInputError
from session_store.settings import DEFAULT_SETTINGS
from session_store.store import SessionStore
from session_store.testing.clock import MovableClock
from session_store.testing.memory_engine import MemoryClient
from session_store.testing.table import create_table
from session_store.transport.replaced import replace_clients, restore_clients

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from session_store.settings import SessionSettings

DEFAULT_TABLE_NAME: Final = "sessions"
# One for the process: a store that is made in one block works in a later one, if that has its table.
_CLIENT: Final = MemoryClient()
_NAMING: Final = threading.Lock()


@contextmanager
def in_memory_store(
    *,
    clock: MovableClock | None = None,
    table_name: str | None = None,
    settings: SessionSettings = DEFAULT_SETTINGS,
) -> Iterator[SessionStore]:
    """A store on a table in memory, empty at the start and gone at the end.

    Within the block every store of this process that makes its own client is in memory too:
    `SessionStore(table_name)` and `SessionStore.from_environment()` find the tables of the blocks around them, and
    nothing else. No call leaves the process, and no AWS credentials, region or profile are needed. Blocks may stand
    inside one another. Each has a table of its own.

    Args:
        clock: the time that the store lives in. A new `MovableClock` by default.
        table_name: by default `sessions`, or while another block has that, the first of `sessions-2`, ... that is free.
        settings: the rules of its sessions.

    Yields:
        The store. Several threads may use it.

    Raises:
        InvalidInputError: an argument is something else, or another block has a table of that name.
    """
    with _NAMING:
        name = table_name or free_name(_CLIENT.tables)
        if name in _CLIENT.tables:
            raise InvalidInputError("table_name", "is the name of a table of another block", value=name)
        store = SessionStore(name, dynamodb_client=_CLIENT, clock=clock or MovableClock(), settings=settings)
        create_table(_CLIENT, name)
    replace_clients(_CLIENT)
    try:
        yield store
    finally:
        restore_clients()
        _CLIENT.tables.pop(name, None)


def free_name(taken: Container[str]) -> str:
    """The default name of a table, or a variant of it that is free."""
    names = chain([DEFAULT_TABLE_NAME], (f"{DEFAULT_TABLE_NAME}-{number}" for number in count(2)))
    return next(name for name in names if name not in taken)
