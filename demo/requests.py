"""The parts of a request that the handlers need, from an event of payload format 2.0."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from session_store import SessionSettings
from session_store.web import current_session

if TYPE_CHECKING:
    from collections.abc import Mapping

FORM_TYPE: Final = "application/x-www-form-urlencoded"
_MAX_FORM_BYTES: Final = 4096
_MAX_FIELDS: Final = 10
COOKIE_NAME: Final = SessionSettings.from_environment().cookie_name


class BadRequestError(Exception):
    """The request is none that a page of this application makes."""


def query(event: Mapping[str, Any]) -> Mapping[str, str]:
    """The parameters in the URL."""
    parameters: Mapping[str, str] = event.get("queryStringParameters") or {}
    return parameters


def path(event: Mapping[str, Any]) -> str:
    """The path in the URL."""
    return str(event.get("rawPath", ""))


def is_head(event: Mapping[str, Any]) -> bool:
    """Whether only the headers of the answer are asked for."""
    return bool(event["requestContext"]["http"]["method"] == "HEAD")


def header(event: Mapping[str, Any], name: str) -> str:
    """A header's value, empty when it is missing.

    Args:
        event: the request.
        name: in lower case.
    """
    headers: Mapping[str, str] = event.get("headers") or {}
    return next((value for key, value in headers.items() if key.lower() == name), "")


def form(event: Mapping[str, Any]) -> dict[str, str]:
    """The fields of a posted form.

    Raises:
        BadRequestError: the body is no form, or too large for one of ours.
    """
    if header(event, "content-type").partition(";")[0].strip().lower() != FORM_TYPE:
        raise BadRequestError("not a form")
    body = _body(event)
    if len(body) > _MAX_FORM_BYTES:
        raise BadRequestError("the form is too large")
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MAX_FIELDS, errors="strict"))
    except ValueError:
        raise BadRequestError("not a form in UTF-8") from None


def form_of_this_session(event: Mapping[str, Any]) -> dict[str, str]:
    """Like `form`, of a page that was made in the session that is signed in now.

    Raises:
        AnotherSessionError: another tab has signed in or out since.
    """
    fields = form(event)
    current_session().check_binding(fields.get("binding"))
    return fields


def cookie(event: Mapping[str, Any], name: str) -> str:
    """A cookie's value, empty when the browser sent none."""
    cookies: list[str] = event.get("cookies") or header(event, "cookie").split(";")
    pairs = (each.strip().partition("=") for each in cookies)
    return next((value for key, _, value in pairs if key == name), "")


def presents_session(event: Mapping[str, Any]) -> bool:
    """Whether the browser sent a session cookie, good or not."""
    return bool(cookie(event, COOKIE_NAME))


def _body(event: Mapping[str, Any]) -> bytes:
    body = str(event.get("body") or "")
    try:
        return base64.b64decode(body, validate=True) if event.get("isBase64Encoded") else body.encode()
    except ValueError:  # binascii.Error and UnicodeEncodeError are both
        raise BadRequestError("neither text nor base64") from None
