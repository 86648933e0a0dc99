"""A client for every store that makes its own: for stores in memory."""

from __future__ import annotations

from typing import Any, Final

_clients: Final[list[Any]] = []


def replace_clients(client: object) -> None:
    """Let every store that makes its own client get this one until `restore_clients`."""
    _clients.append(client)


def restore_clients() -> None:
    """Undo the last `replace_clients`."""
    _clients.pop()


def replacement() -> Any:  # noqa: ANN401 - as it was given
    """The client that was given last, None for none."""
    return _clients[-1] if _clients else None
