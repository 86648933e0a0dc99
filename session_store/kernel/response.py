"""Answers: the model as JSON, and as responses of HTTP. No hash is ever part of one."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from session_store.clock import utc_text
from session_store.values import dataclass, field, fields_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from session_store.model import ChildSession, Session

JSON: Final = "application/json"
# Lambda hands on at most 6 MB. The body travels as a string in JSON: its escaping doubles the length at most.
MAX_ANSWER_CHARACTERS: Final = 2_900_000
_NO_CONTENT: Final = 204
_SPARE_CHARACTERS: Final = 1000  # for what surrounds a page's sessions


class AnswerTooLargeError(Exception):
    """The answer would not fit through Lambda."""


@dataclass(frozen=True, slots=True)
class Response:
    """A response in HTTP's own terms, for an adapter to send.

    Attributes:
        headers: names and values in order. A name may stand several times (`Set-Cookie`).
        body: text, None for no body.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of a handler of the HTTP APIs. Without a body it is 204.

    Attributes:
        cookies: values of `Set-Cookie`, one per cookie.
    """

    status: int = _NO_CONTENT
    body: Mapping[str, Any] | None = None
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: tuple[str, ...] = ()

    def response(self) -> Response:
        """The answer as a response that no browser mistakes, and that no cache stores unless its headers say so.

        Raises:
            AnswerTooLargeError: it is over `MAX_ANSWER_CHARACTERS`.
        """
        headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"} | dict(self.headers)
        fields = list(headers.items())
        text = None
        if self.body is not None:
            fields.append(("Content-Type", self.content_type))
            text = _to_text(self.body)
            if len(text) > MAX_ANSWER_CHARACTERS:
                raise AnswerTooLargeError
        fields += [("Set-Cookie", cookie) for cookie in self.cookies]
        return Response(self.status, tuple(fields), text)


def session_json(session: Session | ChildSession) -> dict[str, Any]:
    """A session, or a child session, under the model's names. Times RFC 3339 in UTC."""
    return {name: _json(getattr(session, name)) for name in shown_attributes(type(session))}


def shown_attributes(shape: type[Session | ChildSession]) -> tuple[str, ...]:
    """The attributes that clients see. One that takes no part in comparing sessions is the library's own."""
    return tuple(name for name, each in fields_of(shape).items() if each.compare)


def page_json(name: str, sessions: Sequence[Session | ChildSession], cursor: str | None) -> dict[str, Any]:
    """A page of sessions under its name, with its cursor. Cut short where the answer would be too large for Lambda."""
    page: list[dict[str, Any]] = []
    room = MAX_ANSWER_CHARACTERS - _SPARE_CHARACTERS
    for session in sessions:
        shown = session_json(session)
        room -= len(_to_text(shown)) + 1
        if room < 0:
            last = page[-1]
            cursor = last.get("child_session_id", last["session_id"])
            break
        page.append(shown)
    return {name: page, "cursor": cursor}


def time_json(moment: datetime | None) -> str | None:
    """A UTC time as RFC 3339 with `Z`, or None."""
    return None if moment is None else utc_text(moment, "seconds")


def _json(value: Any) -> Any:  # noqa: ANN401 - any attribute of a session
    return time_json(value) if isinstance(value, datetime) else value


def _to_text(body: Mapping[str, Any]) -> str:
    return json.dumps(body, separators=(",", ":"))
