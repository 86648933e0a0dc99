"""The happenings in a line that a function has written about a request."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from session_store.catalog.metrics import DIMENSION, Metric
from session_store.clock import utc_text
from session_store.errors import conceal_tokens
from session_store.incidents import IncidentName
from session_store.model import EndReason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from session_store.cli.watch.following import Event


class What(StrEnum):
    """The kinds of happenings."""

    STARTED = "started"
    ENDED = "ended"
    THEFT = "theft"
    REFUSED = "refused"
    FAULT = "fault"


class Happening(NamedTuple):
    """One of them. Values that the line does not say are None.

    Attributes:
        time: when the function wrote the line, ISO 8601 in UTC.
        what: its kind.
        reason: in words, empty for none.
        number: how many, for instance of sessions that ended.
        route: method and path of the request.
        session_id: the session that the request was about.
        outcome: the end of the request.
        status: of the response.
        milliseconds: that the request took.
        request_id: of the request.
        function: the function, where it alone writes to its log group.
    """

    time: str
    what: What
    reason: str
    number: int
    route: str | None
    session_id: str | None
    outcome: str | None
    status: int | None
    milliseconds: float | None
    request_id: str | None
    function: str | None


_SAID: Final = ("route", "session_id", "outcome", "status", "milliseconds", "request_id")


class _Counted(NamedTuple):
    """The meaning of a metric."""

    what: What
    reason: str = ""


_MEANINGS: Final[Mapping[str, _Counted]] = {
    Metric.CREATED: _Counted(What.STARTED),
    Metric.CHILD_CREATED: _Counted(What.STARTED, "child session"),
    Metric.CHILD_ENDED: _Counted(What.ENDED, "child session"),
    **{
        Metric.of_end(reason): _Counted(What.ENDED, reason.replace("_", " "))
        for reason in EndReason
        if reason is not EndReason.THEFT
    },
    IncidentName.TOKEN_REUSED: _Counted(What.THEFT, "a replaced token came back"),
}
_MORE: Final[Mapping[str, _Counted]] = {
    Metric.VALIDATION_REFUSED: _Counted(What.REFUSED),
    **{
        name: _Counted(What.FAULT, name.value)
        for name in (
            *(Metric.THROTTLED, Metric.UNAVAILABLE, Metric.FAILED, Metric.TRANSPORT_LEFT),
            *(name for name in IncidentName if name is not IncidentName.TOKEN_REUSED),
        )
    },
}


def pattern(*, every: bool) -> str:
    """The filter pattern for the lines that matter, which CloudWatch applies before it sends them.

    Args:
        every: also refused validations and faults.
    """
    return "{ " + " || ".join(f"($.{name} > 0)" for name in _meanings(every=every)) + " }"


def happenings_in(event: Event, *, table: str, function: str | None, every: bool) -> Iterator[Happening]:
    """The happenings in an event. One that is no line about a request to the table has none.

    Args:
        event: of a function's log.
        table: the table's name.
        function: the function's.
        every: also refused validations and faults.
    """
    line = _line(event.message)
    if str(line.get(DIMENSION)).rpartition("/")[2] != table:
        return
    said = {name: line.get(name) for name in _SAID}
    for name, (what, reason) in _meanings(every=every).items():
        number = line.get(name)
        is_told = what is What.REFUSED and IncidentName.TOKEN_REUSED in line  # of the same token, as a theft
        if isinstance(number, int) and number > 0 and not is_told:
            yield Happening(_time(event.at), what, _reason(what, reason, line), number, **said, function=function)


def _meanings(*, every: bool) -> Mapping[str, _Counted]:
    return {**_MEANINGS, **_MORE} if every else _MEANINGS


def _line(message: str) -> dict[str, Any]:
    """The line, empty where it is something else: functions log other things as well."""
    try:
        line = json.loads(conceal_tokens(message))
    except (ValueError, RecursionError):
        return {}
    return line if isinstance(line, dict) else {}


def _time(milliseconds: int) -> str:
    return utc_text(datetime.fromtimestamp(milliseconds / 1000, UTC), "milliseconds")


def _reason(what: What, reason: str, line: Mapping[str, Any]) -> str:
    more = {What.REFUSED: ("refusal",), What.FAULT: ("error", "detail", "cause")}.get(what, ())
    texts = (str(line[name]).replace("_", " ") for name in more if line.get(name))
    return ": ".join(filter(None, (reason, *texts)))
