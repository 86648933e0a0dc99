"""The event bus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from session_store.events.bus import MAX_ENTRIES, entry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from session_store.events.types import SessionEvent


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
    for begin in range(0, len(events), MAX_ENTRIES):
        entries = [entry(event, event_bus) for event in events[begin : begin + MAX_ENTRIES]]
        replies += client.put_events(Entries=entries)["Entries"]
    return [None if "EventId" in reply else f"the event bus refused it, {reply.get('ErrorCode')}" for reply in replies]
