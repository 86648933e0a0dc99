"""Checks of arguments, before any call to AWS. Each returns what it was given, ready to use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar, cast

from session_store import tokens
from session_store.data.weights import MAX_CONTENT_BYTES
from session_store.errors import InvalidInputError, holds_token
from session_store.model import MAX_ABSOLUTE_TIMEOUT, EndReason, Session, Timeouts, check_whole_seconds
from session_store.storage import schema

if TYPE_CHECKING:
    from collections.abc import Collection

    from session_store.data.types import JSONObject
    from session_store.storage.records import SessionRecord

MAX_ID_CHARACTERS: Final = 128
MAX_CUSTOMER_ID_CHARACTERS: Final = 512
MAX_CUSTOMER_ID_BYTES: Final = 1000  # in UTF-8: with what a key has before it, it fits the 1,024 bytes of a sort key
MAX_CLIENT_CHARACTERS: Final = 512
MAX_LIMIT: Final = 100
# A key of a session's data that belongs to the library: how the user authenticated with a provider.
AUTHENTICATION_KEY: Final = "$authentication"
# Control characters, line separators, and marks that turn the direction of text (Unicode's Bidi_Control): with them an
# id looks like another one, or like a further line, wherever it is shown. As a class of regular expressions has them.
UNFIT_CHARACTERS: Final = r"\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
_UNFIT: Final = f"[{UNFIT_CHARACTERS}]"
MAX_ENDED: Final = 1000
END_REASONS: Final = tuple(reason.value for reason in EndReason)
_TABLE_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,255}|arn:[\w.:/-]{1,1020}")
ENDING_CURSOR_PATTERN: Final = rf"([0-9]{{1,16}})\.([0-9a-f]*)\.({tokens.ID_PATTERN})"
_IDEMPOTENCY_KEY: Final = "[ -~]{1,255}"
_WRONG_CURSOR: Final = "is not one of this list's cursors"
_T = TypeVar("_T")


class Reference(NamedTuple):
    """Which session an operation is about: its id, its customer if known, and its row if it was read before."""

    session_id: str
    customer_id: str | None = None
    record: SessionRecord | None = None


class Cursor(NamedTuple):
    """How far an end-all or an erasure got.

    Attributes:
        generation: the one that the end-all raised. For an erasure, when it began.
        row_id: of the customer's row that it raised it in, as hexadecimal digits, empty when there was none.
        session_id: the last session that is done.
    """

    generation: int
    row_id: str
    session_id: str

    def __str__(self) -> str:
        return f"{self.generation}.{self.row_id}.{self.session_id}"


def check_reference(session: Session | str, customer_id: str | None = None) -> Reference:
    """A session given as an object that was read before, or as an id. With or without its customer.

    Another customer's session, given as an object, is looked for under the given customer, and so not found.
    """
    check_optional_customer_id(customer_id)
    if not isinstance(session, Session):
        return Reference(check_id("session_id", session), customer_id)
    if customer_id in {None, session.customer_id}:
        return Reference(session.session_id, session.customer_id, cast("SessionRecord | None", session.snapshot))
    return Reference(session.session_id, customer_id)


def check_replaced(value: Session | str | None) -> Session | str | None:
    """A session to replace, or a token. An unknown token is not an error here. It is checked later."""
    if value is not None and not isinstance(value, Session | str):
        raise InvalidInputError("replaces", "must be a token, a string, or a Session", confidential=True)
    return value


def check_audience(value: str | None, *, child: bool) -> str | None:
    """The application that a child's token is for."""
    if value is not None and not child:
        raise InvalidInputError("audience", "is of child sessions: it goes with child=True", value=value)
    return check_optional_id("audience", value)


def check_id(field: str, value: str) -> str:
    """An id of 1 to 128 characters: no `#`, none that are unfit to be shown, no token, encodable as UTF-8."""
    _check_id(field, value, MAX_ID_CHARACTERS)
    if schema.KEY_SEPARATOR in value:
        raise InvalidInputError(field, f"must not contain {schema.KEY_SEPARATOR!r}", value=value)
    return value


def check_optional_id(field: str, value: str | None) -> str | None:
    """An id as `check_id` accepts it, or None for no id."""
    return None if value is None else check_id(field, value)


