"""The library's logger, and what may be logged of an error."""

from __future__ import annotations

import logging
from typing import Final

LOGGER: Final = logging.getLogger("session_store")


def place_of(error: BaseException) -> str:
    """Where an error was raised, to be logged in place of a message that may quote what was worked on."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "no traceback"
