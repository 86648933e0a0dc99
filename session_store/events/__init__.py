"""Lifecycle events: what consumers read, and the function that tells of sessions by the table's stream.

    from session_store.events import SessionEnded, read_event

    def handler(event, context):
        match read_event(event):
            case SessionEnded(session_id=session_id, reason=reason):
                close_connections(session_id)

A consumer needs the standard library alone. `session_store.events.handler` is the function.
"""

from session_store.events.newest import Newest
from session_store.events.types import (
    ChildSessionCreated,
    ChildSessionEnded,
    ChildSessionErased,
    ChildSessionEvent,
    ChildSessionExpired,
    SessionCreated,
    SessionEnded,
    SessionErased,
    SessionEvent,
    SessionExpired,
    read_event,
)

__all__ = [
    "ChildSessionCreated",
    "ChildSessionEnded",
    "ChildSessionErased",
    "ChildSessionEvent",
    "ChildSessionExpired",
    "Newest",
    "SessionCreated",
    "SessionEnded",
    "SessionErased",
    "SessionEvent",
    "SessionExpired",
    "read_event",
]