def check_customer_id(value: str) -> str:
    """A customer's id: 1 to 512 characters, at most 1,000 bytes of UTF-8, none that are unfit to be shown, no token."""
    _check_id("customer_id", value, MAX_CUSTOMER_ID_CHARACTERS)
    size = len(value.encode("utf-8"))
    if size > MAX_CUSTOMER_ID_BYTES:
        problem = f"must have at most {MAX_CUSTOMER_ID_BYTES} bytes of UTF-8, has {size}"
        raise InvalidInputError("customer_id", problem, value=value)
    return value


def check_optional_customer_id(value: str | None) -> str | None:
    """A customer's id as `check_customer_id` accepts it, or None for an anonymous session."""
    return None if value is None else check_customer_id(value)


def check_client(value: str | None) -> str | None:
    """A description of the device or browser."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise InvalidInputError("client", "must be a string", value=value)
    if len(value) > MAX_CLIENT_CHARACTERS:
        raise InvalidInputError("client", f"must have at most {MAX_CLIENT_CHARACTERS} characters", value=value)
    _check_characters("client", value)
    _check_no_token("client", value)
    return value


def check_idempotency_key(value: str | None) -> str | None:
    """An idempotency key: 1 to 255 printable characters of ASCII, or None."""
    if value is not None and not (isinstance(value, str) and re.fullmatch(_IDEMPOTENCY_KEY, value)):
        problem = "must have 1 to 255 printable characters of ASCII"
        raise InvalidInputError("idempotency_key", problem, confidential=True)
    return value


def check_cursor(value: str | None) -> str | None:
    """A cursor: the last session id of a page."""
    if value is not None and not tokens.is_session_id(value):
        raise InvalidInputError("cursor", _WRONG_CURSOR, value=value)
    return value


def check_ending_cursor(value: str | None) -> Cursor | None:
    """A cursor of an end-all or an erasure. The row tells later whether it is of this customer."""
    if value is None:
        return None
    match = re.fullmatch(ENDING_CURSOR_PATTERN, value) if isinstance(value, str) else None
    if match is None:
        raise InvalidInputError("cursor", _WRONG_CURSOR, value=value)
    return Cursor(int(match[1]), match[2], match[3])


def check_limit(value: int, *, maximum: int = MAX_LIMIT) -> int:
    """A page's size, 1 to 100 entries unless the method has another maximum."""
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= maximum:
        raise InvalidInputError("limit", f"must be a whole number from 1 to {maximum}", value=value)
    return value


def check_timeouts(value: Timeouts) -> Timeouts:
    """Idle and absolute timeout. Its own values were checked when it was made."""
    if not isinstance(value, Timeouts):
        raise InvalidInputError("timeouts", "must be Timeouts(idle=..., absolute=...)", value=value)
    return value


def check_version(value: int) -> int:
    """A session's version, a whole number from 1."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InvalidInputError("version", "must be a whole number from 1", value=value)
    return value


def check_max_auth_age(value: timedelta | None) -> timedelta | None:
    """How old a sign-in may be, 0 seconds to 400 days. None accepts any age."""
    if value is not None:
        check_whole_seconds("max_auth_age", value, minimum=timedelta(0), maximum=MAX_ABSOLUTE_TIMEOUT)
    return value


def check_table_name(value: str) -> str:
    """A table's name or ARN, as far as that can be told from its characters."""
    if not isinstance(value, str) or not _TABLE_NAME.fullmatch(value):
        raise InvalidInputError("table_name", "must be the table's name or ARN", value=value)
    return value


def check_optional_text(field: str, value: str | None) -> str | None:
    """A string of any length, also an empty one, or None."""
    if value is not None and not isinstance(value, str):
        raise InvalidInputError(field, "must be a string", value=value)
    return value


def check_flag(field: str, value: bool) -> bool:  # noqa: FBT001 - it is what is checked
    """True or False, and nothing that merely counts as such."""
    if not isinstance(value, bool):
        raise InvalidInputError(field, "must be True or False", value=value)
    return value


def check_activity(value: _T, *more: str) -> _T:
    """How a validation records activity. Some methods accept more values than the two common ones."""
    allowed = ("recorded", "none", *more)
    if value not in allowed:
        raise InvalidInputError("activity", f"must be one of {', '.join(allowed)}", value=value)
    return value


