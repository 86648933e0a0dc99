"""Security events and counted faults: what an operator wants to see, without any token or data in it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

LOGGER: Final = logging.getLogger("session_store")


class EventName(StrEnum):
    """What happened. The value is the metric's name."""

    TOKEN_REUSED = "TokenReused"  # noqa: S105 - a name, not a secret
    REFRESH_FAILED = "RefreshFailed"
    SESSION_LIMIT_FAILED = "SessionLimitFailed"


@dataclass(frozen=True, slots=True)
class Event:
    """One event.

    Attributes:
        session_id: the session it is about; an id is not a secret.
        detail: name of the error behind it, empty when there is none.
    """

    name: EventName
    session_id: str
    detail: str = ""


def log_event(event: Event) -> None:
    """Default sink: one warning in the logger `session_store`."""
    LOGGER.warning("%s session_id=%s %s", event.name, event.session_id, event.detail)


def place_of(error: BaseException) -> str:
    """Where an error was raised, to be logged in place of a message that may quote what was worked on."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "no traceback"
