"""The events: one class for the detail of each, from JSON and to JSON. They need the standard library alone."""

from __future__ import annotations

from dataclasses import MISSING, Field, dataclass, field, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple

from session_store.clock import utc_text
from session_store.errors import InvalidInputError
from session_store.model import EndReason

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SOURCE: Final = "session-store"
"""The source of every event on the bus."""
ORDER_DIGITS: Final = 40  # the longest sequence number of a stream


@dataclass(frozen=True, kw_only=True)
class SessionEvent:
    """Something that happened to a session, or to a child session. EventBridge brings it at least once, in any order.

    Attributes:
        session_id: the session. Of a child session its root.
        child_session_id: the child session, None in an event of the session itself.
        version: the session's version at that moment. 0 where the row could not be read.
        sequence_number: from the table's stream. Of two events of one session the later one has the higher number.
        time: when it happened, UTC.
    """

    type: ClassVar[str] = ""
    session_id: str
    child_session_id: str | None = None
    version: int
    sequence_number: int
    time: datetime

    @property
    def order(self) -> str:
        """The sequence number in 40 digits, for stores that compare it as text: DynamoDB's numbers have 38 at most."""
        return f"{self.sequence_number:0{ORDER_DIGITS}}"


@dataclass(frozen=True, kw_only=True)
class Created(SessionEvent):
    """A session, or child session, that started.

    Attributes:
        customer_id: whose it is. None, and in JSON left out, for a visitor's.
    """

    customer_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Ended(SessionEvent):
    """A session, or child session, that was ended. Its children end with a session, without an event of their own.

    Attributes:
        customer_id: whose it is. None, and in JSON left out, for a visitor's.
        reason: why. A text where a newer version has a reason that this one does not know.
    """

    customer_id: str | None = None
    reason: EndReason | str


@dataclass(frozen=True, kw_only=True)
class Expired(SessionEvent):
    """A session, or child session, that ran out. It comes days after the moment, once TTL has removed the row.

    Attributes:
        customer_id: whose it is. None, and in JSON left out, for a visitor's.
        expired_at: the moment, UTC. A child session may have ended before it, with its session.
    """

    customer_id: str | None = None
    expired_at: datetime


@dataclass(frozen=True, kw_only=True)
class Erased(SessionEvent):
    """A row that was deleted, with the customer's or by an operator. Nothing says whose it was."""


@dataclass(frozen=True, kw_only=True)
class ChildSessionEvent(SessionEvent):
    """Something that happened to a child session. As a base it comes first: the other one has the id as an option."""

    child_session_id: str = field()  # without it the option's default would be this one's, too


@dataclass(frozen=True, kw_only=True)
class SessionCreated(Created):
    """A session started."""

    type = "session.created"


@dataclass(frozen=True, kw_only=True)
class SessionEnded(Ended):
    """A session was ended."""

    type = "session.ended"


@dataclass(frozen=True, kw_only=True)
class SessionExpired(Expired):
    """A session ran out, and TTL has removed its row."""

    type = "session.expired"


@dataclass(frozen=True, kw_only=True)
class SessionErased(Erased):
    """A session's row was deleted."""

    type = "session.erased"


@dataclass(frozen=True, kw_only=True)
class ChildSessionCreated(ChildSessionEvent, Created):
    """A child session started."""

    type = "child_session.created"


@dataclass(frozen=True, kw_only=True)
class ChildSessionEnded(ChildSessionEvent, Ended):
    """A child session was ended by itself."""

    type = "child_session.ended"


@dataclass(frozen=True, kw_only=True)
class ChildSessionExpired(ChildSessionEvent, Expired):
    """A child session ran out, and TTL has removed its row."""

    type = "child_session.expired"


@dataclass(frozen=True, kw_only=True)
class ChildSessionErased(ChildSessionEvent, Erased):
    """A child session's row was deleted."""

    type = "child_session.erased"


EVENTS: Final[Mapping[str, type[Any]]] = {
    kind.type: kind
    for kind in (
        SessionCreated,
        SessionEnded,
        SessionExpired,
        SessionErased,
        ChildSessionCreated,
        ChildSessionEnded,
        ChildSessionExpired,
        ChildSessionErased,
    )
}
"""The classes by the detail-type of their events."""


def read_event(event: Mapping[str, Any]) -> SessionEvent:
    """The event that EventBridge hands to a target, for instance to a Lambda function.

    Fields that this version does not know are left out.

    Raises:
        InvalidInputError: it is no event of a session store, or one that this version does not know.
    """
    source, name, detail = (event.get(each) for each in ("source", "detail-type", "detail"))
    kind = EVENTS.get(str(name))
    if source != SOURCE or kind is None:
        problem = f"must be of the source {SOURCE} and one of the types {', '.join(EVENTS)}"
        raise InvalidInputError("event", problem, value=f"{source} {name}")
    given = detail if isinstance(detail, dict) else {}
    wanted = [each for each in fields(kind) if each.name in given or each.default is MISSING]
    read: SessionEvent = kind(**{each.name: _read(each, given) for each in wanted})
    return read


def detail_of(event: SessionEvent) -> dict[str, Any]:
    """An event as JSON. A None is left out."""
    values = {each.name: getattr(event, each.name) for each in fields(event)}
    return {name: _JSON[name].write(value) for name, value in values.items() if value is not None}


def _read(wanted: Field[Any], detail: Mapping[str, Any]) -> object:
    try:
        return _JSON[wanted.name].read(detail[wanted.name])
    except (LookupError, TypeError, ValueError):
        problem = f"must be {_JSON[wanted.name].form}"
        raise InvalidInputError(f"event.detail.{wanted.name}", problem, confidential=True) from None


class _Json(NamedTuple):
    """A field in JSON."""

    form: str
    read: Callable[[Any], object]
    write: Callable[[Any], object]


def _text(value: str) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError
    return value


def _number(value: int) -> int:
    if type(value) is not int:
        raise TypeError
    return value


def _digits(value: str) -> int:
    text = _text(value)
    if not (text.isascii() and text.isdecimal() and len(text) <= ORDER_DIGITS):
        raise ValueError
    return int(value)


def _moment(value: str) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.utcoffset() is None:
        raise ValueError
    return moment.astimezone(UTC)


def _reason(value: str) -> EndReason | str:
    return EndReason(value) if value in set(EndReason) else _text(value)


_ID: Final = _Json("a string", _text, str)
_MOMENT: Final = _Json("a time in RFC 3339", _moment, utc_text)
_JSON: Final[Mapping[str, _Json]] = {
    "session_id": _ID,
    "child_session_id": _ID,
    "customer_id": _ID,
    "version": _Json("a whole number", _number, int),
    "sequence_number": _Json("a string of digits", _digits, str),
    "time": _MOMENT,
    "reason": _Json("a string", _reason, str),
    "expired_at": _MOMENT,
}
