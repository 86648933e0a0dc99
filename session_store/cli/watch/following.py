"""New events of log groups, by polling: none twice, none lost at the end of a page or because it comes late.

FilterLogEvents is polled. A live tail costs money by the minute, ends after three hours, cannot begin in the past, and
leaves out events above 500 a second.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from session_store.aws.advice import advice_for
from session_store.cli.exits import is_of_the_sdk, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from session_store.clock import Clock

_PAUSE: Final = 2.0
# AWS allows an account a few requests a second, for all callers: most of them are left to others.
_SECONDS_PER_GROUP: Final = 0.4
_LONGEST_WAIT: Final = 30.0
# CloudWatch shows most events within seconds. Each round looks back a minute, every tenth one ten of them.
_OVERLAP: Final = 60.0
_LATEST: Final = 600.0
_ROUNDS_TO_LATEST: Final = 10
_GONE: Final = "ResourceNotFoundException"


class Event(NamedTuple):
    """An event of a log group.

    Attributes:
        group: the log group's name.
        at: when the function wrote it, in milliseconds since 1970.
        message: the line.
    """

    group: str
    at: int
    message: str


@dataclass
class _Group:
    """How far a log group has been read.

    Attributes:
        name: its name.
        reached: the beginning of the last round that read it to its end, in seconds since 1970.
        seen: the events that a later round may find again, by stream and id, with their times.
        gone: whether there is no such log group now.
    """

    name: str
    reached: float
    seen: dict[tuple[str, str], int] = field(default_factory=dict)
    gone: bool = False


class Following:
    """Follows log groups.

    Args:
        client: of CloudWatch Logs. It should not try again by itself.
        groups: the names of the log groups.
        begin: how far back, in seconds since 1970.
        until: the last round begins then. None: there is none.
        pattern: a filter pattern. An emulator may ignore it.
        clock: tells the time, and waits.
    """

    def __init__(
        self,
        client: Any,  # noqa: ANN401 - made at run time
        groups: Iterable[str],
        *,
        begin: float,
        until: float | None,
        pattern: str,
        clock: Clock,
    ) -> None:
        self._client = client
        self._groups = [_Group(name, begin) for name in groups]
        self._begin = begin
        self._pattern = pattern
        self._until = until
        self._clock = clock

    @property
    def gone(self) -> list[str]:
        """The log groups that are not there now."""
        return [group.name for group in self._groups if group.gone]

    def events(self) -> Iterator[Event]:
        """The new events of all groups, each round's in the order of their times. Throttling is waited out.

        Raises:
            BotoCoreError, ClientError: not permitted, or AWS does not answer until the end.
        """
        number = 0
        while True:
            began = self._clock.now()
            back = _OVERLAP if number % _ROUNDS_TO_LATEST else _LATEST
            yield from heapq.merge(*(self._new(group, back) for group in self._groups), key=lambda event: event.at)
            now = self._clock.now()
            if self._until is not None and now >= self._until:
                return
            pause = max(_PAUSE, _SECONDS_PER_GROUP * len(self._groups)) - (now - began)
            self._clock.sleep(max(0.0, pause if self._until is None else min(pause, self._until - now)))
            number += 1

    def _new(self, group: _Group, back: float) -> Iterator[Event]:
        """The lines of a group that were not seen yet. Those that no later round finds again are not kept."""
        began = self._clock.now()
        oldest = _milliseconds(began - _LATEST)
        for each in self._events(group, _milliseconds(max(self._begin, group.reached - back))):
            at = each["timestamp"]
            # An emulator may leave out the id. No two lines about requests are the same.
            key = (each["logStreamName"], each.get("eventId") or f"{at} {each['message']}")
            if key not in group.seen:
                if at >= oldest:
                    group.seen[key] = at
                yield Event(group.name, at, each["message"])
        if not group.gone:
            group.reached = began
            group.seen = {key: at for key, at in group.seen.items() if at >= oldest}

    def _events(self, group: _Group, start: int) -> Iterator[dict[str, Any]]:
        """All events since a time. A page may be empty, and not be the last one."""
        asked = {"logGroupName": group.name, "startTime": start, "filterPattern": self._pattern}
        token = None
        while True:
            page = self._page(group, asked | ({"nextToken": token} if token else {}))
            yield from page.get("events", ())
            token = page.get("nextToken")
            if not token:
                return

    def _page(self, group: _Group, asked: dict[str, Any]) -> dict[str, Any]:
        """A page, also after AWS could not give it for a while. An empty one of a group that is gone."""
        wait = 1.0
        while True:
            try:
                page: dict[str, Any] = self._client.filter_log_events(**asked)
            except Exception as error:
                if _is_gone(error):
                    self._note(group, gone=True)
                    return {}
                if not self._may_wait(error):
                    raise
                if wait == 1.0:
                    say(f"Waiting, and nothing is lost: {advice_for(error).meaning}")
                self._clock.sleep(wait)
                wait = min(2 * wait, _LONGEST_WAIT)
            else:
                self._note(group, gone=False)
                return page

    def _may_wait(self, error: Exception) -> bool:
        in_time = self._until is None or self._clock.now() < self._until
        return in_time and is_of_the_sdk(error) and advice_for(error).temporary

    def _note(self, group: _Group, *, gone: bool) -> None:
        if gone != group.gone:
            group.gone = gone
            say(f"The log group {group.name} is {'not there. It is looked for again' if gone else 'there again'}.")


def _milliseconds(seconds: float) -> int:
    return int(seconds * 1000)


def _is_gone(error: Exception) -> bool:
    return is_of_the_sdk(error) and advice_for(error).code == _GONE
