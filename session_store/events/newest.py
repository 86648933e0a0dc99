"""Drops events that are old, or come twice, for consumers that keep what is newest of each session."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from session_store.errors import InvalidInputError

if TYPE_CHECKING:
    from session_store.events.types import SessionEvent

_SESSIONS: Final = 10_000


class Newest:
    """Knows the newest event of each session, and of each child session, that this process has dealt with.

        newest = Newest()

        def handler(event, context):
            told = read_event(event)
            if newest.is_new(told):
                react(told)
                newest.remember(told)  # not before it is done: after a failure the event comes again

    Processes share nothing. Consumers that run in several keep `SessionEvent.order` where they keep the session, and
    write on condition that it is lower. Not safe to share between threads.

    Args:
        sessions: how many are known, 1 or more. Beyond that those are forgotten that had no event for the longest time.

    Raises:
        InvalidInputError: the number is below 1.
    """

    def __init__(self, sessions: int = _SESSIONS) -> None:
        if isinstance(sessions, bool) or not isinstance(sessions, int) or sessions < 1:
            raise InvalidInputError("sessions", "must be a whole number from 1", value=sessions)
        self._sessions = sessions
        self._numbers: OrderedDict[tuple[str, str | None], int] = OrderedDict()

    def is_new(self, event: SessionEvent) -> bool:
        """Whether it is later than all that were remembered of its session."""
        return event.sequence_number > self._numbers.get(_key(event), -1)

    def remember(self, event: SessionEvent) -> None:
        """Note that an event is dealt with."""
        key = _key(event)
        self._numbers[key] = max(event.sequence_number, self._numbers.get(key, -1))
        self._numbers.move_to_end(key)
        if len(self._numbers) > self._sessions:
            self._numbers.popitem(last=False)


def _key(event: SessionEvent) -> tuple[str, str | None]:
    return event.session_id, event.child_session_id
