"""Reading a request's JSON body, strictly: what is ambiguous, or not JSON, is refused instead of guessed at."""

from __future__ import annotations

import binascii
import json
import math
from typing import TYPE_CHECKING, Any, Final

from session_store.data.weights import MAX_ITEM_BYTES
from session_store.errors import InvalidInputError
from session_store.kernel.problems import BodyTooLargeError, UnsupportedMediaTypeError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from session_store.data.types import JSONObject

_ESCAPED: Final = 6  # bytes of an escape like \u003c, for one byte of text; some encoders write <, > and & so
_OTHER_FIELDS: Final = 16 * 1024  # ids, a client's description, a token
_MEDIA_TYPE: Final = "application/json"
_CHARSETS: Final = ("utf-8", "us-ascii")
_FIELD: Final = "body"


def body_limit(data_bytes: int) -> int:
    """How large a body may be that brings at most so many bytes of data, beside other fields."""
    return _ESCAPED * data_bytes + _OTHER_FIELDS


MAX_BODY_BYTES: Final = body_limit(MAX_ITEM_BYTES)


def read_fields(
    event: Mapping[str, Any], headers: Mapping[str, str], known: Sequence[str], *, max_bytes: int = MAX_BODY_BYTES
) -> JSONObject:
    """The body's fields. No body counts as `{}`, and a field that is null as one that is not there.

    Args:
        event: the request as API Gateway delivers it.
        headers: its headers, names in lower case.
        known: names of the fields that may be there.
        max_bytes: how large the body may be. It is not looked into if it is larger.

    Raises:
        UnsupportedMediaTypeError: there is a body, but its content type is not application/json.
        BodyTooLargeError: it is over `max_bytes`.
        InvalidInputError: it is not a JSON object of known fields.
    """
    fields = read_object(event, headers, max_bytes=max_bytes) if event.get("body") else {}
    if unknown := [name for name in fields if name not in known]:
        problem = f"is not a field of this request; known are {', '.join(known)}"
        raise InvalidInputError(unknown[0], problem, confidential=True)
    return {name: value for name, value in fields.items() if value is not None}


def read_object(event: Mapping[str, Any], headers: Mapping[str, str], *, max_bytes: int = MAX_BODY_BYTES) -> JSONObject:
    """The body, which has to be there, as a JSON object of any fields, null ones included.

    Raises:
        UnsupportedMediaTypeError: its content type is not application/json.
        BodyTooLargeError: it is over `max_bytes`.
        InvalidInputError: it is not a JSON object.
    """
    _check_media_type(headers.get("content-type", ""))
    base64_encoded = bool(event.get("isBase64Encoded"))
    return _parse(_decode(event.get("body") or "", max_bytes, base64_encoded=base64_encoded))


def _check_media_type(content_type: str) -> None:
    media_type, *parameters = (part.strip().lower() for part in content_type.split(";"))
    charsets = [value.strip('" ') for name, _, value in (p.partition("=") for p in parameters) if name == "charset"]
    if media_type != _MEDIA_TYPE or any(charset not in _CHARSETS for charset in charsets):
        raise UnsupportedMediaTypeError(f"send the body as {_MEDIA_TYPE} in UTF-8, with that Content-Type")


def _decode(body: str, max_bytes: int, *, base64_encoded: bool) -> str:
    try:
        content = binascii.a2b_base64(body, strict_mode=True) if base64_encoded else body.encode("utf-8")
        if len(content) > max_bytes:
            raise BodyTooLargeError(f"the body has {len(content)} bytes, allowed are {max_bytes}")
        return content.decode("utf-8")
    except ValueError:  # binascii.Error, UnicodeEncodeError and UnicodeDecodeError
        raise InvalidInputError(_FIELD, "must be text in UTF-8", confidential=True) from None


def _parse(text: str) -> JSONObject:
    try:
        value = json.loads(
            text, object_pairs_hook=_unique, parse_constant=_refuse_constant, parse_float=_parse_finite_float
        )
    except json.JSONDecodeError as error:
        problem = f"must be JSON; it is not at line {error.lineno}, column {error.colno}"
        raise InvalidInputError(_FIELD, problem, confidential=True) from None
    except RecursionError:
        raise InvalidInputError(_FIELD, "is nested too deeply", confidential=True) from None
    except _NotStrictError as error:
        raise InvalidInputError(_FIELD, str(error), confidential=True) from None
    except ValueError:  # the only one left is Python's limit on the digits of an integer
        raise InvalidInputError(_FIELD, "holds a number with too many digits", confidential=True) from None
    if not isinstance(value, dict):
        raise InvalidInputError(_FIELD, "must be a JSON object", confidential=True)
    return value


class _NotStrictError(ValueError):
    """The text is valid for Python's parser and invalid here."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise _NotStrictError("must not repeat a key within an object")
    return result


def _refuse_constant(name: str) -> float:
    raise _NotStrictError(f"must be JSON, which has no {name}")


def _parse_finite_float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise _NotStrictError("holds a number that is too large")
    return value
