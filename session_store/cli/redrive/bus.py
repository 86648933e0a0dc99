"""The event bus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from session_store.events import entry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from session_store.events import SessionEvent

_MOST_AT_ONCE: Final = 10  # of EventBridge


def send(client: Any, event_bus: str, events: Sequence[SessionEvent]) -> list[str | None]:  # noqa: ANN401 - made at run time
    """Put events on the bus.

    Args:
        client: of EventBridge.
        event_bus: the bus's name or ARN.
        events: the events.

    Returns:
        For each event None when the bus has accepted it, else why not.
    """
    replies: list[dict[str, Any]] = []
    for begin in range(0, len(events), _MOST_AT_ONCE):
        entries = [entry(event, event_bus) for event in events[begin : begin + _MOST_AT_ONCE]]
        replies += client.put_events(Entries=entries)["Entries"]
    return [None if "EventId" in reply else f"the event bus refused it, {reply.get('ErrorCode')}" for reply in replies]
