"""A small CloudWatch Logs: events appear late, pages are short and may be empty, and any call may be refused."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from session_store.clock import Clock
from tests.support.sdk_replies import refusal

_PAGE = 2
_LONGEST = 1024  # pattern that AWS takes, in characters
_ABOVE_0 = re.compile(r"\(\$\.(\w+) > 0\)")


class Shown(NamedTuple):
    """An event, and the moment from which on it is shown."""

    from_moment: float
    event: dict[str, Any]


@dataclass
class LogsApi:
    """Answers FilterLogEvents.

    Attributes:
        clock: the time that it lives in.
        groups: events by log group. A group without an entry is not there.
        refusals: codes of the next calls' errors. An empty one lets a call pass.
    """

    clock: Clock
    groups: dict[str, list[Shown]] = field(default_factory=lambda: defaultdict(list))
    refusals: list[str] = field(default_factory=list)

    def put(self, group: str, message: str, *, after: float = 0, late: float = 0) -> None:
        """Let a function write a line some seconds from now, which is shown some seconds later."""
        at = self.clock.now() + after
        number = sum(map(len, self.groups.values()))
        event = {"eventId": str(number), "logStreamName": "s", "timestamp": int(at * 1000), "message": message}
        self.groups[group].append(Shown(at + late, event))

    def answer(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """A page: the first one is empty, as AWS's may be."""
        if self.refusals and (code := self.refusals.pop(0)):
            raise refusal(code)
        assert parameters["startTime"] >= 0
        if parameters["logGroupName"] not in self.groups:
            raise refusal("ResourceNotFoundException")
        shown = [each.event for each in self.groups[parameters["logGroupName"]] if each.from_moment <= self.clock.now()]
        found = [each for each in shown if each["timestamp"] >= parameters["startTime"]]
        found = [each for each in found if _fits(each["message"], parameters["filterPattern"])]
        token = parameters.get("nextToken")
        if token is None:
            return {"events": [], "nextToken": "0"}
        begin, end = int(token), int(token) + _PAGE
        page = sorted(found, key=lambda each: int(each["timestamp"]))[begin:end]
        return {"events": page, **({"nextToken": str(end)} if len(found) > end else {})}


@cache
def _fits(message: str, pattern: str) -> bool:
    """Whether a line fits a pattern, as far as this project has such: one of several numbers is above 0."""
    names = _ABOVE_0.findall(pattern)
    assert pattern == "{ " + " || ".join(f"($.{name} > 0)" for name in names) + " }"
    assert len(pattern) <= _LONGEST
    try:
        line = json.loads(message)
    except ValueError:
        return False
    found = [line.get(name) for name in names] if isinstance(line, dict) else []
    return any(isinstance(number, int) and number > 0 for number in found)
