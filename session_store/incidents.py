"""Security events and counted faults: what an operator wants to see, without any token or data in it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from session_store.log import logger
from session_store.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable


class IncidentName(StrEnum):
    """A kind of incident. The value is the metric's name."""

    TOKEN_REUSED = "TokenReused"  # noqa: S105 - a name, not a secret
    """A replaced token came back and ended its session."""
    EXTENSION_FAILED = "ExtensionFailed"
    """A validation did not extend its session, which ends early."""
    END_FAILED = "EndFailed"
    """A replaced token did not end its session. Its next use will."""
    SESSION_LIMIT_FAILED = "SessionLimitFailed"
    """A sign-in did not end the customer's oldest session."""
    UNREADABLE_ROW = "UnreadableRow"
    """A row that this version cannot read counted as ended: two versions may be running."""


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident.

    Attributes:
        session_id: the session it is about. An id is not a secret. Empty where a row's key names none.
        detail: name of the error behind it, empty when there is none.
    """

    name: IncidentName
    session_id: str
    detail: str = ""


def guarded(on_incident: Callable[[Incident], object]) -> Callable[[Incident], None]:
    """The same sink, whose errors change no outcome. Its exceptions are logged."""

    def report(incident: Incident) -> None:
        try:
            on_incident(incident)
        except Exception:  # noqa: BLE001 - it is the application's code
            logger().exception("on_incident raised, incident=%s session_id=%s", incident.name, incident.session_id)

    return report


def log_incident(incident: Incident) -> None:
    """Default sink: one warning in the logger `session_store`."""
    logger().warning("%s session_id=%s %s", incident.name, incident.session_id, incident.detail)
