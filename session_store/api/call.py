"""One request as the handlers see it: parameters and fields, read with their types checked."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, cast

from session_store.checks import check_activity
from session_store.errors import InvalidInputError
from session_store.model import MAX_ABSOLUTE_TIMEOUT
from session_store.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from session_store.data.types import JSONObject
    from session_store.model import WebActivity

DEFAULT_LIMIT: Final = 25  # of a page
MAX_SECONDS: Final = int(MAX_ABSOLUTE_TIMEOUT.total_seconds())
_MAX_DIGITS: Final = 18  # of a query parameter: more than any that is good, less than Python refuses to read


@dataclass(frozen=True, slots=True)
class Call:
    """One request, as its handler reads it.

    Attributes:
        path: the path parameters, decoded.
        query: the query parameters, only known ones.
        body: the fields of the JSON body, only known ones, none of them null.
        idempotency_key: the caller's key. None if the request has none, or its route takes none.
    """

    path: Mapping[str, str]
    query: Mapping[str, str]
    body: JSONObject
    idempotency_key: str | None = None

    def text(self, name: str) -> str | None:
        """A field that is a string, or None."""
        value = self.body.get(name)
        if value is not None and not isinstance(value, str):
            raise InvalidInputError(name, "must be a string", value=value)
        return value

    def token(self, name: str) -> str | None:
        """A field that is a token, or None. It never shows in a message."""
        value = self.body.get(name)
        if value is not None and not isinstance(value, str):
            raise InvalidInputError(name, "must be a token, a string", confidential=True)
        return value

    def texts(self, name: str) -> list[str] | None:
        """A field that is a list of strings, or None."""
        value = self.body.get(name)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise InvalidInputError(name, "must be a list of strings", value=value)
        return cast("list[str]", value)

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A field that is true or false. The default when it is not there."""
        value = self.body.get(name, default)
        if not isinstance(value, bool):
            raise InvalidInputError(name, "must be true or false", value=value)
        return value

    def activity(self) -> WebActivity:
        """Whether the request counts as activity, by its field or its parameter. It does unless told otherwise."""
        value = self.query.get("activity", self.text("activity"))
        return "recorded" if value is None else cast("WebActivity", check_activity(value))

    def data(self) -> JSONObject | None:
        """The field `data`, an object, or None. It never shows in a message."""
        value = self.body.get("data")
        if value is not None and not isinstance(value, dict):
            raise InvalidInputError("data", "must be a JSON object", confidential=True)
        return value

    def seconds(self, name: str, *, minimum: int = 1) -> timedelta | None:
        """A field that is a number of whole seconds, or None."""
        value = self.body.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not minimum <= value <= MAX_SECONDS:
            raise InvalidInputError(name, f"must be whole seconds from {minimum} to {MAX_SECONDS}", value=value)
        return timedelta(seconds=value)

    def number(self, name: str, default: int) -> int:
        """A query parameter that is a whole number."""
        number = self.optional_number(name)
        return default if number is None else number

    def optional_number(self, name: str) -> int | None:
        """A query parameter that is a whole number, or None."""
        text = self.query.get(name)
        if text is None:
            return None
        if not (text.isascii() and text.removeprefix("-").isdigit() and len(text) <= _MAX_DIGITS):
            raise InvalidInputError(name, "must be a whole number", value=text)
        return int(text)
