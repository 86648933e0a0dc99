"""The library's logger, and what may be logged of an error."""

from __future__ import annotations

import logging
from typing import Final

LOGGER: Final = logging.getLogger("session_store")


def place_of(error: BaseException) -> str:
    """The place that raised an error. Logs have it instead of the message, which may quote session data."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "no traceback"
