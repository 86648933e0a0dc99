"""The library's logger, and what may be logged of an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from logging import Logger


def logger() -> Logger:
    """The logger `session_store`. To load `logging` takes 5 ms, which only those pay who have something to say."""
    import logging  # noqa: PLC0415

    return logging.getLogger("session_store")


def place_of(error: BaseException) -> str:
    """The place that raised an error. Logs have it instead of the message, which may quote session data."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "no traceback"
