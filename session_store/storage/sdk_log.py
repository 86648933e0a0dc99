"""Keeps the store's requests and replies out of the SDK's own debug log.

It quotes them whole, with data, hashes, and the session token of the function's role.

A function whose log level is DEBUG has that log in CloudWatch. Nothing else of it is touched: neither what the SDK logs
about the application's own calls, nor any level.
"""

from __future__ import annotations

import logging
from contextvars import ContextVar
from typing import Final

_QUOTING: Final = ("botocore.auth", "botocore.endpoint", "botocore.parsers")
OURS: Final[ContextVar[bool]] = ContextVar("session_store.ours", default=False)
"""Set while the SDK sends a request of ours: it then logs none of what it sends and gets, and checksums are checked."""


def _is_not_ours(_record: logging.LogRecord) -> bool:
    return not OURS.get()


for _name in _QUOTING:
    logging.getLogger(_name).addFilter(_is_not_ours)
