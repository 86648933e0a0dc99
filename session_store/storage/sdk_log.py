"""Keeps the store's requests and replies out of the SDK's own debug log.

It quotes them whole: data, hashes, and the session token of the function's role.

A function whose log level is DEBUG has that log in CloudWatch. Nothing else of it is touched: neither what the SDK logs
about the application's own calls, nor any level.
"""

from __future__ import annotations

import logging
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_QUOTING: Final = ("botocore.auth", "botocore.endpoint", "botocore.parsers")
_UNLOGGED: Final[ContextVar[bool]] = ContextVar("session_store.unlogged", default=False)


def call_unlogged(method: Callable[..., Any], parameters: Mapping[str, Any]) -> Any:  # noqa: ANN401 - as the method's
    """Call a method of the SDK's client while the SDK logs none of what it sends and gets."""
    before = _UNLOGGED.set(True)
    try:
        return method(**parameters)
    finally:
        _UNLOGGED.reset(before)


def _is_not_ours(_record: logging.LogRecord) -> bool:
    return not _UNLOGGED.get()


for _name in _QUOTING:
    logging.getLogger(_name).addFilter(_is_not_ours)