def check_reason(value: EndReason | str) -> EndReason:
    """Why a session ends: a member, or its text."""
    if not isinstance(value, str) or value not in END_REASONS:
        raise InvalidInputError("reason", f"must be one of {', '.join(END_REASONS)}", value=value)
    return EndReason(value)


def check_names(field: str, value: Collection[str]) -> tuple[str, ...]:
    """Names that are not empty. A lone string is one name where several are expected, not the names of its letters."""
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        raise InvalidInputError(field, "must be a list, tuple or set of strings", value=value)
    names = tuple(value)
    for name in names:
        if not isinstance(name, str) or not name:
            raise InvalidInputError(field, "must be strings that are not empty", value=name)
    return names


def check_provider_session(value: _T, customer_id: str | None) -> _T:
    """A provider's session, or None. Its own values were checked when it was made."""
    if value is not None:  # known by its method: with its class every function would hold code that few need
        check_methods("provider_session", value, "enter")
        if customer_id is None:
            raise InvalidInputError("provider_session", "goes with a customer_id")
    return value


def check_function(field: str, value: _T) -> _T:
    """A function, or another callable object. Its parameters are not checked."""
    if not callable(value):
        raise InvalidInputError(field, "must be a function", value=value)
    return value


def check_methods(field: str, value: _T, *names: str) -> _T:
    """An object of the caller's own that has these methods."""
    for name in names:
        if not callable(getattr(value, name, None)):
            raise InvalidInputError(field, f"must have a method {name}", value=value)
    return value


def check_data_key(value: str) -> str:
    """A top-level key of the data."""
    if not isinstance(value, str) or not value:
        raise InvalidInputError("key", "must be a string that is not empty", confidential=True)
    _check_encodable("key", value, confidential=True)
    return value


def check_no_reserved_key(field: str, keys: Collection[str]) -> None:
    """Refuse the library's own key of the data. With it a user could raise the strength of a sign-in."""
    if AUTHENTICATION_KEY in keys:
        raise InvalidInputError(field, f"must leave {AUTHENTICATION_KEY} to the library")


def check_number(field: str, value: float) -> float:
    """A number that DynamoDB can hold."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidInputError(field, "must be a number", value=value)
    from session_store.data import json_data  # noqa: PLC0415 - validations check no data

    if problem := json_data.number_problem(value):
        raise InvalidInputError(field, problem, confidential=True)
    return value


def check_data(
    value: Mapping[str, object],
    *,
    field: str = "data",
    is_patch: bool = False,
    limit: int = MAX_CONTENT_BYTES,
) -> JSONObject:
    """A JSON object: string keys that are not empty, at most 30 levels, numbers that DynamoDB can hold.

    A message says on which level something is wrong. `InvalidInputError.pointer` says where. It may be as large as
    the limit. Of a merge patch that does not count what it deletes.
    """
    if not isinstance(value, Mapping):
        raise InvalidInputError(field, f"must be a JSON object (a dict), not {type(value).__name__}", confidential=True)
    from session_store.data import json_data  # noqa: PLC0415 - as above

    return json_data.check_object(value, field=field, is_patch=is_patch, limit=limit)


def _check_id(field: str, value: str, maximum: int) -> None:
    if not isinstance(value, str):
        raise InvalidInputError(field, "must be a string", value=value)
    _check_no_token(field, value)
    if not 1 <= len(value) <= maximum:
        raise InvalidInputError(field, f"must have 1 to {maximum} characters, has {len(value)}", value=value)
    _check_characters(field, value)


def _check_no_token(field: str, value: str) -> None:
    """An id or a description goes into keys, logs and URLs. A token given by mistake would go there, too."""
    if holds_token(value):
        raise InvalidInputError(field, "must not be a token", confidential=True)


def _check_characters(field: str, value: str) -> None:
    if re.search(_UNFIT, value):
        problem = "must not contain control characters, line separators or marks of text direction"
        raise InvalidInputError(field, problem, value=value)
    _check_encodable(field, value, confidential=False)


def _check_encodable(field: str, value: str, *, confidential: bool) -> None:
    with suppress(UnicodeEncodeError):  # which holds the text: ours is not to have it as its context
        value.encode("utf-8")
        return
    problem = "must be valid Unicode, it contains a lone surrogate"
    raise InvalidInputError(field, problem, value=value, confidential=confidential)
